; Constants shared by every file of the system BIOS.
; Offsets of the BIOS data area are the IBM PC/AT technical reference's; those of the
; extended BIOS data area are the PS/2's up to 5Ch and ours from 60h.

; ---- segments ----
SEG_BDA         equ 0x0040
SEG_BIOS        equ 0xF000
SEG_VIDEO       equ 0xC000
EBDA_KIB        equ 1
SEG_EBDA        equ 0xA000 - EBDA_KIB * 64

; ---- BIOS data area (segment 40h) ----
BDA_COM         equ 0x00        ; 4 words: port of COM1..4
BDA_LPT         equ 0x08        ; 3 words: port of LPT1..3
BDA_EBDA        equ 0x0E        ; segment of the extended area
BDA_EQUIPMENT   equ 0x10
BDA_MEMORY_KIB  equ 0x13
BDA_KB_FLAGS    equ 0x17        ; shift, ctrl, alt, locks
BDA_KB_FLAGS2   equ 0x18        ; which of them are down
BDA_KB_KEYPAD   equ 0x19        ; Alt + keypad digits
BDA_KB_HEAD     equ 0x1A
BDA_KB_TAIL     equ 0x1C
BDA_KB_BUFFER   equ 0x1E
BDA_KB_BUF_END  equ 0x3E
BDA_FD_RECAL    equ 0x3E        ; bits 0-3 drive calibrated, bit 7 interrupt seen
BDA_FD_MOTOR    equ 0x3F
BDA_FD_TIMEOUT  equ 0x40        ; ticks until the motor stops
BDA_FD_STATUS   equ 0x41
BDA_FD_RESULT   equ 0x42        ; 7 bytes ST0..N
BDA_VIDEO_MODE  equ 0x49
BDA_TICKS       equ 0x6C
BDA_MIDNIGHT    equ 0x70
BDA_BREAK       equ 0x71
BDA_RESET_FLAG  equ 0x72
BDA_HD_STATUS   equ 0x74
BDA_HD_COUNT    equ 0x75
BDA_LPT_TIMEOUT equ 0x78
BDA_COM_TIMEOUT equ 0x7C
BDA_KB_START    equ 0x80
BDA_KB_END      equ 0x82
BDA_FD_RATE     equ 0x8B
BDA_HD_INT      equ 0x8E
BDA_FD_MEDIA    equ 0x90        ; 2 bytes: media state of drives 0, 1
BDA_FD_CYL      equ 0x94        ; 2 bytes: current cylinder
BDA_KB_FLAGS3   equ 0x96        ; bit 4 enhanced keyboard, 3 right alt, 2 right ctrl, 1 E0, 0 E1
BDA_KB_LEDS     equ 0x97
BDA_WAIT_PTR    equ 0x98        ; far pointer of INT 15h AH=83h
BDA_WAIT_COUNT  equ 0x9C        ; microseconds left
BDA_WAIT_FLAG   equ 0xA0        ; bit 0 in use, bit 7 elapsed

; ---- extended BIOS data area ----
EB_MOUSE_PTR    equ 0x22        ; far pointer of INT 15h C207h
EB_MOUSE_FLAG1  equ 0x26        ; bits 0-2 index of the next byte
EB_MOUSE_FLAG2  equ 0x27        ; bit 7 handler installed, bits 0-2 packet size - 1
EB_MOUSE_DATA   equ 0x28        ; 8 bytes
EB_FDPT0        equ 0x3D        ; fixed disk parameter tables behind INT 41h, 46h
EB_FDPT1        equ 0x4D
EB_WAIT_LAST    equ 0x60        ; word: last PIT count seen
EB_WAIT_LEFT    equ 0x64        ; dword: PIT ticks (838 ns) left
EB_RAM_LOW      equ 0x68        ; dword: bytes of RAM under 4 GiB, from 0
EB_RAM_HIGH     equ 0x6C        ; dword: 64 KiB blocks above 4 GiB
EB_TABLES       equ 0x70        ; dword: base of the ACPI area at the top of RAM
EB_CD_COUNT     equ 0x74
EB_FD_COUNT     equ 0x75
EB_BOOT_CHOICE  equ 0x76        ; 0 CMOS order, else boot entry + 1
EB_PM_BASE      equ 0x78        ; word: PIIX4 PM I/O base, 0 absent
EB_MOUSE_BYTES  equ 0x7A        ; packet size set by C205h
EB_MOUSE_PRESENT equ 0x7B
EB_EMU          equ 0x80        ; El Torito emulation, see eltorito.asm
EB_ATAPI        equ 0xA0        ; 12-byte packet being sent
EB_PCI_IO       equ 0xB0        ; word: next free I/O port
EB_PCI_MEMORY   equ 0xB4        ; dword: next free memory address
EB_BOOT_TRIED   equ 0xB8        ; bit per boot type
EB_DRIVES       equ 0xC0        ; 4 x DRIVE_SIZE
EB_DPTE         equ 0x140       ; EDD device parameter table extension, 16 bytes
EB_EMU_DPT      equ 0x150       ; diskette parameter table of an emulated floppy, 16 bytes
EB_SECTOR       equ 0x200       ; 512 bytes of scratch
EB_APM_STATE    equ 0x160       ; byte: 0 not connected, 1 real, 2 16-bit, 3 32-bit
EB_REQ_LBA      equ 0x170       ; qword: the transfer under way, in the device's own sectors
EB_REQ_COUNT    equ 0x178       ; word: sectors left
EB_REQ_OFFSET   equ 0x17A       ; caller's buffer, kept normalized (offset under 16)
EB_REQ_SEGMENT  equ 0x17C
EB_REQ_KIND     equ 0x17E       ; byte: 0 read, 1 write, 2 verify
EB_REQ_CHUNK    equ 0x164       ; word: sectors of the command under way
EB_REQ_SKIP     equ 0x166       ; word: ATAPI words to drop before the wanted ones
EB_REQ_TAKE     equ 0x168       ; word: ATAPI words wanted
EB_NAMES        equ 0x180       ; 4 x 32: model names of the four IDE devices

; ---- one IDE device ----
DRIVE_SIZE      equ 32
DR_TYPE         equ 0           ; 0 none, 1 ATA, 2 ATAPI
DR_FLAGS        equ 1           ; bit 0 48-bit addresses, bit 1 LBA, bit 2 DMA
DR_COMMAND      equ 2           ; word: command block
DR_CONTROL      equ 4           ; word: control port
DR_SELECT       equ 6           ; A0h first, B0h second device
DR_NUMBER       equ 7           ; INT 13h drive number
DR_SECTORS      equ 8           ; qword
DR_CYLINDERS    equ 0x10        ; translated geometry
DR_HEADS        equ 0x12
DR_SPT          equ 0x14
DR_PCYLINDERS   equ 0x16        ; the device's own geometry
DR_PHEADS       equ 0x18
DR_PSPT         equ 0x1A
DR_BLOCK        equ 0x1C        ; bytes per sector
DR_BUSMASTER    equ 0x1E        ; word: bus-master I/O base of the channel, 0 none

; ---- caller's registers after ENTER_SERVICE, relative to BP ----
R_EDI           equ 0
R_ESI           equ 4
R_EBP           equ 8
R_EBX           equ 16
R_EDX           equ 20
R_ECX           equ 24
R_EAX           equ 28
R_FS            equ 32
R_ES            equ 34
R_DS            equ 36
R_IP            equ 38
R_CS            equ 40
R_FLAGS         equ 42
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

; A software interrupt keeps every register in one frame; a service answers by writing to it.
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

%macro POST_CODE 1
        mov al, %1
        out 0x80, al
%endmacro
