; VBE functions 4F03h-4F09h and 4F15h: state, windows, display start, palette, EDID.

vbe_get_mode:
        mov ax, [V_VBE_MODE]
        test ax, ax
        jnz .set
        movzx ax, byte [V_MODE]
.set:
        mov [bp + R_BX], ax
        jmp vbe_ok

; 4F04h: DL 0 size, 1 save, 2 restore; CX as AH=1Ch, bit 3 the display interface's registers.
vbe_state:
        mov cx, [bp + R_CX]
        mov dl, [bp + R_DL]
        cmp dl, 2
        ja vbe_failed
        cmp dl, 0
        jne .move
        call state_blocks
        test cl, 8
        jz .size
        inc bx
.size:
        mov [bp + R_BX], bx
        jmp vbe_ok
.move:
        mov es, [bp + R_ES]
        mov di, [bp + R_BX]
        push cx
        call state_blocks
        pop cx
        push bx
        cmp dl, 2
        je .restore
        call save_parts
        pop bx
        test byte [bp + R_CL], 8
        jz vbe_ok
        shl bx, 6
        mov di, [bp + R_BX]
        add di, bx
        mov cl, DI_XRES
.save:
        mov al, cl
        call dispi_read
        stosw
        inc cl
        cmp cl, DI_Y
        jbe .save
        jmp vbe_ok
.restore:
        call restore_parts
        pop bx
        test byte [bp + R_CL], 8
        jz vbe_ok
        shl bx, 6
        mov di, [bp + R_BX]
        add di, bx
        mov si, .order
        mov cx, 9
.register:
        movzx bx, byte [cs:si]
        inc si
        mov al, bl
        dec bx
        shl bx, 1
        push di
        add di, bx
        mov bx, [es:di]
        pop di
        cmp al, DI_ENABLE
        jne .write
        or bl, EN_KEEP
.write:
        call dispi_write
        loop .register
        jmp vbe_ok
.order:
        db DI_XRES, DI_YRES, DI_BPP, DI_ENABLE, DI_BANK, DI_WIDTH, DI_HEIGHT, DI_X, DI_Y

vbe_window:
        cmp byte [bp + R_BL], 0
        jne vbe_failed
        test word [V_VBE_MODE], 0x4000
        jnz vbe_invalid
        cmp byte [bp + R_BH], 1
        je .get
        ja vbe_failed
        call video_memory
        mov bx, [bp + R_DX]
        cmp bx, ax
        jae vbe_failed
        mov al, DI_BANK
        call dispi_write
        jmp vbe_ok
.get:
        mov al, DI_BANK
        call dispi_read
        mov [bp + R_DX], ax
        jmp vbe_ok

; The far entry of ModeInfoBlock: only BH, BL, DX count, AX and DX may change.
window_far:
        push ax
        cmp bh, 0
        jne .get
        push bx
        mov bx, dx
        mov al, DI_BANK
        call dispi_write
        pop bx
        pop ax
        mov ax, 0x004F
        retf
.get:
        mov al, DI_BANK
        call dispi_read
        mov dx, ax
        pop ax
        mov ax, 0x004F
        retf

; BX = bytes per pixel of the mode set (0 for planar).
pixel_bytes:
        mov al, DI_BPP
        call dispi_read
        add ax, 7
        shr ax, 3
        mov bx, ax
        mov al, DI_BPP
        call dispi_read
        cmp ax, 4
        jne .end
        mov bx, 0
.end:
        ret

vbe_line_length:
        cmp word [V_VBE_MODE], 0
        je vbe_invalid
        mov al, [bp + R_BL]
        cmp al, 3
        ja vbe_failed
        je .largest
        cmp al, 1
        je .answer
        mov cx, [bp + R_CX]
        cmp al, 0
        je .set
        call pixel_bytes                ; bytes to pixels, rounded up
        mov ax, cx
        test bx, bx
        jz .planar
        xor dx, dx
        add ax, bx
        dec ax
        div bx
        mov cx, ax
        jmp .set
.planar:
        shl cx, 3
.set:
        add cx, 7
        and cl, 0xF8
        mov al, DI_XRES
        call dispi_read
        cmp cx, ax
        jb vbe_failed
        mov bx, cx
        mov al, DI_WIDTH
        call dispi_write
        mov al, DI_WIDTH
        call dispi_read
        cmp ax, cx
        jne vbe_failed
.answer:
        mov al, DI_WIDTH
        call dispi_read
        mov cx, ax
.describe:
        mov [bp + R_CX], cx
        call pixel_bytes
        mov ax, cx
        imul ax, bx
        test bx, bx
        jnz .bytes
        mov ax, cx
        shr ax, 3
