; INT 10h AH=11h: fonts into plane 2, and the vectors of the graphics modes. AH=12h: selections.

; Open plane 2 for font writes at A000; close restores what text modes need.
font_open:
        push ax
        push dx
        push si
        mov si, .values
        call font_registers
        pop si
        pop dx
        pop ax
        ret
.values:
        db 0, 0x01, 2, 0x04, 4, 0x07, 0, 0x03, 0xFF
        db 4, 0x02, 5, 0x00, 6, 0x04, 0xFF
font_close:
        push ax
        push dx
        push si
        mov si, .values
        call font_registers
        mov ax, 0x0E06                  ; memory map: B8000, or B0000 on a monochrome display
        cmp byte [V_CRTC], 0xD4
        je .map
        mov ah, 0x0A
.map:
        mov dx, GRAPHICS
        out dx, ax
        pop si
        pop dx
        pop ax
        ret
.values:
        db 0, 0x01, 2, 0x03, 4, 0x02, 0, 0x03, 0xFF
        db 4, 0x00, 5, 0x10, 0xFF
; CS:SI = sequencer pairs, FFh, graphics controller pairs, FFh.
font_registers:
        mov dx, SEQUENCER
        call .pairs
        mov dx, GRAPHICS
.pairs:
        mov ax, [cs:si]
        inc si
        cmp al, 0xFF
        je .end
        inc si
        out dx, ax
        jmp .pairs
.end:
        ret

; CX glyphs of BH bytes from FS:SI, first code DX, block BL. Destroys AX, CX, SI, DI, ES.
load_font:
        call font_open
        mov ax, 0xA000
        mov es, ax
        push bx
        movzx di, bl                    ; blocks 0-3 at 16 KiB steps, 4-7 8 KiB further on
        and di, 7
        mov ax, di
        and di, 3
        shl di, 14
        test al, 4
        jz .block
        add di, 0x2000
.block:
        mov ax, dx
        shl ax, 5
        add di, ax
        jcxz .end
.glyph:
        push cx
        push di
        movzx cx, bh
        jcxz .empty
.line:
        mov al, [fs:si]
        inc si
        stosb
        loop .line
.empty:
        pop di
        add di, 32
        pop cx
        loop .glyph
.end:
        pop bx
        call font_close
        ret

; The ROM's 8x16 font to block BL.
load_rom_font_16:
        mov si, font_8x16
        mov bh, 16
load_rom_font:
        push cs
        pop fs
        mov cx, 256
        xor dx, dx
        jmp load_font

; After a font of BH lines a mode 0-3 or 7 gets the rows that fit, and a cursor of that size.
fit_rows:
        cmp bh, 0
        je .end
        mov dx, [V_CRTC]
        mov al, 9
        out dx, al
        inc dx
        in al, dx
        and al, 0xE0
        mov ah, bh
        dec ah
        or al, ah
        out dx, al
        movzx ax, bh
        mov [V_HEIGHT], ax
        mov ax, 400                     ; scan lines of the text modes
        xor dx, dx
        div word [V_HEIGHT]
        mov cx, ax
        dec al
        mov [V_ROWS], al
        mov ax, cx                      ; vertical display end = rows * height - 1
        mul word [V_HEIGHT]
        dec ax
        mov ah, al
        mov al, 0x12
        mov dx, [V_CRTC]
        out dx, ax
        mov ax, cx
        mul word [V_COLUMNS]
        shl ax, 1
        add ax, 0xFF
        mov al, 0
        mov [V_PAGE_SIZE], ax
        mov bl, bh
        mov bh, bl
        sub bl, 1
        sub bh, 2
        cmp bl, 9
        jb .shape
        dec bl
        dec bh
.shape:
        xchg bl, bh
        xchg bl, bh
        mov [V_SHAPE], bx
        mov al, 0x0A
        call write_crtc_pair
.end:
        ret

font_service:
        mov al, [bp + R_AL]
        mov bl, [bp + R_BL]
        cmp al, 0x00
        je .user
        cmp al, 0x10
        je .user_fit
        cmp al, 0x03
        je .select
        cmp al, 0x20
        je .user_low
        cmp al, 0x21
        je .user_graphics
        cmp al, 0x30
        je .information
        mov si, font_8x14
        mov bh, 14
        mov ah, al
        and ah, 0x0F
        cmp ah, 1
        je .rom
        mov si, font_8x8
        mov bh, 8
        cmp ah, 2
        je .rom
        mov si, font_8x16
        mov bh, 16
        cmp ah, 4
        je .rom
        mov si, font_8x14
        cmp al, 0x22
        je .rom_graphics_14
        mov si, font_8x8
        cmp al, 0x23
        je .rom_graphics_8
        jmp end_service
.rom:
        cmp al, 0x14
        ja .rom_graphics
        push ax
        push bx
        call load_rom_font
        pop bx
        pop ax
        cmp al, 0x10
        jb end_service
        call fit_rows
        jmp end_service
.rom_graphics:
        cmp al, 0x24
        jne .rom_graphics_23
        mov bh, 16
        jmp .set_graphics
