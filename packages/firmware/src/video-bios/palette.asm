; INT 10h AH=0Bh and 10h: attribute controller and DAC.

; Attribute register BL := BH. Keeps the display on.
set_attribute:
        push dx
        push ax
        mov dx, [V_CRTC]
        add dl, 6
        in al, dx
        mov dx, ATTRIBUTE
        mov al, bl
        and al, 0x1F
        out dx, al
        mov al, bh
        out dx, al
        mov al, 0x20
        out dx, al
        pop ax
        pop dx
        ret

; BH = attribute register BL.
get_attribute:
        push dx
        push ax
        mov dx, [V_CRTC]
        add dl, 6
        in al, dx
        mov dx, ATTRIBUTE
        mov al, bl
        and al, 0x1F
        out dx, al
        inc dx
        in al, dx
        mov bh, al
        dec dx
        mov al, 0x20
        out dx, al
        pop ax
        pop dx
        ret

; AH=0Bh: BH = 0 border or background BL, BH = 1 one of the two CGA palettes.
cga_palette:
        mov al, [bp + R_BL]
        cmp byte [bp + R_BH], 0
        jne .palette
        mov ah, [V_CGA_PALETTE]
        and ah, 0xE0
        and al, 0x1F
        or ah, al
        mov [V_CGA_PALETTE], ah
        mov bh, al
        test bh, 0x08
        jz .dark
        add bh, 8
        and bh, 0x17
        or bh, 0x10
.dark:
        and bh, 0x17
        mov bl, 0x11
        call set_attribute
        cmp byte [V_MODE], 3
        jbe end_service
        mov bl, 0
        call set_attribute
        jmp end_service
.palette:
        and al, 1
        mov ah, [V_CGA_PALETTE]
        and ah, 0xDF
        mov cl, al
        shl cl, 5
        or ah, cl
        mov [V_CGA_PALETTE], ah
        mov bl, 1                       ; green, red, brown or cyan, magenta, white
.colour:
        mov bh, bl
        shl bh, 1
        or bh, al
        test byte [V_CGA_PALETTE], 0x10
        jz .low
        or bh, 0x10
.low:
        call set_attribute
        inc bl
        cmp bl, 4
        jb .colour
        jmp end_service

palette_service:
        movzx bx, byte [bp + R_AL]
        cmp bl, 0x1B
        ja end_service
        shl bx, 1
        jmp [cs:bx + .functions]
.functions:
        dw .one, .border, .all, .blink, end_service, end_service, end_service, .read_one
        dw .read_border, .read_all, end_service, end_service, end_service, end_service, end_service, end_service
        dw .set_dac, end_service, .set_dac_block, .page, end_service, .read_dac, end_service, .read_dac_block
        dw .set_mask, .read_mask, .read_page, .grey
.one:
        mov bx, [bp + R_BX]
        call set_attribute
        jmp end_service
.border:
        mov bl, 0x11
        mov bh, [bp + R_BH]
        call set_attribute
        jmp end_service
.all:
        mov es, [bp + R_ES]
        mov si, [bp + R_DX]
        mov bl, 0
.all_next:
        mov bh, [es:si]
        inc si
        call set_attribute
        inc bl
        cmp bl, 16
        jb .all_next
        mov bh, [es:si]
        mov bl, 0x11
        call set_attribute
        jmp end_service
.blink:
        mov bl, 0x10
        call get_attribute
        and bh, 0xF7
        mov al, [V_CGA_MODE]
        and al, 0xDF
        test byte [bp + R_BL], 1
        jz .blink_set
        or bh, 0x08
        or al, 0x20
.blink_set:
        mov [V_CGA_MODE], al
        call set_attribute
        jmp end_service
.read_one:
        mov bl, [bp + R_BL]
        call get_attribute
        mov [bp + R_BH], bh
        jmp end_service
.read_border:
        mov bl, 0x11
        call get_attribute
        mov [bp + R_BH], bh
        jmp end_service
