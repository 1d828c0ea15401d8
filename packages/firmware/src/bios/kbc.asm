; 8042 keyboard controller: commands and bytes, all with time-outs, all by polling.
; Source: IBM PS/2 hardware interface technical reference, keyboard and auxiliary device controller.

KBC_DATA        equ 0x60
KBC_STATUS      equ 0x64

; Controller command AL. Keeps every register.
kbc_command:
        push ax
        call kbc_wait_ready
        pop ax
        out KBC_STATUS, al
        ret

; Byte AL to the data port. Keeps every register.
kbc_write:
        push ax
        call kbc_wait_ready
        pop ax
        out KBC_DATA, al
        ret

; Wait until the controller takes a byte. Destroys AL.
kbc_wait_ready:
        push cx
        xor cx, cx
.poll:
        in al, KBC_STATUS
        test al, 2
        jz .ready
        call io_pause
        loop .poll
.ready:
        pop cx
        ret

; About a microsecond on hardware: a write to the POST port's neighbour.
io_pause:
        out 0xED, al
        ret

; AL = next byte, AH = status it came with; CF = 1 when none came within EAX microseconds.
kbc_read:
        call wait_start
.poll:
        in al, KBC_STATUS
        test al, 1
        jnz .byte
        call wait_over
        jnc .poll
        ret
.byte:
        mov ah, al
        in al, KBC_DATA
        clc
        ret

; Throw away what is in the output buffer.
kbc_flush:
        push cx
        push ax
        mov cx, 64
.poll:
        in al, KBC_STATUS
        test al, 1
        jz .end
        in al, KBC_DATA
        call io_pause
        loop .poll
.end:
        pop ax
        pop cx
        ret

; Command byte := AL.
kbc_set_mode:
        push ax
        mov al, 0x60
        call kbc_command
        pop ax
        jmp kbc_write

; Byte AL to the keyboard; CF = 1 without acknowledge (FAh).
keyboard_send:
        push bx
        push cx
        mov bl, al
        mov bh, 3                       ; FEh asks for the byte again
.again:
        mov al, bl
        call kbc_write
        mov cx, 8                       ; old key bytes may come before the acknowledge
.answer:
        mov eax, 20000
        call kbc_read
        jc .end
        cmp al, 0xFA
        je .end
        cmp al, 0xFE
        je .resend
        loop .answer
        stc
        jmp .end
.resend:
        dec bh
        jnz .again
        stc
.end:
        pop cx
        pop bx
        ret

; Byte AL to the pointing device; CF = 1 without acknowledge.
mouse_send:
        push bx
        push cx
        mov bl, al
        mov al, 0xD4
        call kbc_command
        mov al, bl
        call kbc_write
        mov cx, 16                      ; a packet under way may come first
.answer:
        mov eax, 20000
        call kbc_read
        jc .end
        test ah, 0x20
        jz .answer_next
        cmp al, 0xFA
        je .end
        cmp al, 0xFE
        je .fail
        cmp al, 0xFC
        je .fail
.answer_next:
        loop .answer
.fail:
        stc
.end:
        pop cx
        pop bx
        ret

; ---- POST ----
init_keyboard:
        mov al, 0xAD                    ; both interfaces off while the controller is tested
        call kbc_command
        mov al, 0xA7
        call kbc_command
        call kbc_flush
        mov al, 0xAA
        call kbc_command
        mov eax, 500000
        call kbc_read
        jc .absent
        cmp al, 0x55
        jne .absent
        mov al, 0x74                    ; interrupts off, translation on, keyboard off until asked
        and al, 0x64
        call kbc_set_mode
        mov al, 0xAE
        call kbc_command
        mov al, 0xFF                    ; reset; the self-test answers AAh
        call keyboard_send
        jc .on
        mov eax, 1000000
        call kbc_read
        mov al, 0xF5
        call keyboard_send
        mov al, 0xF0                    ; scan code set 2, translated to set 1 by the controller
        call keyboard_send
        mov al, 2
        call keyboard_send
        mov al, 0xED
        call keyboard_send
        mov al, 0
        call keyboard_send
        mov al, 0xF4
        call keyboard_send
.on:
        mov al, 0x65                    ; IRQ 1, system flag, pointing device off, translation
        call kbc_set_mode
        mov ax, SEG_BDA
        mov ds, ax
        mov byte [BDA_KB_FLAGS3], 0x10  ; enhanced keyboard
.absent:
        ret

init_mouse:
        mov ax, SEG_EBDA
        mov es, ax
        mov ax, SEG_BDA
        mov ds, ax
        mov al, 0x45                    ; no IRQ 12 yet
        call kbc_set_mode
        mov al, 0xA8
        call kbc_command
        mov al, 0xFF
        call mouse_send
        jc .absent
        mov eax, 1000000
        call kbc_read
        jc .absent
        cmp al, 0xAA
        jne .absent
        mov eax, 100000
        call kbc_read                   ; device id 0
        mov byte [es:EB_MOUSE_PRESENT], 1
        or byte [BDA_EQUIPMENT], 0x04
        mov al, 0x47                    ; IRQ 12 too
        jmp kbc_set_mode
.absent:
        mov al, 0xA7
        call kbc_command
        mov al, 0x65
        jmp kbc_set_mode