.rom_graphics_23:
        cmp al, 0x22
        je .rom_graphics_14
        cmp al, 0x23
        je .rom_graphics_8
        jmp end_service
.rom_graphics_14:
        mov si, font_8x14
        mov bh, 14
        jmp .set_graphics
.rom_graphics_8:
        mov si, font_8x8
        mov bh, 8
.set_graphics:
        mov dx, cs
.graphics_vector:
        xor ax, ax
        mov es, ax
        mov [es:0x43 * 4], si
        mov [es:0x43 * 4 + 2], dx
        movzx ax, bh
        mov [V_HEIGHT], ax
        mov bl, [bp + R_BL]
        mov al, 14
        cmp bl, 1
        je .rows
        mov al, 25
        cmp bl, 2
        je .rows
        mov al, 43
        cmp bl, 3
        je .rows
        mov al, [bp + R_DL]
.rows:
        dec al
        mov [V_ROWS], al
        jmp end_service
.user:
        call .user_load
        jmp end_service
.user_fit:
        call .user_load
        call fit_rows
        jmp end_service
.user_load:
        mov fs, [bp + R_ES]
        mov si, [bp + R_BP]
        mov bh, [bp + R_BH]
        cmp bh, 32
        jbe .height
        mov bh, 32
.height:
        mov cx, [bp + R_CX]
        mov dx, [bp + R_DX]
        cmp cx, 256
        jbe .count
        mov cx, 256
.count:
        push bx
        call load_font
        pop bx
        ret
.select:
        mov dx, SEQUENCER
        mov ah, bl
        mov al, 3
        out dx, ax
        jmp end_service
.user_low:
        xor ax, ax
        mov es, ax
        mov ax, [bp + R_BP]
        mov [es:0x1F * 4], ax
        mov ax, [bp + R_ES]
        mov [es:0x1F * 4 + 2], ax
        jmp end_service
.user_graphics:
        mov si, [bp + R_BP]
        mov dx, [bp + R_ES]
        mov bh, [bp + R_CL]
        jmp .graphics_vector
.information:
        mov ax, [V_HEIGHT]
        mov [bp + R_CX], ax
        mov al, [V_ROWS]
        mov [bp + R_DL], al
        movzx bx, byte [bp + R_BH]
        cmp bx, 7
        ja end_service
        xor ax, ax
        mov es, ax
        cmp bx, 1
        ja .rom_pointer
        mov si, 0x1F * 4
        je .graphics_font
        jmp .low_font
.graphics_font:
        mov si, 0x43 * 4
.low_font:
        mov ax, [es:si]
        mov [bp + R_BP], ax
        mov ax, [es:si + 2]
        mov [bp + R_ES], ax
        jmp end_service
.rom_pointer:
        shl bx, 1
        mov ax, [cs:bx + .rom_fonts - 4]
        mov [bp + R_BP], ax
        mov [bp + R_ES], cs
        jmp end_service
.rom_fonts:
        dw font_8x14, font_8x8, font_8x8 + 1024, font_8x14, font_8x16, font_8x16

; ---- AH=12h ----
alternate_select:
        mov al, [bp + R_BL]
        cmp al, 0x10
        je .information
        cmp al, 0x30
        jb end_service
        cmp al, 0x36
        ja end_service
        mov cl, [bp + R_AL]
        cmp al, 0x30
        je .lines
        cmp al, 0x31
        je .palette
        cmp al, 0x32
        je .answer                      ; the VGA's addresses always decode
        cmp al, 0x33
        je .grey
        cmp al, 0x34
        je .cursor
        cmp al, 0x36
        je .refresh
        jmp end_service
.information:
        mov byte [bp + R_BH], 0
        cmp byte [V_CRTC], 0xB4
        jne .colour
        mov byte [bp + R_BH], 1
.colour:
        mov byte [bp + R_BL], 3         ; 256 KiB
        mov al, [V_SWITCHES]
        mov ah, al
        and al, 0x0F
        shr ah, 4
        mov [bp + R_CX], ax
        jmp end_service
.lines:
        cmp cl, 2                       ; 0: 200, 1: 350, 2: 400; the text modes here have 400 lines
        ja end_service
        mov al, [V_FLAGS]
        and al, 0x6F
        cmp cl, 0
        jne .not_200
        or al, 0x80
.not_200:
        cmp cl, 2
        jne .store
        or al, 0x10
.store:
        mov [V_FLAGS], al
.answer:
        mov byte [bp + R_AL], 0x12
        jmp end_service
.palette:
        mov al, 0x08
        jmp .flag
.grey:
        mov al, 0x02
        xor cl, 1                       ; here 0 enables
.flag:
        not al
        and [V_FLAGS], al
        not al
        test cl, cl
        jz .answer
        or [V_FLAGS], al
        jmp .answer
.cursor:
        and byte [V_CONTROL], 0xFE
        and cl, 1
        or [V_CONTROL], cl
        jmp .answer
.refresh:
        mov dx, SEQUENCER
        mov al, 1
        out dx, al
        inc dx
        in al, dx
        and al, 0xDF
        and cl, 1
        shl cl, 5
        or al, cl
        out dx, al
        jmp .answer
