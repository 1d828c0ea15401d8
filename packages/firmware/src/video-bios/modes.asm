; INT 10h AH=00h and 0Fh: setting and telling the mode.

; AL = mode: SI = its line of mode_list; CF = 1 for a mode we have not.
find_mode:
        mov si, mode_list
        and al, 0x7F
.next:
        cmp byte [cs:si], 0xFF
        je .none
        cmp al, [cs:si]
        je .found
        add si, 4
        jmp .next
.found:
        clc
        ret
.none:
        stc
        ret

; Line of the mode that is set, in SI. A VBE mode counts as its BDA mode.
current_mode:
        push ax
        mov al, [V_MODE]
        call find_mode
        jnc .end
        mov si, mode_list + 3 * 4
.end:
        pop ax
        ret

set_mode:
        mov al, [bp + R_AL]
        call find_mode
        jc end_service
        mov bh, [bp + R_AL]
        mov ah, 0x20                    ; answer of the PS/2 BIOS: 3Fh mode 6, 30h 0-5 and 7, else 20h
        and al, 0x7F
        cmp al, 6
        ja .seven
        mov ah, 0x3F
        je .answer
        mov ah, 0x30
        jmp .answer
.seven:
        cmp al, 7
        jne .answer
        mov ah, 0x30
.answer:
        mov [bp + R_AL], ah
        mov word [V_VBE_MODE], 0
        call vbe_off
        call program_mode
        jmp end_service

; SI = line of mode_list, BH bit 7 = keep the memory. Destroys the general registers and ES.
program_mode:
        push bp
        mov al, [cs:si]
        mov [V_MODE], al
        movzx di, byte [cs:si + 1]
        shl di, 6
        add di, mode_records            ; CS:DI = registers
        call write_registers
        test bh, 0x80
        jnz .keep
        call clear_memory
.keep:
        ; data area
        movzx ax, byte [cs:di + REC_COLUMNS]
        mov [V_COLUMNS], ax
        mov al, [cs:di + REC_ROWS]
        mov [V_ROWS], al
        movzx ax, byte [cs:di + REC_HEIGHT]
        mov [V_HEIGHT], ax
        mov ax, [cs:di + REC_PAGE]
        mov [V_PAGE_SIZE], ax
        xor ax, ax
        mov [V_PAGE_START], ax
        mov [V_PAGE], al
        push ds
        pop es
        push di
        mov di, V_CURSOR
        mov cx, 8
        rep stosw
        pop di
        mov word [V_SHAPE], 0x0607
        mov al, [V_CONTROL]
        and al, 0x7F
        and bh, 0x80
        or al, bh
        mov [V_CONTROL], al
        and byte [V_FLAGS], 0x7F
        movzx bx, byte [V_MODE]
        cmp bl, 7
        ja .no_cga
        mov al, [cs:bx + .cga_modes]
        mov [V_CGA_MODE], al
        mov al, 0x30
        cmp bl, 6
        jne .palette
        mov al, 0x3F
.palette:
        mov [V_CGA_PALETTE], al
.no_cga:
        mov ax, [cs:di + REC_CRTC + 10]
        mov [V_SHAPE], ah
        mov al, [cs:di + REC_CRTC + 10]
        mov [V_SHAPE + 1], al
        mov al, [cs:di + REC_CRTC + 11]
        mov [V_SHAPE], al
        ; fonts
        call current_mode
        cmp byte [cs:si + 2], KIND_TEXT
        jne .graphics
        mov al, 0
        mov bl, 0
        call load_rom_font_16
        jmp .on
.graphics:
        mov bx, font_8x8
        cmp byte [V_HEIGHT], 8
        je .vector
        mov bx, font_8x14
        cmp byte [V_HEIGHT], 14
        je .vector
        mov bx, font_8x16
.vector:
        xor ax, ax
        mov es, ax
        mov [es:0x43 * 4], bx
        mov [es:0x43 * 4 + 2], cs
