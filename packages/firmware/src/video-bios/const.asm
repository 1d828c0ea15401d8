; Constants of the VGA BIOS: BIOS data area, VGA registers, the caller's register frame.

SEG_BDA         equ 0x0040
SEG_VIDEO       equ 0xC000

V_MODE          equ 0x49
V_COLUMNS       equ 0x4A
V_PAGE_SIZE     equ 0x4C
V_PAGE_START    equ 0x4E
V_CURSOR        equ 0x50                ; 8 words: column, row
V_SHAPE         equ 0x60
V_PAGE          equ 0x62
V_CRTC          equ 0x63
V_CGA_MODE      equ 0x65
V_CGA_PALETTE   equ 0x66
V_ROWS          equ 0x84                ; rows - 1
V_HEIGHT        equ 0x85                ; scan lines of a character
V_CONTROL       equ 0x87
V_SWITCHES      equ 0x88
V_FLAGS         equ 0x89
V_DCC           equ 0x8A
V_SAVE          equ 0xA8
V_VBE_MODE      equ 0xBA                ; word: VBE mode with its flags, 0 in a VGA mode

ATTRIBUTE       equ 0x3C0
ATTRIBUTE_READ  equ 0x3C1
MISC_WRITE      equ 0x3C2
SEQUENCER       equ 0x3C4
DAC_MASK        equ 0x3C6
DAC_READ        equ 0x3C7
DAC_WRITE       equ 0x3C8
DAC_DATA        equ 0x3C9
MISC_READ       equ 0x3CC
GRAPHICS        equ 0x3CE

R_EDI           equ 0
R_ESI           equ 4
R_EBX           equ 16
R_EDX           equ 20
R_ECX           equ 24
R_EAX           equ 28
R_FS            equ 32
R_ES            equ 34
R_DS            equ 36
R_BP            equ 8
R_DI            equ R_EDI
R_SI            equ R_ESI
R_BX            equ R_EBX
R_BL            equ R_EBX
R_BH            equ R_EBX + 1
R_DX            equ R_EDX
R_DL            equ R_EDX
R_DH            equ R_EDX + 1
R_CX            equ R_ECX
R_CL            equ R_ECX
R_CH            equ R_ECX + 1
R_AX            equ R_EAX
R_AL            equ R_EAX
R_AH            equ R_EAX + 1

%macro ENTER_SERVICE 0
        push ds
        push es
        push fs
        pushad
        mov bp, sp
        cld
        push word SEG_BDA
        pop ds
%endmacro

%macro LEAVE_SERVICE 0
        popad
        pop fs
        pop es
        pop ds
        iret
%endmacro
