; INT 10h AH=0Ch, 0Dh.

; ---- pixels: CX = x, DX = y, BH = page, AL = colour ----
; ES:DI = byte, CH = mask, CL = shift of a CGA pixel; AH = model.
pixel_address:
        call current_mode
        mov ah, [cs:si + 2]
        mov cx, [bp + R_CX]
        mov dx, [bp + R_DX]
        mov bx, 0xA000
        cmp ah, KIND_BYTES
        je .bytes
        cmp ah, KIND_PLANAR
        je .planar
        mov bx, 0xB800
        mov di, dx
        shr di, 1
        imul di, di, 80
        test dl, 1
        jz .even
        add di, 0x2000
.even:
        mov dx, cx
        cmp ah, KIND_CGA4
        je .four
        shr dx, 3
        add di, dx
        not cl
        and cl, 7
        mov ch, 1
        jmp .mask
.four:
        shr dx, 2
        add di, dx
        not cl
        and cl, 3
        shl cl, 1
        mov ch, 3
.mask:
        shl ch, cl
        jmp .end
.bytes:
        imul di, dx, 320
        add di, cx
        jmp .end
.planar:
        push ax
        mov ax, [V_COLUMNS]
        mul dx
        mov di, ax
        movzx ax, byte [bp + R_BH]
        mul word [V_PAGE_SIZE]
        add di, ax
        pop ax
        mov dx, cx
        shr dx, 3
        add di, dx
        and cl, 7
        mov ch, 0x80
        shr ch, cl
.end:
        mov es, bx
        ret

write_pixel:
        call pixel_address
        mov al, [bp + R_AL]
        cmp ah, KIND_TEXT
        je end_service
        cmp ah, KIND_BYTES
        je .bytes
        cmp ah, KIND_PLANAR
        je .planar
        mov ah, al
        shl al, cl
        and al, ch
        test ah, 0x80
        jnz .xor
        not ch
        and [es:di], ch
.xor:
        xor [es:di], al
        jmp end_service
.bytes:
        mov [es:di], al
        jmp end_service
.planar:
        mov bx, cx
        mov cl, KIND_PLANAR
        mov ch, al
        mov ah, bh
        mov al, 8                       ; bit mask
        call set_graphics
        mov ax, 0x0F01
        call set_graphics
        test ch, 0x80
        jz .colour
        mov ax, 0x1803
        call set_graphics
.colour:
        mov al, 0
        mov ah, ch
        and ah, 0x0F
        call set_graphics
        mov al, [es:di]
        mov [es:di], al
        call write_mode_0
        jmp end_service

read_pixel:
        call pixel_address
        cmp ah, KIND_TEXT
        je end_service
        mov al, [es:di]
        cmp ah, KIND_BYTES
        je .answer
        cmp ah, KIND_PLANAR
        je .planar
        and al, ch
        shr al, cl
        jmp .answer
.planar:
        mov bl, 0
        mov bh, ch
        mov cx, 0x0300 + KIND_PLANAR    ; CH = plane
.plane:
        mov al, 4
        mov ah, ch
        call set_graphics
        shl bl, 1
        test [es:di], bh
        jz .clear
        inc bl
.clear:
        dec ch
        jns .plane
        mov al, bl
.answer:
        mov [bp + R_AL], al
        jmp end_service
