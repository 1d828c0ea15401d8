; Graphics modes: scan lines of character cells, glyphs, pixels (INT 10h AH=0Ch, 0Dh).
; CL = memory model (KIND_*) where a routine says so.

; ES:DI = first byte of scan line AL in the cell of row DH, column DL, page BL. Keeps the rest.
glyph_line:
        push ax
        push dx
        movzx di, al
        mov al, dh
        mul byte [V_HEIGHT]
        add di, ax                      ; y
        mov dh, 0
        cmp cl, KIND_PLANAR
        je .planar
        cmp cl, KIND_BYTES
        je .bytes
        mov ax, di                      ; CGA: odd lines are 8 KiB further on
        and ax, 1
        shl ax, 13
        shr di, 1
        imul di, di, 80
        add di, ax
        add di, dx
        cmp cl, KIND_CGA4
        jne .cga
        add di, dx
.cga:
        mov ax, 0xB800
        jmp .end
.bytes:
        imul di, di, 320
        shl dx, 3
        add di, dx
        mov ax, 0xA000
        jmp .end
.planar:
        mov ax, [V_COLUMNS]
        push dx
        mul di
        pop dx
        mov di, ax
        add di, dx
        movzx ax, bl
        mul word [V_PAGE_SIZE]
        add di, ax
        mov ax, 0xA000
.end:
        mov es, ax
        pop dx
        pop ax
        ret

; CX = bytes of BH columns on a line of model CL.
line_bytes:
        push ax
        mov al, cl
        movzx cx, bh
        cmp al, KIND_BYTES
        jne .not_bytes
        shl cx, 3
.not_bytes:
        cmp al, KIND_CGA4
        jne .end
        shl cx, 1
.end:
        pop ax
        ret

; Graphics controller register AL := AH in a planar mode (CL).
set_graphics:
        cmp cl, KIND_PLANAR
        jne .end
        push dx
        mov dx, GRAPHICS
        out dx, ax
        pop dx
.end:
        ret
write_mode_1:
        push ax
        mov ax, 0x0105
        call set_graphics
        pop ax
        ret
; What programs expect to find: write mode 0, all bits, no set/reset, no function.
write_mode_0:
        push ax
        mov ax, 0x0005
        call set_graphics
        mov ax, 0x0000
        call set_graphics
        mov ax, 0x0001
        call set_graphics
        mov ax, 0x0003
        call set_graphics
        mov ax, 0xFF08
        call set_graphics
        pop ax
        ret

; BH columns from ES:DI on in colour SI; model CL. Destroys AX, CX, DI.
fill_line:
        mov ax, si
        mov ah, al
        cmp cl, KIND_PLANAR
        jne .bytes
        mov al, 0                       ; set/reset
        call set_graphics
        mov ax, 0x0F01
        call set_graphics
        jmp .fill
.bytes:
        cmp cl, KIND_CGA4
        jne .two
        and al, 3
        mov ah, 0x55
        mul ah
        jmp .fill
.two:
        cmp cl, KIND_CGA2
        jne .fill
        and al, 1
        neg al
.fill:
        call line_bytes
        rep stosb
        ret

; FS:AX = glyph of character AL.
glyph_address:
        push bx
        xor bx, bx
        mov fs, bx
        mov bx, 0x43 * 4
        cmp byte [V_MODE], 6
        ja .vector
        test al, 0x80                   ; CGA modes: the upper half has a vector of its own
        jz .vector
        and al, 0x7F
        mov bx, 0x1F * 4
.vector:
        mul byte [V_HEIGHT]
        add ax, [fs:bx]
        mov fs, [fs:bx + 2]
        pop bx
        ret

; Draw character AL in colour AH (bit 7: exclusive or) at row DH, column DL, page BL; SI = mode line.
; Keeps AX, BX, DX, SI.
draw_glyph:
        push ax
        push bx
        push si
        push bp
        mov cl, [cs:si + 2]
        mov ch, ah
        call glyph_address
        mov si, ax                      ; FS:SI
        mov al, 0
