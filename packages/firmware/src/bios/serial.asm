; INT 14h on 16550 UARTs, INT 17h on parallel ports.

find_serial_ports:
        mov ax, SEG_BDA
        mov ds, ax
        mov si, serial_bases
        mov di, BDA_COM
        xor cx, cx
.next:
        mov dx, [cs:si]
        test dx, dx
        jz .end
        add dx, 7                       ; the scratch register keeps a byte where a UART is
        mov al, 0x5A
        out dx, al
        in al, dx
        cmp al, 0x5A
        jne .absent
        sub dx, 5                       ; its interrupt identification has bits 5, 4 clear
        in al, dx
        test al, 0x30
        jnz .absent
        sub dx, 2
        mov [di], dx
        add di, 2
        inc cx
.absent:
        add si, 2
        jmp .next
.end:
        mov al, cl
        shl al, 1
        and byte [BDA_EQUIPMENT + 1], 0xF1
        or [BDA_EQUIPMENT + 1], al
        jcxz .none
        mov si, text_serial
        call print
        movzx eax, cx
        call print_decimal
        mov si, text_line
        call print
.none:
        ret
serial_bases:
        dw 0x3F8, 0x2F8, 0x3E8, 0x2E8, 0

find_parallel_ports:
        mov si, parallel_bases
        mov di, BDA_LPT
        xor cx, cx
.next:
        mov dx, [cs:si]
        test dx, dx
        jz .end
        mov al, 0xAA                    ; the data latch reads back
        out dx, al
        in al, dx
        cmp al, 0xAA
        jne .absent
        mov [di], dx
        add di, 2
        inc cx
.absent:
        add si, 2
        jmp .next
.end:
        shl cl, 6
        and byte [BDA_EQUIPMENT + 1], 0x3F
        or [BDA_EQUIPMENT + 1], cl
        ret
parallel_bases:
        dw 0x378, 0x278, 0

; Divisors of 110, 150, 300, 600, 1200, 2400, 4800, 9600, 19200 baud.
serial_divisors:
        dw 1047, 768, 384, 192, 96, 48, 24, 12, 6

int14_entry:
        sti
        ENTER_SERVICE
        mov bx, [bp + R_DX]
        cmp bx, 4
        jae .end
        movzx cx, byte [bx + BDA_COM_TIMEOUT]
        shl bx, 1
        mov dx, [bx + BDA_COM]
        test dx, dx
        jz .end
        mov al, [bp + R_AH]
        cmp al, 0
        je .initialize
        cmp al, 1
        je .send
        cmp al, 2
        je .receive
        cmp al, 3
        je .status
        cmp al, 4
        je .extended
.end:
        LEAVE_SERVICE
.initialize:
        mov bl, [bp + R_AL]
        mov al, bl
        and al, 0x1F                    ; parity, stop bits, length as the line control wants them
        mov ah, al
        shr bl, 5
.divisor:
        mov bh, 0
        shl bx, 1
        mov cx, [cs:bx + serial_divisors]
        push ax
        add dx, 3
        in al, dx
        or al, 0x80
        out dx, al
        sub dx, 3
        mov al, cl
        out dx, al
        inc dx
        mov al, ch
        out dx, al
        add dx, 2
        pop ax
        mov al, ah
        out dx, al
        sub dx, 2
        mov al, 0
        out dx, al                      ; interrupts off
        dec dx
        jmp .status
.extended:
        mov ah, [bp + R_CH]             ; length 0-3
        and ah, 3
        cmp byte [bp + R_BL], 0
        je .stop
        or ah, 4
.stop:
        mov al, [bp + R_BH]
        and al, 7
        mov bl, al
        mov al, 0
        test bl, bl
        jz .parity
        mov al, 0x08                    ; odd
        cmp bl, 1
        je .parity
        mov al, 0x18                    ; even
.parity:
        or ah, al
        mov bl, [bp + R_CL]
        cmp bl, 8
        jbe .divisor
        mov bl, 8
        jmp .divisor
.send:
        add dx, 4
        in al, dx
        or al, 3                        ; DTR, RTS
        out dx, al
        inc dx
        mov ah, 0x20
        call .wait
        jc .timeout
        sub dx, 5
        mov al, [bp + R_AL]
        out dx, al
        add dx, 5
        in al, dx
        and al, 0x7F
        mov [bp + R_AH], al
        LEAVE_SERVICE
.receive:
        add dx, 5
        mov ah, 0x01
        call .wait
        jc .timeout
        and al, 0x1E
        mov [bp + R_AH], al
        sub dx, 5
        in al, dx
        mov [bp + R_AL], al
        LEAVE_SERVICE
.timeout:
        in al, dx
        or al, 0x80
        mov [bp + R_AH], al
        LEAVE_SERVICE
.status:
        add dx, 5
        in al, dx
        mov [bp + R_AH], al
        inc dx
        in al, dx
        mov [bp + R_AL], al
        LEAVE_SERVICE
; Wait until a bit of AH shows in the line status; CX tenths of a second (the table's unit).
.wait:
        push eax
        movzx eax, cx
        imul eax, eax, 100000
        call wait_start
        pop eax
.poll:
        in al, dx
        test al, ah
        jnz .ready
        call wait_over
        jnc .poll
        ret
.ready:
        clc
        ret

int17_entry:
        sti
        ENTER_SERVICE
        mov bx, [bp + R_DX]
        cmp bx, 3
        jae .end
        shl bx, 1
        mov dx, [bx + BDA_LPT]
        test dx, dx
        jz .end
        mov al, [bp + R_AH]
        cmp al, 2
        ja .end
        je .status
        cmp al, 0
        je .send
        add dx, 2                       ; initialize: INIT low, then select
        mov al, 0x08
        out dx, al
        mov eax, 3000
        call delay
        mov al, 0x0C
        out dx, al
        sub dx, 2
        jmp .status
.send:
        mov al, [bp + R_AL]
        out dx, al
        add dx, 2
        mov al, 0x0D                    ; strobe
        out dx, al
        mov al, 0x0C
        out dx, al
        sub dx, 2
.status:
        inc dx
        in al, dx
        and al, 0xF8
        xor al, 0x48
        mov [bp + R_AH], al
.end:
        LEAVE_SERVICE

text_serial:
        db "Serial    ports: ", 0
