; The ACPI power button and power-off of the PIIX4 (Intel 82371AB data sheet, 7.2; ACPI 1.0b, 4.7.3). Without that chip there is no button.
PCI_ADDRESS     equ 0xCF8
PCI_DATA        equ 0xCFC
PIIX4_PM        equ 0x71138086  ; device and vendor
PMBA            equ 0x40        ; configuration: base of the ports
PMREGMISC       equ 0x80        ; configuration: bit 0 opens them
PMSTS           equ 0           ; ports: status, written ones clear
PMEN            equ 2
PMCNTRL         equ 4
PWRBTN          equ 0x0100      ; in PMSTS and PMEN
SUS_EN          equ 0x2000      ; in PMCNTRL; SUS_TYP 0 is soft off
SUS_TYP         equ 0x1C00
POWER_TICKS     equ TICKS_PER_SECOND/10 ; how often the button is looked at

; Finds the ports where the firmware put them, among the functions 3 of bus 0.
power_init:
        mov esi, 0x80000300
.next:
        xor eax, eax
        call pci_read
        cmp eax, PIIX4_PM
        je .found
        add esi, 0x800
        cmp esi, 0x80010000
        jb .next
        ret
.found:
        mov eax, PMREGMISC
        call pci_read
        test al, 1
        jz .none
        mov eax, PMBA
        call pci_read
        and eax, 0xFFC0
        jz .none
        mov [power_ports], eax
        mov edx, eax
        mov ax, PWRBTN          ; what was pressed before is the press that switched the machine on
        out dx, ax
        add edx, PMEN           ; some chips note the button only for who wants its interrupt; IRQ 9 stays masked
        mov ax, PWRBTN
        out dx, ax
.none:
        ret

; EAX = the configuration register EAX of the function that ESI names.
pci_read:
        mov edx, PCI_ADDRESS
        or eax, esi
        out dx, eax
        mov edx, PCI_DATA
        in eax, dx
        ret

; The panel keeps nothing that power-off would lose: it ends at once.
power_poll:
        mov edx, [power_ports]
        test edx, edx
        jz .done
        mov eax, [ticks]
        cmp eax, [power_next]
        js .done
        add eax, POWER_TICKS
        mov [power_next], eax
        in ax, dx
        test ax, PWRBTN
        jz .done
        mov ax, PWRBTN
        out dx, ax
        add edx, PMCNTRL
        in ax, dx
        and ax, ~SUS_TYP & 0xFFFF
        or ax, SUS_EN
        out dx, ax
.done:
        ret

align 4, db 0
power_ports     dd 0            ; 0: no such chip
power_next      dd 0
