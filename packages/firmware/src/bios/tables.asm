; What an operating system finds by looking for marks in F0000-FFFFF: BIOS32, $PIR, RSDP, SMBIOS.

; ---- BIOS32 service directory (Standard BIOS 32-bit Service Directory 0.4) ----
align 16
bios32_header:
        db "_32_"
        dd 0xF0000 + bios32_entry
        db 0, 1
        db 0                            ; checksum, set by POST
        db 0, 0, 0, 0, 0

bits 32
; EAX = service: EBX base, ECX length, EDX entry's offset. Returned by a far return.
bios32_entry:
        test bl, bl
        jnz .function
        cmp eax, 0x49435024             ; '$PCI'
        mov al, 0x80
        jne .end
        mov ebx, 0xF0000
        mov ecx, 0x10000
        mov edx, pci_entry_32
        mov al, 0
.end:
        retf
.function:
        mov al, 0x81
        retf

pci_entry_32:
        pushfd
        cmp ah, 0xB1
        jne .unknown
        call pci_services_32
        jc .error
        popfd
        clc
        retf
.unknown:
        mov ah, 0x81
.error:
        popfd
        stc
        retf
pci_services_32:
%include "pci-services.asm"
bits 16

; ---- PCI interrupt routing table (Microsoft $PIR 1.0) ----
PCI_ONLY_INTERRUPTS equ 0x0C00          ; 10, 11
ROUTABLE        equ 0xDEB8              ; every interrupt the PIIX3 can route to

; One slot: four pins, each a link (the PIRQ's register 60h-63h) and the interrupts it may have.
%macro PIR_SLOT 6
        db 0, %1 * 8
        db %2
        dw ROUTABLE
        db %3
        dw ROUTABLE
        db %4
        dw ROUTABLE
        db %5
        dw ROUTABLE
        db %6, 0
%endmacro

align 16
pir_header:
        db "$PIR"
        dw 0x0100
        dw pir_slots_end - pir_header
        db 0, 8                         ; the router: bus 0, device 1, function 0
        dw PCI_ONLY_INTERRUPTS
        dd 0x70008086
        dd 0
        times 11 db 0
        db 0                            ; checksum, set by POST
pir_slots:
        PIR_SLOT 1, 0x60, 0x61, 0x62, 0x63, 0
        PIR_SLOT 2, 0x61, 0x62, 0x63, 0x60, 0
        PIR_SLOT 3, 0x62, 0x63, 0x60, 0x61, 1
        PIR_SLOT 4, 0x63, 0x60, 0x61, 0x62, 2
        PIR_SLOT 5, 0x60, 0x61, 0x62, 0x63, 3
        PIR_SLOT 6, 0x61, 0x62, 0x63, 0x60, 4
        PIR_SLOT 7, 0x62, 0x63, 0x60, 0x61, 5
        PIR_SLOT 8, 0x63, 0x60, 0x61, 0x62, 6
pir_slots_end:

; ---- ACPI 1.0 root pointer; POST writes the address of the RSDT ----
align 16
rsdp:
        db "RSD PTR "
        db 0                            ; checksum
        db "MWRGHT"
        db 0                            ; ACPI 1.0
        dd 0

; Make the CX bytes at CS:SI, writable shadow, add up to zero by the byte at DI.
set_checksum:
        push ds
        push cs
        pop ds
        mov byte [di], 0
        mov al, 0
.sum:
        add al, [si]
        inc si
        loop .sum
        neg al
        mov [di], al
        pop ds
        ret

; Copy the ACPI area built by acpi.ts (LOW_ACPI in the E0000 shadow) to the top of RAM, turn its
; offsets into addresses and set checksums. Area: word count of fix-ups, word count of sums,
; dword length, dword offset of the RSDT; the fix-ups (dword offsets), the sums (dword offset,
; dword length, both from the tables' start), then, 16-aligned, the tables.
install_acpi:
        mov ax, SEG_EBDA
        mov es, ax
        mov ebp, [es:EB_TABLES]
        test byte [es:EB_PM_BASE + 1], 0xFF
        jz .none                        ; without the PIIX4 the tables would tell lies
        call enter_flat                 ; DS, ES with 4 GiB limits
        mov esi, 0xE0000 + LOW_ACPI
        movzx ebx, word [esi]           ; fix-ups
        movzx edx, word [esi + 2]       ; sums
        mov ecx, [esi + 4]
        lea edi, [esi + 12]
        lea eax, [edi + ebx * 4]
        lea eax, [eax + edx * 8 + 15]
        and eax, 0xFFFFFFF0             ; the tables
        push esi
        push edi
        mov esi, eax
        mov edi, ebp
        a32 rep movsb
        pop edi
        pop esi
        test bx, bx
        jz .sums
.fix:
        mov eax, [edi]
        add [ds:eax + ebp], ebp
        add edi, 4
        dec bx
        jnz .fix
.sums:
        test dx, dx
        jz .root
        mov eax, [edi]                  ; a table's start
        mov ecx, [edi + 4]
        add eax, ebp
        push eax
        xor bl, bl
.sum:
        add bl, [eax]
        inc eax
        dec ecx
        jnz .sum
        pop eax
        neg bl
        mov [eax + 9], bl               ; the header's checksum was zero
        add edi, 8
        dec dx
        jmp .sums
.root:
        mov eax, [esi + 8]
        add eax, ebp
        call leave_flat
        push ds
        push cs
        pop ds
        mov [rsdp + 16], eax
        pop ds
        mov si, rsdp
        mov di, rsdp + 8
        mov cx, 20
        call set_checksum
        mov dx, PM_BASE + PM1_CONTROL   ; SCI_EN: the FADT names no SMI command to switch with
        in ax, dx
        or al, 1
        out dx, ax
.none:
        mov si, bios32_header
        mov di, bios32_header + 10
        mov cx, 16
        call set_checksum
        mov si, pir_header
        mov di, pir_header + 31
        mov cx, pir_slots_end - pir_header
        jmp set_checksum

; Data segments with base 0 and 4 GiB limits that survive the return to real mode. Interrupts off.
enter_flat:
        cli
        push eax
        o32 lgdt [cs:gdt_pointer]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp short .protected
.protected:
        push word 0x10
        pop ds
        push word 0x10
        pop es
        and al, 0xFE
        mov cr0, eax
        jmp SEG_BIOS:.real
.real:
        xor ax, ax
        mov ds, ax
        mov es, ax
        pop eax
        ret

; Back to 64 KiB limits; interrupts on again.
leave_flat:
        push eax
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp short .protected
.protected:
        push word 0x20
        pop ds
        push word 0x20
        pop es
        and al, 0xFE
        mov cr0, eax
        jmp SEG_BIOS:.real
.real:
        xor ax, ax
        mov ds, ax
        mov es, ax
        pop eax
        sti
        ret
