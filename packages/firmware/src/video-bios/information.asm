; INT 10h AH=1Ah display combination, 1Bh state information, 1Ch save and restore state.

display_combination:
        cmp byte [bp + R_AL], 1
        ja end_service
        je .set
        mov al, [V_DCC]
        mov ah, 0
        mov [bp + R_BX], ax
        jmp .done
.set:
        mov al, [bp + R_BL]
        mov [V_DCC], al
.done:
        mov byte [bp + R_AL], 0x1A
        jmp end_service

static_functionality:
        db 0xFF, 0xE0, 0x0F             ; modes 0-7, 0Dh-0Fh, 10h-13h
        db 0, 0, 0, 0
        db 0x07                         ; 200, 350, 400 lines
        db 8, 2                         ; fonts: blocks, active ones
        db 0xFF, 0x0E                   ; miscellaneous
        dw 0
        db 0x3F                         ; save pointers
        db 0

state_information:
        cmp word [bp + R_BX], 0
        jne end_service
        mov es, [bp + R_ES]
        mov di, [bp + R_DI]
        mov word [es:di], static_functionality
        mov [es:di + 2], cs
        add di, 4
        mov si, V_MODE                  ; 49h-66h as they are
        mov cx, 0x1E
        rep movsb
        mov al, [V_ROWS]
        inc al
        stosb
        mov ax, [V_HEIGHT]
        stosw
        mov al, [V_DCC]
        mov ah, 0
        stosw
        call current_mode
        mov ax, 16
        mov bl, 8
        cmp byte [cs:si + 2], KIND_TEXT
        je .colours
        mov bl, 1
        cmp byte [cs:si + 2], KIND_PLANAR
        je .colours
        mov ax, 256
        cmp byte [cs:si + 2], KIND_BYTES
        je .colours
        mov ax, 4
        cmp byte [cs:si + 2], KIND_CGA4
        je .colours
        mov ax, 2
.colours:
        stosw
        mov al, bl
        stosb                           ; pages
        mov al, 2                       ; 400 lines
        stosb
        xor ax, ax
        stosw                           ; font blocks
        mov al, 0x21
        stosb
        xor ax, ax
        stosb
        stosw
        mov al, 3                       ; 256 KiB
        stosb
        mov al, 0
        mov cx, 0x40 - 0x32
        rep stosb
        mov byte [bp + R_AL], 0x1B
        jmp end_service

; ---- AH=1Ch. CX: 1 registers, 2 data area, 4 DAC. Sizes in 64-byte blocks. ----
SAVE_REGISTERS  equ 0x40 * 2            ; misc, sequencer 5, CRTC 25, attribute 21, graphics 9
SAVE_DATA       equ 0x40 * 2
SAVE_DAC        equ 0x40 * 13

save_state:
        mov cx, [bp + R_CX]
        mov al, [bp + R_AL]
        cmp al, 2
        ja end_service
        cmp al, 0
        jne .move
        call state_blocks
        mov [bp + R_BX], bx
        jmp .done
.move:
        mov es, [bp + R_ES]
        mov di, [bp + R_BX]
        cmp al, 2
        je .restore
        call save_parts
        jmp .done
.restore:
        call restore_parts
.done:
        mov byte [bp + R_AL], 0x1C
        jmp end_service

; BX = 64-byte blocks for the parts CX.
state_blocks:
        xor bx, bx
        test cl, 1
        jz .data
        add bx, SAVE_REGISTERS / 64
.data:
        test cl, 2
        jz .dac
        add bx, SAVE_DATA / 64
.dac:
        test cl, 4
        jz .end
        add bx, SAVE_DAC / 64
.end:
        ret

; Parts CX to ES:DI.
save_parts:
        push cx
        test cl, 1
        jz .data
        push di
        mov dx, MISC_READ
        in al, dx
        stosb
        mov dx, SEQUENCER
        mov cx, 5
        call save_indexed
        mov dx, [V_CRTC]
        mov cx, 25
        call save_indexed
        mov dx, GRAPHICS
        mov cx, 9
        call save_indexed
        mov bl, 0
.attribute:
        call get_attribute
        mov al, bh
        stosb
        inc bl
        cmp bl, 21
        jb .attribute
        pop di
        add di, SAVE_REGISTERS
.data:
        pop cx
        push cx
        test cl, 2
        jz .dac
        push di
        mov si, V_MODE
        mov cx, 0x1E
        rep movsb
        mov si, V_ROWS
        mov cx, 7
        rep movsb
        mov si, V_SAVE
        mov cx, 4
        rep movsb
        mov ax, [V_VBE_MODE]
        stosw
        push ds
        xor ax, ax
        mov ds, ax
        mov eax, [0x1F * 4]
        stosd
        mov eax, [0x43 * 4]
        stosd
        pop ds
        pop di
        add di, SAVE_DATA
.dac:
        pop cx
        test cl, 4
        jz .end
        mov dx, DAC_MASK
        in al, dx
        stosb
        inc dx
        mov al, 0
        out dx, al
        mov dx, DAC_DATA
        mov cx, 768
.colour:
        in al, dx
        stosb
        loop .colour
.end:
        ret

save_indexed:
        mov ah, 0
.next:
        mov al, ah
        out dx, al
        inc dx
        in al, dx
        dec dx
        stosb
        inc ah
        loop .next
        ret

; Parts CX from ES:DI.
restore_parts:
        push cx
        test cl, 1
        jz .data
        push di
        mov al, [es:di]
        inc di
        mov dx, MISC_WRITE
        out dx, al
        mov bx, 0x3D4
        test al, 1
        jnz .colour_crtc
        mov bl, 0xB4
.colour_crtc:
        mov [V_CRTC], bx
        mov dx, SEQUENCER
        mov cx, 5
        call restore_indexed
        mov dx, [V_CRTC]
        mov ax, 0x0011
        out dx, ax
        mov cx, 25
        call restore_indexed
        mov dx, GRAPHICS
        mov cx, 9
        call restore_indexed
        mov bl, 0
.attribute:
        mov bh, [es:di]
        inc di
        call set_attribute
        inc bl
        cmp bl, 21
        jb .attribute
        pop di
        add di, SAVE_REGISTERS
.data:
        pop cx
        push cx
        test cl, 2
        jz .dac
        push di
        push ds
        push es
        push ds
        push es
        pop ds
        pop es                          ; DS = buffer, ES = data area
        mov si, di
        mov di, V_MODE
        mov cx, 0x1E
        rep movsb
        mov di, V_ROWS
        mov cx, 7
        rep movsb
        mov di, V_SAVE
        mov cx, 4
        rep movsb
        lodsw
        mov [es:V_VBE_MODE], ax
        xor ax, ax
        mov es, ax
        lodsd
        mov [es:0x1F * 4], eax
        lodsd
        mov [es:0x43 * 4], eax
        pop es
        pop ds
        pop di
        add di, SAVE_DATA
.dac:
        pop cx
        test cl, 4
        jz .end
        mov al, [es:di]
        inc di
        mov dx, DAC_MASK
        out dx, al
        mov dx, DAC_WRITE
        mov al, 0
        out dx, al
        inc dx
        mov cx, 768
.colour:
        mov al, [es:di]
        inc di
        out dx, al
        loop .colour
.end:
        ret

restore_indexed:
        mov ah, 0
.next:
        mov al, ah
        push ax
        mov ah, [es:di]
        inc di
        out dx, ax
        pop ax
        inc ah
        loop .next
        ret
