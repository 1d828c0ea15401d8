%include "kernel.inc"
%macro LOAD 3   ; name, register, selector: in ring 0
        T %1
        mov ax, %3
        mov %2, ax
        mov ax, %2
        movzx eax, ax
        V eax
        E
%endmacro
%macro LOAD3 3  ; the same in ring 3; int 40h is success
        T %1
        USER
        mov ax, %3
        mov %2, ax
        int 0x40
        E
%endmacro
; name, selector, offset, instruction that accesses [es:ebx]
%macro AT 4+
        T %1
        USER
        mov ax, %2
        mov es, ax
        mov ebx, %3
        xor eax, eax
        %4
        int 0x40
        E
%endmacro
tests:
        LOAD "es null", es, 0
        LOAD "es null rpl 3", es, 3
        LOAD "es data0", es, DATA0
        LOAD "es data3 in ring 0", es, DATA3
        LOAD "es data0 rpl 3", es, DATA0 | 3
        LOAD "es execute-only", es, XONLY
        LOAD "es tss", es, TSS_S
        LOAD "es beyond", es, BEYOND
        LOAD "es ldt selector, no ldt", es, 0x0C
        LOAD "es absent", es, ABSENT
        LOAD "es conforming", es, CONF
        LOAD "ss null", ss, 0
        LOAD "ss rpl 1", ss, DATA0 | 1
        LOAD "ss data3", ss, DATA3
        LOAD "ss code", ss, CODE0
        LOAD "ss read-only", ss, RDONLY
        LOAD "ss beyond", ss, BEYOND
        LOAD3 "ring 3: ds data0", ds, DATA0
        LOAD3 "ring 3: ds data0 rpl 3", ds, DATA0 | 3
        LOAD3 "ring 3: ds conforming", ds, CONF
        LOAD3 "ring 3: ds code0", ds, CODE0
        LOAD3 "ring 3: fs null", fs, 0
        LOAD3 "ring 3: ss data3 rpl 0", ss, DATA3 & ~3
        LOAD3 "ring 3: ss read-only", ss, RDONLY | 3
        T "ss absent in ring 0"
        DESC ABSENT, 0, 0xFFFF, 0x12, 4
        mov ax, ABSENT
        mov ss, ax
        E
        T "accessed bit"
        DESC DATA1, 0, 0xFFFF, 0xF2, 4
        mov ax, DATA1
        mov es, ax
        mov eax, [GDT + DATA1 + 4]
        V eax
        E
        T "pop es of a bad selector keeps esp"
        push dword BEYOND
        pop es
        E
        T "les of a bad selector"
        mov dword [DATA], 0x1234
        mov dword [DATA + 4], BEYOND
        les ebx, [DATA]
        E
        AT "read the last byte of 256", SMALL | 3, 0xFF, mov al, [es:ebx]
        AT "read past 256", SMALL | 3, 0x100, mov al, [es:ebx]
        AT "read a dword over the end", SMALL | 3, 0xFD, mov eax, [es:ebx]
        AT "write a word at the end", SMALL | 3, 0xFE, mov [es:ebx], ax
        AT "write a word over the end", SMALL | 3, 0xFF, mov [es:ebx], ax
        AT "write read-only at 0", RDONLY | 3, 0, mov [es:ebx], al
        AT "write read-only at 16", RDONLY | 3, 16, mov [es:ebx], al
        AT "read read-only", RDONLY | 3, DATA, mov al, [es:ebx]
        AT "read null", 0, DATA, mov al, [es:ebx]
        AT "write null at 0", 0, 0, mov [es:ebx], al
        AT "expand-down at the limit", DOWN | 3, 0xFFF, mov al, [es:ebx]
        AT "expand-down above it", DOWN | 3, DATA, mov [es:ebx], eax
        AT "expand-down 16-bit at FFFF", DOWN16 | 3, 0xFFFF, mov al, [es:ebx]
        AT "expand-down 16-bit over FFFF", DOWN16 | 3, 0xFFFE, mov eax, [es:ebx]
        AT "read through conforming code", CONF | 3, DATA, mov al, [es:ebx]
        AT "movsd over the end", SMALL | 3, 0xFE, mov edi, ebx
        AT "add to memory over the end", SMALL | 3, 0xFE, add [es:ebx], eax
        AT "xchg over the end", SMALL | 3, 0xFE, xchg [es:ebx], eax
        AT "stosd over the end", SMALL | 3, 0xFE, {mov edi, ebx}
        T "rep stosb over the end keeps what was done"
        mov ax, SMALL
        mov es, ax
        mov edi, 0xF8
        mov ecx, 20
        mov dword [resume_eip], .here
        rep stosb