.read_all:
        mov es, [bp + R_ES]
        mov di, [bp + R_DX]
        mov bl, 0
.read_next:
        call get_attribute
        mov [es:di], bh
        inc di
        inc bl
        cmp bl, 16
        jb .read_next
        mov bl, 0x11
        call get_attribute
        mov [es:di], bh
        jmp end_service
.set_dac:
        mov dx, DAC_WRITE
        mov al, [bp + R_BL]
        out dx, al
        inc dx
        mov al, [bp + R_DH]
        out dx, al
        mov al, [bp + R_CH]
        out dx, al
        mov al, [bp + R_CL]
        out dx, al
        jmp end_service
.set_dac_block:
        call .block
        mov dx, DAC_WRITE
        out dx, al
        inc dx
        jcxz .block_end
.set_next:
        mov al, [es:di]
        inc di
        out dx, al
        loop .set_next
.block_end:
        jmp end_service
; AL = first register, CX = bytes, ES:DI = buffer.
.block:
        mov al, [bp + R_BL]
        mov cx, [bp + R_CX]
        cmp cx, 256
        jbe .block_count
        mov cx, 256
.block_count:
        mov dx, cx
        add cx, dx
        add cx, dx
        mov es, [bp + R_ES]
        mov di, [bp + R_DX]
        ret
.page:
        mov bl, 0x10
        call get_attribute
        test byte [bp + R_BL], 1
        jnz .page_number
        and bh, 0x7F
        test byte [bp + R_BH], 1
        jz .page_mode
        or bh, 0x80
.page_mode:
        call set_attribute
        jmp end_service
.page_number:
        mov al, [bp + R_BH]
        test bh, 0x80
        jnz .page_16
        shl al, 2
.page_16:
        and al, 0x0F
        mov bh, al
        mov bl, 0x14
        call set_attribute
        jmp end_service
.read_dac:
        mov dx, DAC_READ
        mov al, [bp + R_BL]
        out dx, al
        mov dx, DAC_DATA
        in al, dx
        mov [bp + R_DH], al
        in al, dx
        mov [bp + R_CH], al
        in al, dx
        mov [bp + R_CL], al
        jmp end_service
.read_dac_block:
        call .block
        mov dx, DAC_READ
        out dx, al
        mov dx, DAC_DATA
        jcxz .block_end
.get_next:
        in al, dx
        stosb
        loop .get_next
        jmp end_service
.set_mask:
        mov dx, DAC_MASK
        mov al, [bp + R_BL]
        out dx, al
        jmp end_service
.read_mask:
        mov dx, DAC_MASK
        in al, dx
        mov [bp + R_BL], al
        jmp end_service
.read_page:
        mov bl, 0x10
        call get_attribute
        mov al, bh
        shr al, 7
        mov [bp + R_BL], al
        mov bl, 0x14
        call get_attribute
        test al, al
        jnz .read_16
        shr bh, 2
.read_16:
        and bh, 0x0F
        mov [bp + R_BH], bh
        jmp end_service
.grey:
        mov bl, [bp + R_BL]
        mov cx, [bp + R_CX]
        test cx, cx
        jz end_service
        call grey_dac
        jmp end_service

; CX DAC registers from BL on become grey: 30 % red, 59 % green, 11 % blue.
grey_dac:
        push dx
        push si
.next:
        mov dx, DAC_READ
        mov al, bl
        out dx, al
        mov dx, DAC_DATA
        in al, dx
        mov ah, 77
        mul ah
        mov si, ax
        in al, dx
        mov ah, 151
        mul ah
        add si, ax
        in al, dx
        mov ah, 28
        mul ah
        add si, ax
        add si, 0x80
        shr si, 8
        mov dx, DAC_WRITE
        mov al, bl
        out dx, al
        inc dx
        mov ax, si
        cmp al, 0x3F
        jbe .fits
        mov al, 0x3F
.fits:
        out dx, al
        out dx, al
        out dx, al
        inc bl
        loop .next
        pop si
        pop dx
        ret
