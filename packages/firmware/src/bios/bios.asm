; Millwright PC BIOS: the last 64 KiB of the image, seen at F0000 and at the top of 4 GiB.
; The 64 KiB before it (E0000) are data that the build puts together: LOW_VIDEO_BIOS, LOW_ACPI.

bits 16
org 0

LOW_VIDEO_BIOS  equ 0x0010              ; offsets in the lower half; kept off the 2 KiB borders
LOW_ACPI        equ 0x8100              ; that option-ROM scans look at

%include "const.asm"
%include "reset.asm"
%include "post.asm"
%include "chipset.asm"
%include "interrupts.asm"
%include "memory.asm"
%include "print.asm"
%include "pci.asm"
%include "kbc.asm"
%include "keyboard.asm"
%include "key-table.asm"
%include "keyboard-service.asm"
%include "mouse.asm"
%include "clock-service.asm"
%include "system-service.asm"
%include "apm.asm"
%include "serial.asm"
%include "ata.asm"
%include "disk-detect.asm"
%include "disk-service.asm"
%include "edd.asm"
%include "cdrom.asm"
%include "eltorito.asm"
%include "floppy.asm"
%include "floppy-service.asm"
%include "boot.asm"
%include "tables.asm"
%include "smbios.asm"
%include "compatible.asm"