.line:
        call glyph_line
        push ax
        mov ah, [fs:si]
        inc si
        call draw_line
        pop ax
        inc al
        cmp al, [V_HEIGHT]
        jb .line
        call write_mode_0
        pop bp
        pop si
        pop bx
        pop ax
        ret

; Eight pixels AH in colour CH at ES:DI, model CL. Destroys AX, DI, BP.
draw_line:
        cmp cl, KIND_PLANAR
        je .planar
        cmp cl, KIND_BYTES
        je .bytes
        cmp cl, KIND_CGA4
        je .cga4
        mov al, ah
        test ch, 0x80
        jz .cga2
        xor [es:di], al
        ret
.cga2:
        test ch, 1
        jnz .store
        mov al, 0
.store:
        mov [es:di], al
        ret
.cga4:
        push cx
        push dx
        movzx dx, ch
        and dl, 3
        mov cx, 8
        xor bp, bp
.pair:
        shl bp, 2
        shl ah, 1
        jnc .empty
        or bp, dx
.empty:
        loop .pair
        mov ax, bp
        xchg al, ah                     ; the left half comes first in memory
        pop dx
        pop cx
        test ch, 0x80
        jz .cga4_store
        xor [es:di], ax
        ret
.cga4_store:
        mov [es:di], ax
        ret
.bytes:
        push cx
        mov al, ch
        mov cx, 8
.pixel:
        shl ah, 1
        jnc .background
        stosb
        jmp .next
.background:
        mov byte [es:di], 0
        inc di
.next:
        loop .pixel
        pop cx
        ret
.planar:
        push ax
        mov ax, 0x0F01                  ; all planes from set/reset
        call set_graphics
        test ch, 0x80
        jnz .xor
        mov ax, 0xFF08
        call set_graphics
        mov ax, 0x0000
        call set_graphics
        mov [es:di], al
        jmp .foreground
.xor:
        mov ax, 0x1803
        call set_graphics
.foreground:
        mov al, 0
        mov ah, ch
        and ah, 0x0F
        call set_graphics
        pop ax
        mov al, 8
        call set_graphics
        mov al, [es:di]                 ; fill the latches
        mov [es:di], al
        ret

; AL = character drawn at row DH, column DL, page BL (0 when none fits); SI = mode line.
recognize_glyph:
        push bp
        sub sp, 16
        mov bp, sp
        mov cl, [cs:si + 2]
        mov ax, 0x0805                  ; planar: read mode 1 shows which pixels are colour 0
        call set_graphics
        mov ax, 0x0002
        call set_graphics
        mov ax, 0x0F07
        call set_graphics
        push bp
        mov al, 0
.line:
        call glyph_line
        push ax
        call read_line
        mov [bp], ah
        inc bp
        pop ax
        inc al
        cmp al, [V_HEIGHT]
        jb .line
        pop bp
        mov ax, 0x0005
        call set_graphics
        mov bl, 0                       ; candidate
.candidate:
        mov al, bl
        call glyph_address
        mov si, ax
        mov cx, [V_HEIGHT]
        mov di, 0
.compare:
        mov al, [fs:si]
        inc si
        push bp
        add bp, di
        cmp al, [bp]
        pop bp
        jne .other
        inc di
        loop .compare
        jmp .found
.other:
        inc bl
        jnz .candidate
.found:
        mov al, bl
        add sp, 16
        pop bp
        ret

; AH = which of eight pixels at ES:DI are not 0; model CL.
read_line:
        cmp cl, KIND_PLANAR
        je .planar
        cmp cl, KIND_BYTES
        je .bytes
        mov ah, [es:di]
        cmp cl, KIND_CGA2
        je .end
        push cx
        push bx
        mov bh, ah
        mov bl, [es:di + 1]
        mov cx, 8
.pair:
        shl ah, 1
        test bh, 0xC0
        jz .empty
        inc ah
.empty:
        shl bx, 2
        loop .pair
        pop bx
        pop cx
.end:
        ret
.planar:
        mov ah, [es:di]
        not ah
        ret
.bytes:
        push cx
        mov cx, 8
.pixel:
        shl ah, 1
        cmp byte [es:di], 0
        je .zero
        inc ah
.zero:
        inc di
        loop .pixel
        pop cx
        ret
