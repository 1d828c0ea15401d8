; VESA BIOS extensions 3.0 on the Bochs display interface.

DISPI_INDEX     equ 0x1CE
DISPI_DATA      equ 0x1CF
DI_ID           equ 0
DI_XRES         equ 1
DI_YRES         equ 2
DI_BPP          equ 3
DI_ENABLE       equ 4
DI_BANK         equ 5
DI_WIDTH        equ 6
DI_HEIGHT       equ 7
DI_X            equ 8
DI_Y            equ 9
DI_MEMORY       equ 10                  ; 64 KiB units
EN_ON           equ 0x01
EN_DAC8         equ 0x20
EN_LFB          equ 0x40
EN_KEEP         equ 0x80

; AX = register AL. Keeps DX.
dispi_read:
        push dx
        mov ah, 0
        mov dx, DISPI_INDEX
        out dx, ax
        inc dx
        in ax, dx
        pop dx
        ret
; Register AL := BX.
dispi_write:
        push dx
        push ax
        mov ah, 0
        mov dx, DISPI_INDEX
        out dx, ax
        inc dx
        mov ax, bx
        out dx, ax
        pop ax
        pop dx
        ret

; CF = 1 when the controller has no display interface.
dispi_present:
        push ax
        mov al, DI_ID
        call dispi_read
        and ax, 0xFFF0
        cmp ax, 0xB0C0
        pop ax
        je .end
        stc
.end:
        ret

vbe_off:
        call dispi_present
        jc .end
        push bx
        mov bx, 0
        mov al, DI_ENABLE
        call dispi_write
        pop bx
.end:
        ret

; AX = video memory in 64 KiB units.
video_memory:
        mov al, DI_MEMORY
        call dispi_read
        test ax, ax
        jnz .end
        mov ax, 64
.end:
        ret

; EAX = physical address of the linear framebuffer: BAR 0 of the first display controller.
framebuffer_address:
        push bx
        push cx
        push dx
        mov cx, 0
.device:
        movzx eax, cx
        shl eax, 8
        or eax, 0x80000008
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFC
        in eax, dx
        shr eax, 24
        cmp al, 0x03
        je .found
        add cx, 8
        cmp cx, 0x100
        jb .device
        mov eax, 0xE0000000
        jmp .end
.found:
        movzx eax, cx
        shl eax, 8
        or eax, 0x80000010
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFC
        in eax, dx
        and al, 0xF0
.end:
        pop dx
        pop cx
        pop bx
        ret

; CX = mode number: SI = its line; CF = 1 for one that is not there or does not fit the memory.
find_vbe_mode:
        push ax
        push dx
        and cx, 0x3FFF
        mov si, vbe_modes
.next:
        cmp word [cs:si], 0
        je .none
        cmp [cs:si], cx
        je .fits
        add si, 8
        jmp .next
.fits:
        call mode_units
        mov dx, ax
        call video_memory
        cmp ax, dx                      ; CF = 1 when the memory is less
        jmp .end
.none:
        stc
.end:
        pop dx
        pop ax
        ret

; AX = 64 KiB units that the picture of mode SI takes.
mode_units:
        push edx
        movzx eax, word [cs:si + 4]
        push cx
        call mode_pitch
        movzx edx, cx
        pop cx
        mul edx
        cmp word [cs:si + 6], 4
        jne .units
        shl eax, 2
.units:
        add eax, 0xFFFF
        shr eax, 16
        pop edx
        ret

; CX = bytes per line of mode SI.
mode_pitch:
        push ax
        mov cx, [cs:si + 2]
        mov ax, [cs:si + 6]
        cmp ax, 4
        jne .packed
        shr cx, 3
        jmp .end
.packed:
        add ax, 7
        shr ax, 3
        imul cx, ax
.end:
        pop ax
        ret

vbe_entry:
        call dispi_present
        jc .absent
        movzx bx, byte [bp + R_AL]
        cmp bl, 0x15
        je vbe_ddc
        cmp bl, 0x0A
        ja .unknown
        shl bx, 1
        jmp [cs:bx + .functions]
.functions:
        dw vbe_controller, vbe_mode_information, vbe_set_mode, vbe_get_mode
        dw vbe_state, vbe_window, vbe_line_length, vbe_start
        dw vbe_dac_width, vbe_palette, vbe_protected
.absent:
.unknown:
        mov word [bp + R_AX], 0x0100
        jmp end_service
vbe_ok:
        mov word [bp + R_AX], 0x004F
        jmp end_service
vbe_failed:
        mov word [bp + R_AX], 0x014F
        jmp end_service
vbe_invalid:                            ; not in this mode
        mov word [bp + R_AX], 0x034F
        jmp end_service

vbe_controller:
        mov es, [bp + R_ES]
        mov di, [bp + R_DI]
        mov ebx, [es:di]                ; 'VBE2' asks for 512 bytes
        push di
        mov cx, 128
        xor ax, ax
        rep stosw
        pop di
        mov dword [es:di], 0x41534556   ; 'VESA'
        mov word [es:di + 4], 0x0300
        mov word [es:di + 6], .oem
        mov [es:di + 8], cs
        mov byte [es:di + 10], 0x01     ; the DAC can have 8 bits
        lea ax, [di + 34]
        mov [es:di + 14], ax
        mov [es:di + 16], es
        call video_memory
        mov [es:di + 18], ax
        cmp ebx, 0x32454256
        jne .modes
        mov word [es:di + 20], 0x0100
        mov word [es:di + 22], .oem
        mov [es:di + 24], cs
        mov word [es:di + 26], .product
        mov [es:di + 28], cs
        mov word [es:di + 30], .revision
        mov [es:di + 32], cs
