; The DAC contents that come with a mode.

; ---- the DAC of a mode: AL = PAL_*. Keeps BX, SI, DI. ----
load_dac:
        push bx
        push si
        push di
        mov ah, al
        mov dx, DAC_WRITE
        mov al, 0
        out dx, al
        inc dx
        cmp ah, PAL_256
        je .rainbow
        mov bl, 0
.entry:
        cmp ah, PAL_MONO
        je .mono
        mov bh, bl
        cmp ah, PAL_CGA
        jne .ega
        and bh, 7                       ; 16 colours: bit 4 is the intensity
        cmp bh, 6
        jne .no_brown
        mov bh, 0x14                    ; brown, not dark yellow
.no_brown:
        test bl, 0x10
        jz .ega
        mov bh, bl
        and bh, 7
        or bh, 0x38
.ega:
        mov cl, 2                       ; EGA colour: primaries in bits 2-0, their halves in 5-3
.primary:
        mov al, bh
        shr al, cl
        mov ch, al
        and al, 1
        imul ax, ax, 0x2A               ; AH is restored below
        shr ch, 3
        test ch, 1
        jz .level
        add al, 0x15
.level:
        out dx, al
        dec cl
        jns .primary
        jmp .next
.mono:
        mov al, bl
        shr al, 3
        and al, 3
        movzx di, al
        mov al, [cs:di + .mono_levels]
        out dx, al
        out dx, al
        out dx, al
.next:
        inc bl
        cmp bl, 64
        jb .reload
        jmp short .end
.reload:
        mov ah, [cs:si + 3]
        jmp .entry
.rainbow:
        mov bl, 0                       ; 16 colours, 16 greys, nine wheels of 24
.first:
        mov bh, bl
        and bh, 7
        cmp bl, 6
        jne .first_brown
        mov bh, 0x14
.first_brown:
        test bl, 8
        jz .first_dark
        or bh, 0x38
.first_dark:
        mov cl, 2
.first_primary:
        mov al, bh
        shr al, cl
        mov ch, al
        and ax, 1
        imul ax, ax, 0x2A
        shr ch, 3
        test ch, 1
        jz .first_level
        add al, 0x15
.first_level:
        out dx, al
        dec cl
        jns .first_primary
        inc bl
        cmp bl, 16
        jb .first
        mov si, .greys
        mov cx, 16
.grey:
        mov al, [cs:si]
        inc si
        out dx, al
        out dx, al
        out dx, al
        loop .grey
        mov si, .wheels                 ; five levels each
        mov bl, 9
.wheel:
        mov bh, 0
.spoke:
        mov al, bh                      ; phases of red, green, blue on the wheel
        add al, 8
        call .component
        mov al, bh
        call .component
        mov al, bh
        add al, 16
        call .component
        inc bh
        cmp bh, 24
        jb .spoke
        add si, 5
        dec bl
        jnz .wheel
        mov cx, 8 * 3
        mov al, 0
.rest:
        out dx, al
        loop .rest
.end:
        pop di
        pop si
        pop bx
        ret
; One primary at phase AL: level 0 for 8 steps, up for 4, full for 8, down for 4.
.component:
        cmp al, 24
        jb .phase
        sub al, 24
.phase:
        cmp al, 8
        jbe .zero
        sub al, 8
        cmp al, 4
        jbe .out
        cmp al, 12
        jbe .full
        neg al
        add al, 16
        jmp .out
.full:
        mov al, 4
        jmp .out
.zero:
        mov al, 0
.out:
        movzx di, al
        add di, si
        mov al, [cs:di]
        out dx, al
        ret
.mono_levels:
        db 0x00, 0x2A, 0x00, 0x3F
.greys:
        db 0x00, 0x05, 0x08, 0x0B, 0x0E, 0x11, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x2D, 0x32, 0x38, 0x3F
.wheels:
        db 0x00, 0x10, 0x1F, 0x2F, 0x3F
        db 0x1F, 0x27, 0x2F, 0x37, 0x3F
        db 0x2D, 0x31, 0x36, 0x3A, 0x3F
        db 0x00, 0x07, 0x0E, 0x15, 0x1C
        db 0x0E, 0x11, 0x15, 0x18, 0x1C
        db 0x14, 0x16, 0x18, 0x1A, 0x1C
        db 0x00, 0x04, 0x08, 0x0C, 0x10
        db 0x08, 0x0A, 0x0C, 0x0E, 0x10
        db 0x0B, 0x0C, 0x0D, 0x0F, 0x10
