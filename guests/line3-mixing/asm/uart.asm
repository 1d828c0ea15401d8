; COM1: 19200 baud, 8 data bits, even parity, 1 stop bit (the default of "MODBUS over serial line" V1.02, 2.5.1).
; A frame ends with 3.5 characters of silence in guest time. No request is shorter than 8 bytes, so the FIFO interrupts at 8; from then on
; the clock chip's periodic interrupt (2048 a second) takes bytes and looks for the silence, and goes off again at the frame's end. What
; stays shorter is ended by the UART itself: its character timeout comes after 4 characters without one.
COM1            equ 0x3F8
UART_DIVISOR    equ 6           ; 115200 / 19200
CHARACTER_BITS  equ 11          ; start, 8, parity, stop
SILENCE_CLOCKS  equ 1193182*CHARACTER_BITS*35/(19200*10)
FRAME_MAX       equ 256

uart_init:
        mov dx, COM1+1
        xor al, al
        out dx, al              ; no interrupts yet
        mov dx, COM1+3
        mov al, 0x80            ; divisor
        out dx, al
        mov dx, COM1
        mov al, UART_DIVISOR
        out dx, al
        inc dx
        xor al, al
        out dx, al
        mov dx, COM1+3
        mov al, 0x1B            ; 8E1
        out dx, al
        mov dx, COM1+2
        mov al, 0x87            ; FIFO on and empty, interrupt at 8 bytes
        out dx, al
        mov dx, COM1+4
        mov al, 0x0B            ; DTR, RTS, OUT2 (interrupt gate)
        out dx, al
        mov dx, COM1+1
        mov al, 0x05            ; received data, line status
        out dx, al
        ret

irq_uart:
        pushad
.again:
        mov dx, COM1+2
        in al, dx
        test al, 1
        jnz .done               ; nothing (more) pending
        and al, 0x0E
        cmp al, 0x02
        je .send
        mov cl, al
        call receive_all
        cmp cl, 0x0C            ; character timeout: silence
        jne .again
        cmp dword [rx_count], 0
        je .again
        call frame_ended
        jmp .again
.send:
        call send_more
        jmp .again
.done:
        mov al, EOI
        out PIC1, al
        popad
        iretd

; Everything in the FIFO. Preserves CL.
receive_all:
        mov dx, COM1+5
        in al, dx
        test al, 1
        jz .done
        mov bl, al
        mov dx, COM1
        in al, dx
        push ecx
        call receive_byte
        pop ecx
        jmp receive_all
.done:
        ret

; AL byte, BL line status.
receive_byte:
        mov bh, al
        cmp dword [modbus_frame_ready], 0
        jne .ignored            ; the last frame is not answered yet: a master that does not wait is not heard
        cmp dword [tx_left], 0
        jne .ignored
        call now_clocks
        mov ecx, eax
        xchg ecx, [rx_clock]
        cmp dword [rx_count], 0
        je .first
        sub eax, ecx
        cmp eax, SILENCE_CLOCKS
        jb .store
        call frame_ended        ; the silence was there, but nobody had looked yet
        jmp .ignored
.first:
        mov dword [rx_damaged], 0
        call silence_watch_on
.store:
        test bl, 0x1E           ; overrun, parity, framing, break
        jz .good
        mov dword [rx_damaged], 1
.good:
        mov ecx, [rx_count]
        cmp ecx, FRAME_MAX
        jae .too_long
        mov [MODBUS_RX+ecx], bh
        inc dword [rx_count]
        ret
.too_long:
        mov dword [rx_damaged], 1
.ignored:
        ret

; The receiver's silence is long enough: a frame for the main loop.
frame_ended:
        call silence_watch_off
        mov dword [modbus_frame_ready], 1
        ret

silence_watch_on:
        mov al, 0x8A            ; register A: 32.768 kHz base, 2048 a second (NMI stays off)
        out 0x70, al
        mov al, 0x25
        out 0x71, al
        mov al, 0x8B
        out 0x70, al
        in al, 0x71
        or al, 0x40
        mov ah, al
        mov al, 0x8B
        out 0x70, al
        mov al, ah
        out 0x71, al
        mov al, 0x0C            ; an old request is read away
        call cmos
        ret
silence_watch_off:
        mov al, 0x8B
        out 0x70, al
        in al, 0x71
        and al, 0xBF
        mov ah, al
        mov al, 0x8B
        out 0x70, al
        mov al, ah
        out 0x71, al
        mov al, 0x0C
        call cmos
        ret

irq_rtc:
        pushad
        mov al, 0x0C
        call cmos
        call receive_all
        cmp dword [rx_count], 0
        je .done
        cmp dword [modbus_frame_ready], 0
        jne .done
        call now_clocks
        sub eax, [rx_clock]
        cmp eax, SILENCE_CLOCKS
        jb .done
        call frame_ended
.done:
        mov al, EOI
        out PIC2, al
        out PIC1, al
        popad
        iretd

; Up to a FIFO's worth of the answer; after the last byte the transmit interrupt is closed.
send_more:
        mov ebx, 16
.next:
        cmp dword [tx_left], 0
        je .all
        mov esi, [tx_next]
        lodsb
        mov [tx_next], esi
        mov dx, COM1
        out dx, al
        dec dword [tx_left]
        dec ebx
        jnz .next
        ret
.all:
        mov dx, COM1+1
        mov al, 0x05
        out dx, al
        ret

; Starts sending ECX bytes of MODBUS_TX.
uart_send:
        cli
        mov dword [tx_next], MODBUS_TX
        mov [tx_left], ecx
        mov dx, COM1+1
        mov al, 0x07            ; with transmitter empty: it interrupts at once
        out dx, al
        sti
        ret

align 4, db 0
rx_count        dd 0
rx_clock        dd 0            ; time of the newest byte
rx_damaged      dd 0
tx_next         dd 0
tx_left         dd 0
modbus_frame_ready dd 0
