; Cursor, pages and characters: INT 10h AH=01h-05h, 08h-0Ah, 0Eh, 13h.

; CRTC registers AL and AL + 1 := BH, BL. Destroys AX, DX.
write_crtc_pair:
        mov dx, [V_CRTC]
        mov ah, bh
        out dx, ax
        inc al
        mov ah, bl
        out dx, ax
        ret

set_cursor_shape:
        mov bx, [bp + R_CX]
        and bx, 0x7F1F
        mov [V_SHAPE], bx
        call show_shape
        jmp end_service

; BH start, BL end line. CGA shapes (8 lines) are stretched to the character's height.
show_shape:
        test byte [V_CONTROL], 0x01     ; cursor emulation off
        jnz .out
        cmp bh, 0x20
        jae .out                        ; switched off
        cmp word [V_HEIGHT], 8
        jbe .out
        cmp bl, 8
        jae .out
        cmp bh, bl
        ja .out
        mov cl, [V_HEIGHT]
        cmp bl, 6                       ; the usual underline: two lines at the bottom
        jb .stretch
        mov al, bl
        sub al, bh
        cmp al, 3
        jae .block
        mov bl, cl
        dec bl
        cmp cl, 14
        jb .under
        dec bl
.under:
        mov bh, bl
        sub bh, al
        jmp .out
.block:
        mov bl, cl
        dec bl
.stretch:
        mov al, bh
        mul cl
        shr ax, 3
        mov bh, al
        cmp bl, cl
        jae .out
        mov al, bl
        inc al
        mul cl
        shr ax, 3
        dec al
        cmp byte [V_HEIGHT], 8
        je .out
        cmp bl, 6
        jae .out
        mov bl, al
.out:
        mov al, 0x0A
        jmp write_crtc_pair

set_cursor:
        mov bl, [bp + R_BH]
        mov dx, [bp + R_DX]
        call move_cursor
        jmp end_service

; Page BL's cursor to DH row, DL column.
move_cursor:
        push bx
        push dx
        and bx, 7
        mov al, bl
        shl bx, 1
        mov [bx + V_CURSOR], dx
        cmp al, [V_PAGE]
        jne .end
        movzx bx, dl
        movzx ax, dh
        mul word [V_COLUMNS]
        add bx, ax
        mov ax, [V_PAGE_START]
        shr ax, 1
        add bx, ax
        mov al, 0x0E
        call write_crtc_pair
.end:
        pop dx
        pop bx
        ret

get_cursor:
        movzx bx, byte [bp + R_BH]
        and bx, 7
        shl bx, 1
        mov ax, [bx + V_CURSOR]
        mov [bp + R_DX], ax
        mov ax, [V_SHAPE]
        mov [bp + R_CX], ax
        jmp end_service

light_pen:
        mov byte [bp + R_AH], 0
        jmp end_service

set_page:
        mov al, [bp + R_AL]
        cmp al, 7
        ja end_service
        mov [V_PAGE], al
        movzx ax, al
        mul word [V_PAGE_SIZE]
        mov [V_PAGE_START], ax
        mov bx, ax
        call current_mode
        cmp byte [cs:si + 2], KIND_TEXT
        jne .start
        shr bx, 1
.start:
        mov al, 0x0C
        call write_crtc_pair
        movzx bx, byte [V_PAGE]
        shl bx, 1
        mov dx, [bx + V_CURSOR]
        shr bx, 1
        call move_cursor
        jmp end_service

; ES:DI = cell of row DH, column DL on page BL in a text mode. Destroys AX.
text_cell:
        push dx
        mov ax, 0xB800
        cmp byte [V_MODE], 7
        jne .colour
        mov ah, 0xB0
.colour:
        mov es, ax
        movzx di, dl
        movzx ax, dh
        mul word [V_COLUMNS]
        add di, ax
        shl di, 1
        movzx ax, bl
        and al, 7
        mul word [V_PAGE_SIZE]
        add di, ax
        pop dx
        ret

; DX = cursor of page BL.
page_cursor:
        push bx
        and bx, 7
        shl bx, 1
        mov dx, [bx + V_CURSOR]
        pop bx
        ret

read_character:
        call current_mode
        mov bl, [bp + R_BH]
        call page_cursor
        cmp byte [cs:si + 2], KIND_TEXT
        jne .graphics
        call text_cell
        mov ax, [es:di]
        mov [bp + R_AX], ax
        jmp end_service
.graphics:
        call recognize_glyph
        mov [bp + R_AL], al
        mov byte [bp + R_AH], 0
        jmp end_service

