; VBE modes: number, width, height, bits per pixel. 100h-11Bh are VESA's, 11Ch-192h the numbers that
; Bochs and QEMU gave, 193h-19Dh ours. Widths are multiples of 8, as the display interface wants them.

%macro VBE_MODE 4
        dw %1, %2, %3, %4
%endmacro

vbe_modes:
        VBE_MODE 0x100, 640, 400, 8
        VBE_MODE 0x101, 640, 480, 8
        VBE_MODE 0x102, 800, 600, 4
        VBE_MODE 0x103, 800, 600, 8
        VBE_MODE 0x104, 1024, 768, 4
        VBE_MODE 0x105, 1024, 768, 8
        VBE_MODE 0x106, 1280, 1024, 4
        VBE_MODE 0x107, 1280, 1024, 8
        VBE_MODE 0x10D, 320, 200, 15
        VBE_MODE 0x10E, 320, 200, 16
        VBE_MODE 0x10F, 320, 200, 24
        VBE_MODE 0x110, 640, 480, 15
        VBE_MODE 0x111, 640, 480, 16
        VBE_MODE 0x112, 640, 480, 24
        VBE_MODE 0x113, 800, 600, 15
        VBE_MODE 0x114, 800, 600, 16
        VBE_MODE 0x115, 800, 600, 24
        VBE_MODE 0x116, 1024, 768, 15
        VBE_MODE 0x117, 1024, 768, 16
        VBE_MODE 0x118, 1024, 768, 24
        VBE_MODE 0x119, 1280, 1024, 15
        VBE_MODE 0x11A, 1280, 1024, 16
        VBE_MODE 0x11B, 1280, 1024, 24
        VBE_MODE 0x11C, 1600, 1200, 8
        VBE_MODE 0x11D, 1600, 1200, 15
        VBE_MODE 0x11E, 1600, 1200, 16
        VBE_MODE 0x11F, 1600, 1200, 24
        VBE_MODE 0x140, 320, 200, 32
        VBE_MODE 0x141, 640, 400, 32
        VBE_MODE 0x142, 640, 480, 32
        VBE_MODE 0x143, 800, 600, 32
        VBE_MODE 0x144, 1024, 768, 32
        VBE_MODE 0x145, 1280, 1024, 32
        VBE_MODE 0x146, 320, 200, 8
        VBE_MODE 0x147, 1600, 1200, 32
        VBE_MODE 0x148, 1152, 864, 8
        VBE_MODE 0x149, 1152, 864, 15
        VBE_MODE 0x14A, 1152, 864, 16
        VBE_MODE 0x14B, 1152, 864, 24
        VBE_MODE 0x14C, 1152, 864, 32
        VBE_MODE 0x175, 1280, 768, 16
        VBE_MODE 0x176, 1280, 768, 24
        VBE_MODE 0x177, 1280, 768, 32
        VBE_MODE 0x178, 1280, 800, 16
        VBE_MODE 0x179, 1280, 800, 24
        VBE_MODE 0x17A, 1280, 800, 32
        VBE_MODE 0x17B, 1280, 960, 16
        VBE_MODE 0x17C, 1280, 960, 24
        VBE_MODE 0x17D, 1280, 960, 32
        VBE_MODE 0x17E, 1440, 900, 16
        VBE_MODE 0x17F, 1440, 900, 24
        VBE_MODE 0x180, 1440, 900, 32
        VBE_MODE 0x181, 1400, 1050, 16
        VBE_MODE 0x182, 1400, 1050, 24
        VBE_MODE 0x183, 1400, 1050, 32
        VBE_MODE 0x184, 1680, 1050, 16
        VBE_MODE 0x185, 1680, 1050, 24
        VBE_MODE 0x186, 1680, 1050, 32
        VBE_MODE 0x187, 1920, 1200, 16
        VBE_MODE 0x188, 1920, 1200, 24
        VBE_MODE 0x189, 1920, 1200, 32
        VBE_MODE 0x18D, 1280, 720, 16
        VBE_MODE 0x18E, 1280, 720, 24
        VBE_MODE 0x18F, 1280, 720, 32
        VBE_MODE 0x190, 1920, 1080, 16
        VBE_MODE 0x191, 1920, 1080, 24
        VBE_MODE 0x192, 1920, 1080, 32
        VBE_MODE 0x193, 1360, 768, 16
        VBE_MODE 0x194, 1360, 768, 24
        VBE_MODE 0x195, 1360, 768, 32
        VBE_MODE 0x196, 1280, 720, 8
        VBE_MODE 0x197, 1280, 720, 15
        VBE_MODE 0x198, 1280, 800, 8
        VBE_MODE 0x199, 1280, 800, 15
        VBE_MODE 0x19A, 1360, 768, 8
        VBE_MODE 0x19B, 1360, 768, 15
        VBE_MODE 0x19C, 1920, 1080, 8
        VBE_MODE 0x19D, 1920, 1080, 15
        dw 0

; EDID 1.3 of the display that is always attached; the last byte is computed when it is read.
edid:
        db 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00
        db 0x36, 0xF2                   ; 'MWR'
        dw 0x0001
        dd 0x00000001
        db 47, 2026 - 1990, 1, 3
        db 0x0E, 34, 25, 120, 0x0A      ; analogue, 34 x 25 cm, gamma 2.2, preferred timing
        db 0xEE, 0x91, 0xA3, 0x54, 0x4C, 0x99, 0x26, 0x0F, 0x50, 0x54  ; sRGB primaries
        db 0x21, 0x08, 0x00             ; 640x480, 800x600, 1024x768 at 60 Hz
        db 0x81, 0x00, 0x81, 0xC0       ; 1280x800, 1280x720
        db 0x81, 0x80, 0xD1, 0xC0       ; 1280x1024, 1920x1080
        db 0x8B, 0xC0, 0xA9, 0x40       ; 1360x768, 1600x1200
        db 0x01, 0x01, 0x01, 0x01
        db 0x64, 0x19, 0x00, 0x40, 0x41, 0x00, 0x26, 0x30, 0x18, 0x88, 0x36, 0x00, 0x54, 0xFA, 0x10, 0, 0, 0x18
        db 0, 0, 0, 0xFD, 0, 50, 75, 30, 83, 17, 0, 0x0A, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20
        db 0, 0, 0, 0xFC, 0, "Millwright", 0x0A, 0x20, 0x20
        db 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        db 0