.bytes:
        mov [bp + R_BX], ax
        movzx ecx, ax
        test cx, cx
        jz vbe_failed
        call video_memory
        movzx eax, ax
        shl eax, 16
        xor edx, edx
        div ecx
        cmp eax, 0xFFFF
        jbe .lines
        mov ax, 0xFFFF
.lines:
        mov [bp + R_DX], ax
        jmp vbe_ok
.largest:
        mov al, DI_YRES
        call dispi_read
        movzx ecx, ax
        call video_memory
        movzx eax, ax
        shl eax, 16
        xor edx, edx
        div ecx                         ; bytes a line may take
        call .pixels
        mov cx, ax
        and cl, 0xF8
        jmp .describe
.pixels:
        push eax
        call pixel_bytes
        pop eax
        test bx, bx
        jz .most
        movzx ebx, bx
        xor edx, edx
        div ebx
.most:
        cmp eax, 0x7FF8
        jbe .bounded
        mov ax, 0x7FF8
.bounded:
        ret

vbe_start:
        cmp word [V_VBE_MODE], 0
        je vbe_invalid
        mov al, [bp + R_BL]
        and al, 0x7F
        cmp al, 1
        ja vbe_failed
        je .get
        mov bx, [bp + R_CX]
        mov al, DI_X
        call dispi_write
        mov bx, [bp + R_DX]
        mov al, DI_Y
        call dispi_write
        mov al, DI_Y                    ; a start past the memory is not taken
        call dispi_read
        cmp ax, bx
        jne vbe_failed
        jmp vbe_ok
.get:
        mov al, DI_X
        call dispi_read
        mov [bp + R_CX], ax
        mov al, DI_Y
        call dispi_read
        mov [bp + R_DX], ax
        mov byte [bp + R_BH], 0
        jmp vbe_ok

vbe_dac_width:
        mov al, [bp + R_BL]
        cmp al, 1
        ja vbe_failed
        mov al, DI_ENABLE
        call dispi_read
        mov bx, ax
        cmp byte [bp + R_BL], 1
        je .get
        and bl, 0xFF - EN_DAC8
        cmp byte [bp + R_BH], 8
        jb .write
        or bl, EN_DAC8
.write:
        or bl, EN_KEEP
        mov al, DI_ENABLE
        call dispi_write
.get:
        mov byte [bp + R_BH], 6
        test bl, EN_DAC8
        jz vbe_ok
        mov byte [bp + R_BH], 8
        jmp vbe_ok

vbe_palette:
        mov al, [bp + R_BL]
        and al, 0x7F
        cmp al, 1
        ja vbe_failed
        mov cx, [bp + R_CX]
        mov bx, [bp + R_DX]
        mov dx, bx
        add dx, cx
        cmp dx, 256
        ja vbe_failed
        mov es, [bp + R_ES]
        mov di, [bp + R_DI]
        test cx, cx
        jz vbe_ok
        mov dx, DAC_WRITE
        cmp al, 1
        je .get
        mov al, bl
        out dx, al
        inc dx
.set:
        mov al, [es:di + 2]
        out dx, al
        mov al, [es:di + 1]
        out dx, al
        mov al, [es:di]
        out dx, al
        add di, 4
        loop .set
        jmp vbe_ok
.get:
        dec dx
        mov al, bl
        out dx, al
        add dx, 2
.next:
        in al, dx
        mov [es:di + 2], al
        in al, dx
        mov [es:di + 1], al
        in al, dx
        mov [es:di], al
        mov byte [es:di + 3], 0
        add di, 4
        loop .next
        jmp vbe_ok

vbe_protected:
        cmp byte [bp + R_BL], 0
        jne vbe_failed
        mov [bp + R_ES], cs
        mov word [bp + R_DI], protected_table
        mov word [bp + R_CX], protected_end - protected_table
        jmp vbe_ok

vbe_ddc:
        mov al, [bp + R_BL]
        cmp al, 1
        ja vbe_failed
        je .read
        mov word [bp + R_BX], 0x0102    ; DDC2, a second for a block
        mov word [bp + R_CX], 0
        jmp vbe_ok
.read:
        cmp word [bp + R_DX], 0
        jne vbe_failed
        mov es, [bp + R_ES]
        mov di, [bp + R_DI]
        mov si, edid
        mov cx, 127
        mov ah, 0
.copy:
        mov al, [cs:si]
        inc si
        add ah, al
        stosb
        loop .copy
        mov al, ah
        neg al
        stosb
        jmp vbe_ok