write_cell:
        mov ch, 1                       ; with the attribute
        jmp write_cells
write_character:
        mov ch, 0
write_cells:
        call current_mode
        mov bl, [bp + R_BH]
        cmp byte [cs:si], 0x13          ; BH is a background colour there
        jne .page
        mov bl, 0
.page:
        call page_cursor
        cmp byte [cs:si + 2], KIND_TEXT
        jne .graphics
        call text_cell
        mov al, [bp + R_AL]
        mov ah, [bp + R_BL]
        test ch, ch
        mov cx, [bp + R_CX]
        jz .characters
        rep stosw
        jmp end_service
.characters:
        jcxz .end
.character:
        mov [es:di], al
        add di, 2
        loop .character
.end:
        jmp end_service
.graphics:
        mov cx, [bp + R_CX]
        jcxz .end
        mov al, [bp + R_AL]
        mov ah, [bp + R_BL]
.glyph:
        push cx
        call draw_glyph
        pop cx
        inc dl
        cmp dl, [V_COLUMNS]
        jb .next
        mov dl, 0
        inc dh
        cmp dh, [V_ROWS]
        ja .end
.next:
        loop .glyph
        jmp end_service

teletype:
        mov al, [bp + R_AL]
        mov ah, [bp + R_BL]
        mov bl, [V_PAGE]
        call put_teletype
        jmp end_service

; AL character, AH its colour in a graphics mode, BL page; CH = 1: AH is the attribute in text too.
put_teletype:
        mov ch, 0
put_with_attribute:
        call page_cursor
        cmp al, 13
        je .return
        cmp al, 10
        je .line_feed
        cmp al, 8
        je .back
        cmp al, 7
        je beep
        push ax
        call current_mode
        pop ax
        cmp byte [cs:si + 2], KIND_TEXT
        jne .graphics
        push ax
        call text_cell
        pop ax
        mov [es:di], al
        test ch, ch
        jz .advance
        mov [es:di + 1], ah
        jmp .advance
.graphics:
        push cx
        call draw_glyph
        pop cx
.advance:
        inc dl
        cmp dl, [V_COLUMNS]
        jb .move
        mov dl, 0
.line_feed:
        inc dh
        cmp dh, [V_ROWS]
        jbe .move
        mov dh, [V_ROWS]
        push bx
        push cx
        push dx
        call line_up
        pop dx
        pop cx
        pop bx
        jmp .move
.return:
        mov dl, 0
        jmp .move
.back:
        test dl, dl
        jz .move
        dec dl
.move:
        jmp move_cursor

; Scroll page BL by one line; the new one has the attribute of the cell the cursor was in.
line_up:
        push ax
        call current_mode
        mov ah, 0
        cmp byte [cs:si + 2], KIND_TEXT
        jne .attribute
        call text_cell
        mov ah, [es:di + 1]
.attribute:
        mov bh, ah
        xor cx, cx
        mov dl, [V_COLUMNS]
        dec dl
        mov dh, [V_ROWS]
        mov al, 1
        call scroll_window_up
        pop ax
        ret

; Half a tenth of a second of 900 Hz.
beep:
        push ax
        push cx
        mov al, 0xB6
        out 0x43, al
        mov ax, 1331
        out 0x42, al
        mov al, ah
        out 0x42, al
        in al, 0x61
        push ax
        or al, 3
        out 0x61, al
        mov cx, 0x4000
.wait:
        in al, 0x61                     ; about a microsecond a read on the ISA bus
        loop .wait
        pop ax
        out 0x61, al
        pop cx
        pop ax
        ret

; AH=13h: string at ES:BP; AL bit 0 moves the cursor, bit 1 the string has attributes.
write_string:
        mov cx, [bp + R_CX]
        test cx, cx
        jz end_service
        mov bl, [bp + R_BH]
        call page_cursor
        push dx                         ; where the cursor was
        mov dx, [bp + R_DX]
        call move_cursor
        mov fs, [bp + R_ES]
        mov di, [bp + R_BP]
.next:
        mov al, [fs:di]
        inc di
        mov ah, [bp + R_BL]
        test byte [bp + R_AL], 2
        jz .attribute
        mov ah, [fs:di]
        inc di
.attribute:
        push cx
        push di
        mov ch, 1
        call put_with_attribute
        pop di
        pop cx
        loop .next
        pop dx
        test byte [bp + R_AL], 1
        jnz end_service
        call move_cursor
        jmp end_service
