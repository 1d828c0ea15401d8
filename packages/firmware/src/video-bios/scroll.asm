; INT 10h AH=06h, 07h: windows scroll in every memory model.

scroll_up:
        call scroll_arguments
        call scroll_window_up
        jmp end_service
scroll_arguments:
        mov al, [bp + R_AL]
        mov bh, [bp + R_BH]
        mov bl, [V_PAGE]
        mov cx, [bp + R_CX]
        mov dx, [bp + R_DX]
        ret
scroll_down:
        call scroll_arguments
        mov ah, 1
        call scroll_window
        jmp end_service

; AL lines (0 clears), BL page, BH attribute, CH CL upper left, DH DL lower right.
scroll_window_up:
        mov ah, 0
; The same with AH = 1 for down. Destroys the general registers, ES, FS.
scroll_window:
        cmp dl, [V_COLUMNS]
        jb .columns
        mov dl, [V_COLUMNS]
        dec dl
.columns:
        cmp dh, [V_ROWS]
        jbe .rows
        mov dh, [V_ROWS]
.rows:
        cmp cl, dl
        ja .end
        cmp ch, dh
        ja .end
        push bp
        sub sp, 8
        mov bp, sp
        mov [bp], al                    ; lines
        mov [bp + 1], bh
        mov [bp + 2], ah                ; down
        mov [bp + 3], dh                ; last row
        mov al, dh
        sub al, ch
        inc al                          ; rows of the window
        cmp byte [bp], 0
        je .all
        cmp al, [bp]
        jae .some
.all:
        mov [bp], al
.some:
        sub al, [bp]                    ; rows to move
        mov [bp + 4], al
        sub dl, cl
        inc dl                          ; columns
        mov [bp + 5], dl
        call current_mode
        ; DH = row being written, CL = first column
        mov dh, ch
        mov dl, cl
        cmp byte [bp + 2], 0
        je .move
        mov dh, [bp + 3]
.move:
        cmp byte [bp + 4], 0
        je .blank
        dec byte [bp + 4]
        mov al, dh
        add al, [bp]
        cmp byte [bp + 2], 0
        je .from
        mov al, dh
        sub al, [bp]
.from:
        mov ah, [bp + 5]
        call copy_row                   ; row AL to row DH, AH columns from DL on
        call .step
        jmp .move
.blank:
        cmp byte [bp], 0
        je .done
        dec byte [bp]
        mov ah, [bp + 5]
        mov al, [bp + 1]
        call blank_row
        call .step
        jmp .blank
.done:
        add sp, 8
        pop bp
.end:
        ret
.step:
        cmp byte [bp + 2], 0
        jne .upwards
        inc dh
        ret
.upwards:
        dec dh
        ret

; Row AL to row DH, AH columns from column DL, page BL, SI = mode line. Keeps BX, DX, SI.
copy_row:
        push bx
        push dx
        push si
        push ds
        mov bh, ah                      ; columns
        mov ch, al                      ; source row
        mov cl, [cs:si + 2]
        cmp cl, KIND_TEXT
        jne .graphics
        call text_cell
        push di
        mov dh, ch
        call text_cell
        mov si, di
        pop di
        movzx cx, bh
        push es
        pop ds
        rep movsw
        jmp .end
.graphics:
        call write_mode_1               ; planar: the latches carry four planes at once
        mov ah, [V_HEIGHT]              ; one scan line after the other
        mov al, 0
.line:
        push ax
        push cx
        push dx
        call glyph_line                 ; ES:DI = line AL of row DH
        push di
        mov dh, ch
        call glyph_line
        mov si, di
        pop di
        pop dx
        call line_bytes                 ; CX = bytes of BH columns
        push ds
        push es
        pop ds
        rep movsb
        pop ds
        pop cx
        pop ax
        inc al
        cmp al, ah
        jb .line
        call write_mode_0
.end:
        pop ds
        pop si
        pop dx
        pop bx
        ret

; AH columns of row DH from column DL with attribute AL, page BL, SI = mode line. Keeps BX, DX, SI.
blank_row:
        push bx
        push dx
        push si
        mov bh, ah
        mov cl, [cs:si + 2]
        cmp cl, KIND_TEXT
        jne .graphics
        mov ch, al
        call text_cell
        mov ah, ch
        mov al, ' '
        movzx cx, bh
        rep stosw
        jmp .end
.graphics:
        mov si, ax                      ; colour in the low byte
        mov ah, [V_HEIGHT]
        mov al, 0
.line:
        push ax
        push cx
        call glyph_line
        call fill_line                  ; BH columns, colour SI, model CL
        pop cx
        pop ax
        inc al
        cmp al, ah
        jb .line
        call write_mode_0
.end:
        pop si
        pop dx
        pop bx
        ret
