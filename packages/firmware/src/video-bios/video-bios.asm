; Millwright VGA BIOS: a 32 KiB option ROM for the display controller 1234:1111, at C0000.
; Sources: IBM VGA technical reference (INT 10h, registers), VESA VBE Core Functions 2.0/3.0,
; the Bochs display interface (ports 1CEh, 1CFh), PCI Firmware (option ROM header).

bits 16
org 0

%include "const.asm"

        db 0x55, 0xAA
        db 64                           ; 32 KiB
        jmp near start                  ; 03
        times 0x18 - ($ - $$) db 0
        dw pci_data                     ; 18
        dw 0
        times 0x1E - ($ - $$) db 0
        db "IBM"                        ; where programs look for a VGA
        db 0
        times 0x30 - ($ - $$) db 0
        db "Millwright VGA BIOS 1.0", 13, 10, 0

align 4
pci_data:
        db "PCIR"
        dw 0x1234, 0x1111
        dw 0
        dw 24
        db 0
        db 0x00, 0x00, 0x03             ; VGA compatible controller
        dw 64
        dw 0x0100
        db 0, 0x80                      ; x86 code, last image
        dw 0

; Called by the system BIOS: vectors, data area, mode 3.
start:
        pushf
        pusha
        push ds
        push es
        cli
        cld
        xor ax, ax
        mov ds, ax
        mov word [0x10 * 4], int10_entry
        mov [0x10 * 4 + 2], cs
        mov word [0x6D * 4], int10_entry
        mov [0x6D * 4 + 2], cs
        mov word [0x1F * 4], font_8x8 + 1024
        mov [0x1F * 4 + 2], cs
        mov word [0x43 * 4], font_8x8
        mov [0x43 * 4 + 2], cs
        mov word [0x1D * 4], mode_records
        mov [0x1D * 4 + 2], cs
        mov ax, SEG_BDA
        mov ds, ax
        mov byte [V_CONTROL], 0x60      ; 256 KiB, EGA active
        mov byte [V_SWITCHES], 0xF9
        mov byte [V_FLAGS], 0x51        ; VGA, 400 lines
        mov byte [V_DCC], 8             ; VGA with a colour display
        mov word [V_SAVE], save_pointers
        mov [V_SAVE + 2], cs
        mov dx, 0x3C3                   ; the VGA answers
        mov al, 1
        out dx, al
        mov ax, 0x0003
        int 0x10
        pop es
        pop ds
        popa
        popf
        retf

; Save-pointer table: the mode records; no overrides.
save_pointers:
        dw mode_records, SEG_VIDEO
        dd 0, 0, 0
        dw save_pointers2, SEG_VIDEO
        dd 0, 0
save_pointers2:
        dw 26
        dw dcc_table, SEG_VIDEO
        dd 0, 0, 0, 0, 0
dcc_table:
        db 4, 1, 8, 0                   ; entries, version, highest code
        db 0, 0, 0, 8, 0, 7, 0, 0

; ---- INT 10h ----
int10_entry:
        sti
        ENTER_SERVICE
        mov al, [bp + R_AH]
        cmp al, 0x4F
        je vbe_entry
        cmp al, 0x1C
        ja .end
        movzx bx, al
        shl bx, 1
        jmp [cs:bx + functions]
.end:
        LEAVE_SERVICE
end_service:
        LEAVE_SERVICE

functions:
        dw set_mode, set_cursor_shape, set_cursor, get_cursor
        dw light_pen, set_page, scroll_up, scroll_down
        dw read_character, write_cell, write_character, cga_palette
        dw write_pixel, read_pixel, teletype, get_mode
        dw palette_service, font_service, alternate_select, write_string
        dw end_service, end_service, end_service, end_service
        dw end_service, end_service, display_combination, state_information
        dw save_state

%include "modes.asm"
%include "mode-tables.asm"
%include "text.asm"
%include "scroll.asm"
%include "graphics.asm"
%include "pixels.asm"
%include "palette.asm"
%include "dac.asm"
%include "font-service.asm"
%include "information.asm"
%include "vbe.asm"
%include "vbe-display.asm"
%include "vbe-protected.asm"
%include "vbe-modes.asm"

font_8x8:
%include "font-8x8.inc"
font_8x14:
%include "font-8x14.inc"
font_8x16:
%include "font-8x16.inc"

        times 0x7FFF - ($ - $$) db 0xFF
        db 0                            ; checksum, set by the build
