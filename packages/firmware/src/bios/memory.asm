; Memory size from CMOS, and the map the BIOS reports (INT 12h, 15h 88h, E801h, E820h).
; CMOS 17-18h, 30-31h: KiB above 1 MiB (up to 63 MiB); 34-35h: 64 KiB blocks above 16 MiB;
; 5B-5Dh: 64 KiB blocks above 4 GiB.

TABLES_SIZE     equ 0x10000             ; reported as ACPI data at the top of RAM

; AL = CMOS register AL.
read_cmos:
        pushf
        cli
        or al, 0x80
        out 0x70, al
        in al, 0x71
        push ax
        mov al, 0x0D                    ; NMI on again, a harmless register selected
        out 0x70, al
        pop ax
        popf
        ret

; CMOS register AL := AH.
write_cmos:
        pushf
        cli
        or al, 0x80
        out 0x70, al
        xchg al, ah
        out 0x71, al
        xchg al, ah
        push ax
        mov al, 0x0D
        out 0x70, al
        pop ax
        popf
        ret

; AX = CMOS registers AL (low) and AL + 1 (high).
read_cmos_word:
        push bx
        mov bl, al
        call read_cmos
        mov bh, al
        mov al, bl
        inc al
        call read_cmos
        mov ah, al
        mov al, bh
        pop bx
        ret

size_memory:
        mov ax, SEG_EBDA
        mov es, ax
        mov al, 0x34
        call read_cmos_word
        movzx eax, ax
        shl eax, 16
        jz .small
        add eax, 0x1000000
        jmp .have
.small:
        mov al, 0x30
        call read_cmos_word
        test ax, ax
        jnz .kib
        mov al, 0x17
        call read_cmos_word
.kib:
        movzx eax, ax
        shl eax, 10
        add eax, 0x100000
.have:
        mov [es:EB_RAM_LOW], eax
        sub eax, TABLES_SIZE
        mov [es:EB_TABLES], eax
        mov al, 0x5B
        call read_cmos_word
        movzx ebx, ax
        mov al, 0x5D
        call read_cmos
        movzx eax, al
        shl eax, 16
        or eax, ebx
        mov [es:EB_RAM_HIGH], eax
        ret

; ---- INT 15h E820h ----
; Entries are built one at a time: EBX counts them.
;   0 conventional  1 EBDA and up to A0000  2 BIOS E0000-FFFFF  3 RAM above 1 MiB
;   4 ACPI tables   5 ROM and chip space under 4 GiB            6 RAM above 4 GiB
E820_RAM        equ 1
E820_RESERVED   equ 2
E820_ACPI       equ 3

int15_e820:
        cmp dword [bp + R_EDX], 0x534D4150      ; 'SMAP'
        jne .bad
        cmp dword [bp + R_ECX], 20
        jb .bad
        mov ebx, [bp + R_EBX]
        cmp ebx, 6
        ja .bad
        mov ax, SEG_EBDA
        mov fs, ax
        xor ecx, ecx                    ; EDX:EAX base, ESI:ECX length (ESI = high), BL type
        xor edx, edx
        xor esi, esi
        mov edi, ebx
        inc edi                         ; the next one
        cmp bx, 0
        je .conventional
        cmp bx, 1
        je .ebda
        cmp bx, 2
        je .bios
        cmp bx, 3
        je .extended
        cmp bx, 4
        je .tables
        cmp bx, 5
        je .chips
        mov eax, [fs:EB_RAM_HIGH]
        mov ecx, eax
        shl ecx, 16
        mov esi, eax
        shr esi, 16
        xor eax, eax
        mov edx, 1
        xor edi, edi
        mov bl, E820_RAM
        jmp .store
.conventional:
        xor eax, eax
        mov ecx, SEG_EBDA * 16
        mov bl, E820_RAM
        jmp .store
.ebda:
        mov eax, SEG_EBDA * 16
        mov ecx, EBDA_KIB * 1024
        mov bl, E820_RESERVED
        jmp .store
.bios:
        mov eax, 0xE0000
        mov ecx, 0x20000
        mov bl, E820_RESERVED
        jmp .store
.extended:
        mov eax, 0x100000
        mov ecx, [fs:EB_TABLES]
        sub ecx, eax
        mov bl, E820_RAM
        jmp .store
.tables:
        mov eax, [fs:EB_TABLES]
        mov ecx, TABLES_SIZE
        mov bl, E820_ACPI
        jmp .store
.chips:
        mov eax, 0xFFFC0000
        mov ecx, 0x40000
        mov bl, E820_RESERVED
        cmp dword [fs:EB_RAM_HIGH], 0
        jne .store
        xor edi, edi
.store:
        mov es, [bp + R_ES]
        push edi
        mov di, [bp + R_DI]
        mov [es:di], eax
        mov [es:di + 4], edx
        mov [es:di + 8], ecx
        mov [es:di + 12], esi
        mov byte [es:di + 16], bl
        mov byte [es:di + 17], 0
        mov word [es:di + 18], 0
        pop edi
        mov [bp + R_EBX], edi
        mov dword [bp + R_EAX], 0x534D4150
        mov dword [bp + R_ECX], 20
        jmp service_ok
.bad:
        mov byte [bp + R_AH], 0x86
        jmp service_fail

; E801h: KiB from 1 to 16 MiB, then 64 KiB blocks above 16 MiB.
int15_e801:
        mov ax, SEG_EBDA
        mov fs, ax
        mov eax, [fs:EB_TABLES]
        xor dx, dx
        cmp eax, 0x1000000
        jbe .small
        mov edx, eax
        sub edx, 0x1000000
        shr edx, 16
        mov eax, 0x1000000
.small:
        sub eax, 0x100000
        shr eax, 10
        mov [bp + R_AX], ax
        mov [bp + R_CX], ax
        mov [bp + R_BX], dx
        mov [bp + R_DX], dx
        jmp service_ok

; 88h: KiB above 1 MiB, at most 63 MiB as the AT's BIOS answered.
int15_88:
        mov ax, SEG_EBDA
        mov fs, ax
        mov eax, [fs:EB_TABLES]
        sub eax, 0x100000
        shr eax, 10
        cmp eax, 0xFC00
        jbe .fits
        mov ax, 0xFC00
.fits:
        mov [bp + R_AX], ax
        jmp service_ok
