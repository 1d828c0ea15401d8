; 8259A, 8254, 8237A: the parts every PC has. Sources: Intel data sheets of the three chips.

PIC1            equ 0x20
PIC2            equ 0xA0

init_pic:
        mov al, 0x11                    ; ICW1: edge, cascade, ICW4 follows
        out PIC1, al
        out PIC2, al
        mov al, 0x08                    ; ICW2: vectors 08h-0Fh, 70h-77h
        out PIC1 + 1, al
        mov al, 0x70
        out PIC2 + 1, al
        mov al, 0x04                    ; ICW3: the second PIC on input 2
        out PIC1 + 1, al
        mov al, 0x02
        out PIC2 + 1, al
        mov al, 0x01                    ; ICW4: 8086 mode, normal EOI
        out PIC1 + 1, al
        out PIC2 + 1, al
        mov al, 0xB8                    ; open: timer, keyboard, cascade, diskette
        out PIC1 + 1, al
        mov al, 0x2F                    ; open: mouse, IDE; the clock's is opened on use
        out PIC2 + 1, al
        ret

; Counter 0: 18.2 Hz; counter 1: refresh, as programs that look at port 61h expect; 2: speaker.
init_timer:
        mov al, 0x34                    ; counter 0, low then high byte, mode 2
        out 0x43, al
        mov al, 0
        out 0x40, al
        out 0x40, al
        mov al, 0x54                    ; counter 1, low byte, mode 2
        out 0x43, al
        mov al, 18
        out 0x41, al
        mov al, 0xB6                    ; counter 2, mode 3
        out 0x43, al
        mov ax, 1331
        out 0x42, al
        mov al, ah
        out 0x42, al
        in al, 0x61
        and al, 0xFC                    ; speaker off
        out 0x61, al
        ret

; Both controllers cleared; channel 4 cascades the first one.
init_dma:
        mov al, 0
        out 0x0D, al
        out 0xDA, al
        out 0x08, al
        out 0xD0, al
        mov al, 0xC0
        out 0xD6, al
        mov al, 0
        out 0xD4, al                    ; unmask channel 4
        mov al, 0x0E
        out 0x0F, al                    ; channels 1-3 shut, 0 was never used on the AT
        ret

; ---- time-outs that need no interrupt: polls of PIT counter 0 ----

; Start a time-out of EAX microseconds. Keeps every register but EAX.
wait_start:
        push es
        push edx
        push word SEG_EBDA
        pop es
        mov edx, 1193182
        mul edx
        push ecx
        mov ecx, 1000000
        div ecx
        pop ecx
        inc eax
        mov [es:EB_WAIT_LEFT], eax
        call read_pit
        mov [es:EB_WAIT_LAST], ax
        pop edx
        pop es
        ret

; CF = 1 when the time is over. To be polled at least every 50 ms. Keeps every register.
wait_over:
        push es
        push eax
        push ebx
        push word SEG_EBDA
        pop es
        call read_pit
        mov bx, [es:EB_WAIT_LAST]
        mov [es:EB_WAIT_LAST], ax
        sub bx, ax                      ; the counter counts down through 65536
        movzx ebx, bx
        sub [es:EB_WAIT_LEFT], ebx
        jnc .left
        mov dword [es:EB_WAIT_LEFT], 0
        stc
.left:
        pop ebx
        pop eax
        pop es
        ret

; Wait EAX microseconds.
delay:
        call wait_start
.poll:
        call wait_over
        jnc .poll
        ret

; AX = latched count of counter 0.
read_pit:
        pushf
        cli
        mov al, 0
        out 0x43, al
        in al, 0x40
        mov ah, al
        in al, 0x40
        xchg al, ah
        popf
        ret
