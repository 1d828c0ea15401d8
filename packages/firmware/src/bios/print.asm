; Text on the screen during POST, through INT 10h like anybody else's.

; Print the zero-ended string at CS:SI. Keeps every register but SI.
print:
        push ax
        push bx
.next:
        mov al, [cs:si]
        inc si
        test al, al
        jz .end
        call print_char
        jmp .next
.end:
        pop bx
        pop ax
        ret

print_char:
        pusha
        push ds
        push es
        mov ah, 0x0E
        mov bx, 0x0007
        int 0x10
        pop es
        pop ds
        popa
        ret

; Print the zero-ended string at ES:DI.
print_es:
        push ax
        push di
.next:
        mov al, [es:di]
        inc di
        test al, al
        jz .end
        call print_char
        jmp .next
.end:
        pop di
        pop ax
        ret

; Print EAX in decimal.
print_decimal:
        pushad
        xor cx, cx
        mov ebx, 10
.divide:
        xor edx, edx
        div ebx
        push dx
        inc cx
        test eax, eax
        jnz .divide
.digit:
        pop ax
        add al, '0'
        call print_char
        loop .digit
        popad
        ret

; Set the colour that following text gets by writing attribute BL over CX cells from the cursor on.
paint:
        pusha
        mov ah, 0x09
        mov al, ' '
        mov bh, 0
        int 0x10
        popa
        ret

print_banner:
        mov bl, 0x0F
        mov cx, 80
        call paint
        mov si, text_banner
        call print
        ret

print_memory:
        mov si, text_memory
        call print
        mov ax, SEG_EBDA
        mov es, ax
        mov eax, [es:EB_RAM_LOW]
        shr eax, 20
        mov edx, [es:EB_RAM_HIGH]
        shr edx, 4
        add eax, edx
        call print_decimal
        mov si, text_mib
        call print
        ret

text_banner:
        db "Millwright PC BIOS 1.0", 13, 10, 13, 10, 0
text_memory:
        db "Memory    ", 0
text_mib:
        db " MiB", 13, 10, 0
