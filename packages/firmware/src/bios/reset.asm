; From the reset vector to a BIOS that runs from shadow RAM.
; Sources: Intel 440FX PMC data sheet (PAM registers 59h-5Fh), SDM Vol. 3 ch. 9.

; The CPU arrives through the far jump at F000:FFF0, with the ROM seen under 1 MiB.
reset_entry:
        cli
        cld
        POST_CODE 0x01
        mov al, 0x8F                    ; CMOS 0Fh, NMI off: why were we reset?
        out 0x70, al
        in al, 0x71
        cmp al, 0x05
        je .resume_eoi
        cmp al, 0x09
        je .resume_block_move
        cmp al, 0x0A
        je .resume
        jmp cold_start
.resume_eoi:
        mov al, 0x20
        out 0xA0, al
        out 0x20, al
.resume:
        mov bx, .jump
        jmp restore_shadow
.jump:
        jmp far [0x467]
.resume_block_move:
        mov bx, .unwind
        jmp restore_shadow
.unwind:
        mov ss, [0x469]
        mov sp, [0x467]
        popad
        pop fs
        pop es
        pop ds
        iret

; A reset for a real-mode return keeps RAM: point the PAM registers at the shadow again, A20 on,
; DS = 0, then continue at BX. There is no stack yet.
restore_shadow:
        mov al, 0x8F
        out 0x70, al
        mov al, 0
        out 0x71, al
        mov eax, 0x80000058
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFD
        mov al, 0x10                    ; 59h: F0000 read-only RAM
        out dx, al
        inc dx
        mov al, 0x11                    ; 5Ah: C0000-C7FFF
        out dx, al
        mov eax, 0x8000005C
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFE
        out dx, al                      ; 5Eh, 5Fh: E0000-EFFFF
        inc dx
        out dx, al
        in al, 0x92
        or al, 0x02
        and al, 0xFE
        out 0x92, al
        xor ax, ax
        mov ds, ax
        jmp bx

cold_start:
        POST_CODE 0x02
        mov al, 0x8F
        out 0x70, al
        mov al, 0
        out 0x71, al
        in al, 0x92                     ; A20 on, no fast reset
        or al, 0x02
        and al, 0xFE
        out 0x92, al
        o32 lgdt [cs:gdt_pointer]
        mov eax, cr0
        and eax, 0x1FFFFFFF             ; caches on, write-back, no paging
        or al, 1
        mov cr0, eax
        jmp dword 0x08:(0xFFFF0000 + shadow_rom)

bits 32
; Flat 32-bit code at the top of 4 GiB: the ROM itself, so that the window under 1 MiB may change.
shadow_rom:
        mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov ss, ax
        ; C0000-C7FFF and E0000-FFFFF become RAM for reads and writes; C8000-DFFFF stays on
        ; the bus, for option ROMs.
        mov dx, 0xCF8
        mov eax, 0x80000058
        out dx, eax
        mov dl, 0xFD                    ; 59h: F0000-FFFFF
        mov al, 0x30
        out dx, al
        inc edx                         ; 5Ah: C0000-C7FFF
        mov al, 0x33
        out dx, al
        inc edx
        mov al, 0
        out dx, al                      ; 5Bh: C8000-CFFFF
        mov dl, 0xF8
        mov eax, 0x8000005C
        out dx, eax
        mov dl, 0xFC
        mov al, 0
        out dx, al                      ; 5Ch: D0000-D7FFF
        inc edx
        out dx, al                      ; 5Dh: D8000-DFFFF
        inc edx
        mov al, 0x33
        out dx, al                      ; 5Eh: E0000-E7FFF
        inc edx
        out dx, al                      ; 5Fh: E8000-EFFFF
        mov esi, 0xFFFE0000
        mov edi, 0x000E0000
        mov ecx, 0x20000 / 4
        rep movsd
        mov esi, 0xFFFE0000 + LOW_VIDEO_BIOS
        mov edi, 0x000C0000
        mov ecx, 0x8000 / 4
        rep movsd
        ; The interrupt vectors, the data areas and the rest of the first 640 KiB start as zero.
        xor eax, eax
        mov ecx, [0x472]                ; a warm start keeps its mark
        xor edi, edi
        mov edx, ecx
        mov ecx, 0xA0000 / 4
        rep stosd
        mov [0x472], dx
        ; A local APIC, where there is one, must let the PIC's interrupts through (virtual wire).
        mov eax, 1
        cpuid
        test edx, 0x200
        jz .no_apic
        or dword [0xFEE000F0], 0x100    ; spurious vector register: enabled
        mov dword [0xFEE00350], 0x700   ; LINT0: ExtINT
        mov dword [0xFEE00360], 0x400   ; LINT1: NMI
.no_apic:
        jmp dword 0x18:leave_protected

bits 16
leave_protected:
        mov ax, 0x20
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov fs, ax
        mov gs, ax
        mov eax, cr0
        and al, 0xFE
        mov cr0, eax
        jmp SEG_BIOS:post_start

align 8
gdt:
        dq 0
        dq 0x00CF9B000000FFFF           ; 08 flat 32-bit code
        dq 0x00CF93000000FFFF           ; 10 flat data
        dq 0x00009B0F0000FFFF           ; 18 16-bit code at F0000
        dq 0x000093000000FFFF           ; 20 16-bit data at 0
        dq 0x00009B0F0000FFFF           ; 28 reserved for INT 15h 87h
gdt_end:
gdt_pointer:
        dw gdt_end - gdt - 1
        dd 0xFFFF0000 + gdt