.modes:
        add di, 34
        mov si, vbe_modes
.mode:
        mov cx, [cs:si]
        test cx, cx
        jz .last
        push si
        call find_vbe_mode
        pop si
        jc .skip
        mov ax, cx
        stosw
.skip:
        add si, 8
        jmp .mode
.last:
        mov ax, 0xFFFF
        stosw
        jmp vbe_ok
.oem:
        db "Millwright", 0
.product:
        db "Millwright VGA BIOS", 0
.revision:
        db "1.0", 0

vbe_mode_information:
        mov cx, [bp + R_CX]
        call find_vbe_mode
        jc vbe_failed
        mov es, [bp + R_ES]
        mov di, [bp + R_DI]
        push di
        mov cx, 128
        xor ax, ax
        rep stosw
        pop di
        mov word [es:di], 0x009B        ; supported, extended, colour, graphics, linear
        mov byte [es:di + 2], 7
        mov word [es:di + 4], 64
        mov word [es:di + 6], 64
        mov word [es:di + 8], 0xA000
        mov word [es:di + 12], window_far
        mov [es:di + 14], cs
        call mode_pitch
        mov [es:di + 16], cx
        mov [es:di + 50], cx
        mov ax, [cs:si + 2]
        mov [es:di + 18], ax
        mov ax, [cs:si + 4]
        mov [es:di + 20], ax
        mov byte [es:di + 22], 8
        mov byte [es:di + 23], 16
        mov byte [es:di + 24], 1
        mov bx, [cs:si + 6]
        mov [es:di + 25], bl
        mov byte [es:di + 26], 1
        mov byte [es:di + 27], 6        ; direct colour
        mov byte [es:di + 30], 1
        mov dword [es:di + 62], 230000000
        cmp bl, 8
        ja .direct
        mov byte [es:di + 27], 4        ; packed pixels
        je .pages
        mov byte [es:di + 27], 3        ; planar, through the window only
        mov byte [es:di + 24], 4
        mov word [es:di], 0x001B
        jmp .pages
.direct:
        push si
        sub bx, 15
        mov si, .masks
        jz .masks_found
        add si, 8
        dec bx
        jz .masks_found
        add si, 8
        cmp bx, 8
        je .masks_found
        add si, 8
.masks_found:
        mov eax, [cs:si]
        mov [es:di + 31], eax
        mov [es:di + 54], eax
        mov eax, [cs:si + 4]
        mov [es:di + 35], eax
        mov [es:di + 58], eax
        pop si
.pages:
        call mode_units
        mov cx, ax
        call video_memory
        xor dx, dx
        jcxz .linear
        div cx
        dec ax
        cmp ax, 127
        jbe .few
        mov ax, 127
.few:
        mov [es:di + 29], al
        mov [es:di + 52], al
        mov [es:di + 53], al
.linear:
        cmp byte [es:di + 25], 4
        je vbe_ok
        call framebuffer_address
        mov [es:di + 40], eax
        jmp vbe_ok
; Red size, position, green, blue, reserved.
.masks:
        db 5, 10, 5, 5, 5, 0, 1, 15
        db 5, 11, 6, 5, 5, 0, 0, 0
        db 8, 16, 8, 8, 8, 0, 0, 0
        db 8, 16, 8, 8, 8, 0, 8, 24

vbe_set_mode:
        mov bx, [bp + R_BX]
        mov cx, bx
        and cx, 0x3FFF
        cmp cx, 0x100
        jae .vbe
        mov al, cl
        test bh, 0x80
        jz .vga
        or al, 0x80
.vga:
        push ax
        and al, 0x7F
        call find_mode
        pop ax
        jc vbe_failed
        mov ah, 0
        int 0x10
        jmp vbe_ok
.vbe:
        test bh, 0x08                   ; the caller's own timings: there is no raster to time
        jz .find
        and cx, 0x37FF
.find:
        call find_vbe_mode
        jc vbe_failed
        push si
        call vbe_off
        mov al, 0x13
        cmp word [cs:si + 6], 4
        jne .base
        mov al, 0x12
.base:
        call find_mode
        mov bh, 0x80
        push si
        call program_mode
        pop si
        mov al, PAL_256
        call load_dac
        pop si
        mov bx, [cs:si + 2]
        mov al, DI_XRES
        call dispi_write
        mov bx, [cs:si + 4]
        mov al, DI_YRES
        call dispi_write
        mov bx, [cs:si + 6]
        mov al, DI_BPP
        call dispi_write
        mov bx, EN_ON
        mov cx, [bp + R_BX]
        test ch, 0x40
        jz .window
        or bl, EN_LFB
.window:
        test ch, 0x80
        jz .clear
        or bl, EN_KEEP
.clear:
        mov al, DI_ENABLE
        call dispi_write
        mov bx, 0
        mov al, DI_BANK
        call dispi_write
        mov bx, [cs:si + 2]
        mov al, DI_WIDTH
        call dispi_write
        mov bx, 0
        mov al, DI_X
        call dispi_write
        mov al, DI_Y
        call dispi_write
        and cx, 0xC3FF
        or cx, [cs:si]
        mov [V_VBE_MODE], cx
        mov byte [V_MODE], 0x7F         ; none of the VGA's
        mov ax, [cs:si + 2]
        shr ax, 3
        mov [V_COLUMNS], ax
        mov ax, [cs:si + 4]
        shr ax, 4
        dec al
        mov [V_ROWS], al
        mov word [V_HEIGHT], 16
        jmp vbe_ok
