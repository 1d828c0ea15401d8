%include "kernel.inc"
%define PD PAGES
%define PT0 (PAGES + 0x1000)
%define PT1 (PAGES + 0x2000)
%define LIN 0x400000
; Directory: 0..4 MiB identity for everyone, 4..8 MiB through PT1; entry 0 of PT1 is the page under test. The ROM stays mapped.
setup:  mov edi, PT0
        mov eax, 7
        mov ecx, 1024
.l:     stosd
        add eax, 0x1000
        loop .l
        mov edi, PD
        xor eax, eax
        mov ecx, 1024
        rep stosd
        mov edi, PT1
        mov ecx, 1024
        rep stosd
        mov dword [PD], PT0 | 7
        mov dword [PD + 4], PT1 | 7
        mov dword [PT1], DATA | 7
        mov dword [PT1 + 4], (DATA + 0x1000) | 7
        mov eax, PD
        mov cr3, eax
        ret
%macro ON 0-1 0
        mov eax, cr0
        or eax, 0x80000000 | %1
        mov cr0, eax
%endmacro
%macro ENTRIES 0
        mov eax, [PD + 4]
        and eax, 0xFFF
        V eax
        mov eax, [PT1]
        and eax, 0xFFF
        V eax
%endmacro
; name, directory flags, table flags, WP, ring-0 access
%macro SUP 5+
        T %1
        call setup
        mov dword [PD + 4], PT1 | %2
        mov dword [PT1], DATA | %3
        ON %4
        %5
        ENTRIES
        E
%endmacro
%macro USR 4+
        T %1
        call setup
        mov dword [PD + 4], PT1 | %2
        mov dword [PT1], DATA | %3
        ON
        USER
        %4
        int 0x40
        E
%endmacro
%define WP 0x10000
tests:
        SUP "read", 3, 3, 0, mov al, [LIN]
        SUP "write", 3, 3, 0, mov [LIN], al
        SUP "read, directory absent", 2, 3, 0, mov al, [LIN]
        SUP "write, table entry absent", 3, 2, 0, mov [LIN + 0x123], al
        SUP "write read-only, WP = 0", 3, 1, 0, mov [LIN], al
        SUP "write read-only, WP = 1", 3, 1, WP, mov [LIN], al
        SUP "write read-only by the directory, WP = 1", 1, 3, WP, mov [LIN], al
        SUP "write a user's read-only page, WP = 1", 7, 5, WP, mov [LIN], al
        SUP "read-modify-write", 7, 7, 0, add dword [LIN], 1
        SUP "cmp only reads", 7, 7, 0, cmp dword [LIN], 1
        USR "user read", 7, 7, mov al, [LIN]
        USR "user write", 7, 7, mov [LIN], al
        USR "user read, supervisor page", 7, 3, mov al, [LIN]
        USR "user write, supervisor page", 7, 3, mov [LIN], al
        USR "user read, supervisor directory", 3, 7, mov al, [LIN]
        USR "user write, read-only", 7, 5, mov [LIN], al
        USR "user write, read-only directory", 5, 7, mov [LIN], al
        USR "user read absent", 7, 6, mov al, [LIN]
        USR "user write absent", 7, 6, mov [LIN], al
        USR "user jump to an absent page", 7, 6, {mov eax, LIN}
        T "user fetch from a supervisor page"
        call setup
        mov dword [PT1], DATA | 3
        ON
        USER
        jmp LIN
        E
        T "fetch from an absent page"
        call setup
        ON
        mov eax, LIN + 0x2345
        jmp eax
        E
        T "instruction over an absent page"
        call setup
        mov dword [PT1 + 4], 0
        mov byte [DATA + 0xFFE], 0xB8
        ON
        mov eax, LIN + 0xFFE
        jmp eax
        E
        T "write over a page end, second absent: nothing written"
        call setup
        mov dword [PT1 + 4], 0
        mov dword [resume_eip], .here
        ON
        mov eax, 0x11223344
        mov [LIN + 0xFFE], eax
.here:  mov eax, [DATA + 0xFFC]
        V eax
        E
        T "push to an absent page keeps esp"
        call setup
        ON
        mov dword [PT1], 0
        mov eax, cr3
        mov cr3, eax
        mov ax, DATA0
        mov dword [IDT + 14 * 8 + 4], 0x00008500
        mov dword [IDT + 14 * 8], TSS2_S << 16
        mov dword [TSS2 + 0x20], .there
        mov dword [TSS2 + 0x1C], PD
        mov esp, LIN + 0x800
        push eax
.there: mov eax, [TSS + 0x38]
        V eax
        mov eax, [esp]
        V eax
        mov eax, cr2
        V eax
        E
        UNGATE 14, 0x8E
        T "4 MiB page"
        call setup
        mov eax, cr4
        or eax, 0x10
        mov cr4, eax
        mov dword [PD + 4], 0x87
        ON
        mov byte [DATA + 0x10], 0x5A
        movzx eax, byte [LIN + DATA + 0x10]
        V eax
        mov [LIN + DATA], al
        mov eax, [PD + 4]
        V eax
        E
        T "4 MiB page, read-only, user write"
        call setup
        mov eax, cr4
        or eax, 0x10
        mov cr4, eax
        mov dword [PD + 4], 0x85
        ON
        USER
        mov [LIN + DATA], al
        E
        T "PS without PSE is ignored"
        call setup
        mov dword [PD + 4], PT1 | 0x87
        ON
        mov al, [LIN]
        ENTRIES
        E
        T "invlpg"
        call setup
        ON
        mov al, [LIN]
        mov dword [PT1], 0
        invlpg [LIN]
        mov al, [LIN]
        E
        T "cr3 load drops"
        call setup
        ON
        mov al, [LIN]
        mov dword [PT1], 0
        mov eax, cr3
        mov cr3, eax
        mov al, [LIN]
        E
        T "movsb to an absent page keeps registers"
        call setup
        mov dword [PT1 + 4], 0
        mov dword [resume_eip], .here
        ON
        mov esi, DATA
        mov edi, LIN + 0xFFC
        mov ecx, 10
        rep movsb
.here:  mov eax, [v_ecx]
        V eax
        mov eax, [v_esi]
        V eax
        mov eax, [v_edi]
        V eax
        E
%include "end.inc"