.on:
        pop bp
        ret
.cga_modes:
        db 0x2C, 0x28, 0x2D, 0x29, 0x2A, 0x2E, 0x1E, 0x29

; Registers of the record CS:DI, DAC of the line SI; screen off meanwhile. Keeps BX, SI, DI.
write_registers:
        push bx
        push si
        mov al, [cs:di + REC_MISC]
        mov dx, MISC_WRITE
        out dx, al
        mov dx, 0x3D4
        test al, 1
        jnz .colour
        mov dl, 0xB4
.colour:
        mov [V_CRTC], dx
        mov dx, SEQUENCER
        mov ax, 0x0100                  ; synchronous reset while the clock changes
        out dx, ax
        mov bx, 0
.sequencer:
        lea ax, [bx + 1]
        mov ah, [cs:di + bx + REC_SEQUENCER]
        test bx, bx
        jnz .sequencer_out
        or ah, 0x20                     ; screen off
.sequencer_out:
        out dx, ax
        inc bx
        cmp bx, 4
        jb .sequencer
        mov ax, 0x0300
        out dx, ax
        mov dx, [V_CRTC]
        mov ax, 0x0011                  ; registers 0-7 open
        out dx, ax
        mov bx, 0
.crtc:
        mov al, bl
        mov ah, [cs:di + bx + REC_CRTC]
        out dx, ax
        inc bx
        cmp bx, 25
        jb .crtc
        mov dx, GRAPHICS
        mov bx, 0
.graphics:
        mov al, bl
        mov ah, [cs:di + bx + REC_GRAPHICS]
        out dx, ax
        inc bx
        cmp bx, 9
        jb .graphics
        mov dx, [V_CRTC]
        add dl, 6
        in al, dx                       ; the attribute port starts with an index
        mov dx, ATTRIBUTE
        mov bx, 0
.attribute:
        mov al, bl
        out dx, al
        mov al, [cs:di + bx + REC_ATTRIBUTE]
        out dx, al
        inc bx
        cmp bx, 20
        jb .attribute
        mov al, 0x14
        out dx, al
        mov al, 0
        out dx, al
        mov dx, DAC_MASK
        mov al, 0xFF
        out dx, al
        test byte [V_FLAGS], 0x08       ; AH=12h BL=31h: leave the palette alone
        jnz .screen
        mov al, [cs:si + 3]
        call load_dac
.screen:
        mov dx, [V_CRTC]
        add dl, 6
        in al, dx
        mov dx, ATTRIBUTE
        mov al, 0x20
        out dx, al
        mov dx, SEQUENCER
        mov al, 1
        mov ah, [cs:di + REC_SEQUENCER]
        out dx, ax
        pop si
        pop bx
        ret

; Blanks in text modes, zeros elsewhere. SI = line of the mode.
clear_memory:
        push di
        push es
        mov cl, [cs:si + 2]
        mov ax, 0xB800
        cmp cl, KIND_TEXT
        je .text
        cmp cl, KIND_CGA4
        je .zero
        cmp cl, KIND_CGA2
        je .zero
        mov ax, 0xA000
        mov es, ax
        xor eax, eax
        mov cx, 0x4000
        jmp .fill
.zero:
        mov es, ax
        xor eax, eax
        mov cx, 0x2000
        jmp .fill
.text:
        cmp byte [cs:si], 7
        jne .colour
        mov ah, 0xB0
.colour:
        mov es, ax
        mov eax, 0x07200720
        mov cx, 0x2000
.fill:
        xor di, di
        rep stosd
        pop es
        pop di
        ret

get_mode:
        mov al, [V_CONTROL]
        and al, 0x80
        or al, [V_MODE]
        mov [bp + R_AL], al
        mov al, [V_COLUMNS]
        mov [bp + R_AH], al
        mov al, [V_PAGE]
        mov [bp + R_BH], al
        jmp end_service
