; The addresses that old programs jump to or read without asking the vectors, as in IBM's listing.

        times 0xE05B - ($ - $$) db 0xFF
        jmp reset_entry                 ; E05B
        times 0xE2C3 - ($ - $$) db 0xFF
        jmp nmi_entry
        times 0xE3FE - ($ - $$) db 0xFF
        jmp int13_entry
        times 0xE6F2 - ($ - $$) db 0xFF
        jmp int19_entry
        times 0xE6F5 - ($ - $$) db 0xFF
        dw 8                            ; E6F5: configuration table
        db 0xFC, 0x00, 0x01, 0x74, 0x40, 0, 0, 0
        times 0xE739 - ($ - $$) db 0xFF
        jmp int14_entry
        times 0xE82E - ($ - $$) db 0xFF
        jmp int16_entry
        times 0xE987 - ($ - $$) db 0xFF
        jmp irq1_entry
        times 0xEC59 - ($ - $$) db 0xFF
        jmp int13_floppy_entry
        times 0xEF57 - ($ - $$) db 0xFF
        jmp irq6_entry
        times 0xEFC7 - ($ - $$) db 0xFF
        db 0xAF, 0x02, 0x25, 0x02, 18, 0x1B, 0xFF, 0x6C, 0xF6, 0x0F, 0x08
        times 0xEFD2 - ($ - $$) db 0xFF
        jmp int17_entry
        times 0xF841 - ($ - $$) db 0xFF
        jmp int12_entry
        times 0xF84D - ($ - $$) db 0xFF
        jmp int11_entry
        times 0xF859 - ($ - $$) db 0xFF
        jmp int15_entry
        times 0xFA6E - ($ - $$) db 0xFF
%include "font-8x8-low.inc"             ; FA6E: the first 128 characters, 8x8
        times 0xFE6E - ($ - $$) db 0xFF
        jmp int1a_entry
        times 0xFEA5 - ($ - $$) db 0xFF
        jmp irq0_entry
        times 0xFF53 - ($ - $$) db 0xFF
iret_only:
        iret
        times 0xFF54 - ($ - $$) db 0xFF
        jmp print_screen
        times 0xFFF0 - ($ - $$) db 0xFF
        jmp SEG_BIOS:0xE05B             ; reset vector
        db "11/23/26"
        db 0, 0xFC, 0
