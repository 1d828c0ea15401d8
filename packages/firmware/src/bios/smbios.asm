; SMBIOS 2.4 structures (DMTF DSP0134); POST fills in the memory size and the checksums.

align 16
smbios_entry:
        db "_SM_"
        db 0, 0x1F, 2, 4
        dw smbios_longest
        db 0, 0, 0, 0, 0, 0
smbios_dmi:
        db "_DMI_"
        db 0
        dw smbios_end - smbios_tables
        dd 0xF0000 + smbios_tables
        dw 9
        db 0x24
smbios_entry_end:
smbios_longest  equ 0x60

align 16
smbios_tables:
        db 0, 24                        ; BIOS information
        dw 0x0000
        db 1, 2
        dw 0xE000
        db 3, 1                         ; 128 KiB of ROM
        dq 0x000000000801D890           ; PCI, upgradeable, shadowed, CD boot, selectable boot, EDD, INT 5/9/14/10
        db 0x01, 0x00                   ; ACPI
        db 1, 0, 0xFF, 0xFF
        db "Millwright", 0, "1.0", 0, "11/23/2026", 0, 0
        db 1, 27                        ; system
        dw 0x0100
        db 1, 2, 3, 0
        times 16 db 0                   ; no UUID set
        db 6, 0, 0                      ; wake-up by the power switch
        db "Millwright", 0, "PC (i440FX + PIIX3)", 0, "1.0", 0, 0
        db 3, 13                        ; chassis
        dw 0x0300
        db 1, 3, 0, 0, 0, 3, 3, 3, 2
        db "Millwright", 0, 0
        db 4, 35                        ; processor
        dw 0x0400
        db 1, 3, 0xB1, 2                ; central, Pentium III family
        dq 0
        db 3, 0x80 + 33                 ; 3.3 V
        dw 100, 0, 0
        db 0x41, 6                      ; populated, enabled; no socket to upgrade
        dw 0xFFFF, 0xFFFF, 0xFFFF
        db 0, 0, 0
        db "CPU 0", 0, "Millwright", 0, "x86", 0, 0
        db 16, 15                       ; physical memory array
        dw 0x1000
        db 3, 3, 3
smbios_capacity:
        dd 0
        dw 0xFFFE, 1
        db 0, 0
        db 17, 27                       ; memory device
        dw 0x1100
        dw 0x1000, 0xFFFE, 64, 64
smbios_device_size:
        dw 0
        db 9, 0, 1, 0, 7                ; DIMM, RAM
        dw 0, 0
        db 0, 0, 0, 0
        db "DIMM 0", 0, 0
        db 19, 15                       ; memory array mapped address
        dw 0x1300
        dd 0
smbios_mapped_end:
        dd 0
        dw 0x1000
        db 1
        db 0, 0
        db 32, 11                       ; boot information
        dw 0x2000
        db 0, 0, 0, 0, 0, 0, 0
        db 0, 0
        db 127, 4
        dw 0x7F00
        db 0, 0
smbios_end:

install_smbios:
        mov ax, SEG_EBDA
        mov es, ax
        push cs
        pop ds
        mov eax, [es:EB_RAM_LOW]
        shr eax, 10
        mov edx, [es:EB_RAM_HIGH]
        shl edx, 6
        add eax, edx                    ; KiB
        mov [smbios_capacity], eax
        lea edx, [eax - 1]
        mov [smbios_mapped_end], edx
        shr eax, 10                     ; MiB, 7FFFh at most in this field
        cmp eax, 0x7FFF
        jb .fits
        mov ax, 0x7FFE
.fits:
        mov [smbios_device_size], ax
        mov si, smbios_dmi
        mov di, smbios_dmi + 5
        mov cx, smbios_entry_end - smbios_dmi
        call set_checksum
        mov si, smbios_entry
        mov di, smbios_entry + 4
        mov cx, smbios_entry_end - smbios_entry
        jmp set_checksum
