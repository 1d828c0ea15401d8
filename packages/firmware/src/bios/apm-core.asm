; APM functions on registers alone, included for 16-bit and for 32-bit callers.
        cmp al, 0x05                    ; CPU idle
        je .idle
        cmp al, 0x07
        je .set_state
        cmp al, 0x0A
        je .power
        cmp al, 0x0B
        je .no_event
        cmp al, 0x0C
        je .state
        cmp al, 0x0E
        je .version
        cmp al, 0x06
        jb .unsupported
        cmp al, 0x10
        ja .unsupported
.ok:
        mov ah, 0
        clc
        ret
.idle:
        sti
        hlt
        jmp .ok
.set_state:
        cmp bx, 1
        jne .ok
        cmp cx, 3
        jne .ok
        push edx
        mov dx, PM_BASE + PM1_CONTROL
        mov ax, PM_SOFT_OFF
        out dx, ax
        pop edx
        jmp .ok
.power:
        mov bx, 0x01FF                  ; on line, no battery
        mov cx, 0x80FF
        jmp .ok
.no_event:
        mov ah, 0x80
        stc
        ret
.state:
        mov cx, 0
        jmp .ok
.version:
        mov ax, 0x0102
        clc
        ret
.unsupported:
        mov ah, 0x09
        stc
        ret