.here:  mov eax, [v_ecx]
        V eax
        mov eax, [v_edi]
        V eax
        E
        T "write through cs"
        mov [cs:DATA], eax
        E
        T "push below the stack's limit"
        DESC SMALL, DATA, 0xFF, 0x92, 4
        mov ax, SMALL
        mov ss, ax
        mov esp, 0x100
        push eax
        mov eax, esp
        mov bx, DATA0
        mov ss, bx
        mov esp, STACK0
        V eax
        E
        T "16-bit stack wraps and keeps the upper half"
        mov ax, STACK16
        mov ss, ax
        mov esp, 0x55550000
        push eax
        mov eax, esp
        mov bx, DATA0
        mov ss, bx
        mov esp, STACK0
        V eax
        E
        T "ldt"
        mov ax, LDT_S
        lldt ax
        mov dword [LDT + 8], (DATA << 16) | 0x0F
        mov dword [LDT + 12], 0x0040F200
        mov ax, 0x0F
        mov es, ax
        mov al, [es:0x0F]
        mov ax, 0x1F
        mov es, ax
        E
        T "lldt of data"
        mov ax, DATA0
        lldt ax
        E
        T "lldt absent"
        DESC LDT_S, LDT, 0x17, 0x02, 0
        mov ax, LDT_S
        lldt ax
        E
        T "ltr busy"
        mov ax, TSS_S
        ltr ax
        E
        T "ltr null"
        xor eax, eax
        ltr ax
        E
        T "ltr"
        mov ax, TSS2_S
        ltr ax
        mov eax, [GDT + TSS2_S + 4]
        V eax
        str ebx
        V ebx
        E
%macro ASK 2
        T %1
        mov ecx, %2
        mov eax, 0x55555555
        lar eax, ecx
        and eax, 0x55F0FF00     ; bits 19..16 are undefined
        V eax
        mov eax, 0x55555555
        lsl eax, ecx
        V eax
        verr cx
        pushfd
        pop eax
        and eax, 0x40
        V eax
        verw cx
        pushfd
        pop eax
        and eax, 0x40
        V eax
        E
%endmacro
        ASK "lar, lsl, verr, verw: data0", DATA0
        ASK "lar, lsl, verr, verw: data3", DATA3
        ASK "lar, lsl, verr, verw: rpl 3 of data0", DATA0 | 3
        ASK "lar, lsl, verr, verw: execute-only", XONLY
        ASK "lar, lsl, verr, verw: read-only", RDONLY
        ASK "lar, lsl, verr, verw: conforming", CONF | 3
        ASK "lar, lsl, verr, verw: call gate", GATE
        ASK "lar, lsl, verr, verw: task gate", TGATE
        ASK "lar, lsl, verr, verw: tss", TSS_S
        ASK "lar, lsl, verr, verw: ldt", LDT_S
        ASK "lar, lsl, verr, verw: absent", ABSENT
        ASK "lar, lsl, verr, verw: beyond", BEYOND
        ASK "lar, lsl, verr, verw: null", 0
        T "arpl"
        mov ax, 0x10
        mov cx, 0x03
        arpl ax, cx
        movzx eax, ax
        V eax
        E
        T "alignment check"
        mov eax, cr0
        or eax, 0x40000
        mov cr0, eax
        USER 0x40002
        mov eax, [DATA + 1]
        int 0x40
        E
%include "end.inc"
