%include "kernel.inc"
%macro JUMP 2
        T %1
        jmp %2:after_jump
        E
%endmacro
%macro CALLS 2
        T %1
        call %2:after_jump
        E
%endmacro
%macro IRETS 4  ; name, cs, ss, eflags
        T %1
        push dword %3
        push dword STACK3
        push dword %4
        push dword %2
        push dword after_jump
        iretd
        E
        T {"retf: ", %1}
        push dword %3
        push dword STACK3
        push dword %2
        push dword after_jump
        retf
        E
%endmacro
%macro SOFT 2+  ; name, gate of vector 50h; INT 50h from ring 3
        T %1
        IGATE 0x50, %2
        USER
        int 0x50
        E
        UNGATE 0x50, 0xEE
%endmacro
tests:
        JUMP "jmp code0", CODE0
        JUMP "jmp null", 0
        JUMP "jmp beyond", BEYOND
        JUMP "jmp data", DATA0
        JUMP "jmp outer ring", CODE3
        JUMP "jmp rpl 1", CODE0 | 1
        JUMP "jmp conforming", CONF
        JUMP "jmp absent", NPCODE
        JUMP "jmp past the limit", SMCODE
        JUMP "jmp ldt", LDT_S
        JUMP "jmp busy tss", TSS_S
        JUMP "jmp call gate", GATE
        CALLS "call code0", CODE0
        CALLS "call beyond", BEYOND
        CALLS "call absent", NPCODE
        CALLS "call past the limit", SMCODE
        CALLS "call gate, same ring", GATE
        T "call 16-bit gate, same ring"
        mov word [DATA + 0x800], 0x41CD
        call GATE16:0
        E
        T "call gate from ring 3"
        USER
        push dword 0x1111
        push dword 0x2222
        call GATE | 3:0
        E
        T "call gate from ring 3: the frame"
        mov dword [GDT + GATE], ((CODE0) << 16) | (.inside - start16)
        USER
        push dword 0x1111
        push dword 0x2222
        call GATE | 3:0
        int 0x40
.inside: mov ax, DATA0
        mov ds, ax
        mov eax, [esp + 4]
        V eax
        mov eax, [esp + 8]
        V eax
        mov eax, [esp + 12]
        V eax
        mov eax, [esp + 16]
        V eax
        mov eax, [esp + 20]
        V eax
        retf 8
        E
        T "call 16-bit gate from ring 3"
        mov word [DATA + 0x800], 0x41CD
        USER
        push dword 0x33334444
        call GATE16 | 3:0
        E
        T "call gate of ring 0 only"
        mov byte [GDT + GATE + 5], 0x8C
        USER
        call GATE | 3:0
        E
        T "call gate not present"
        mov byte [GDT + GATE + 5], 0x6C
        USER
        call GATE | 3:0
        E
        T "call gate, null selector"
        mov word [GDT + GATE + 2], 0
        USER
        call GATE | 3:0
        E
        T "call gate, data"
        mov word [GDT + GATE + 2], DATA0
        USER
        call GATE | 3:0
        E
        T "call gate, absent code"
        mov word [GDT + GATE + 2], NPCODE
        USER
        call GATE | 3:0
        E
        T "jmp through a gate to an inner ring"
        USER
        jmp GATE | 3:0
        E
        IRETS "iret same ring", CODE0, 0, 2
        IRETS "iret null cs", 0, 0, 2
        IRETS "iret beyond", BEYOND, 0, 2
        IRETS "iret to data", DATA0, 0, 2
        IRETS "iret rpl is not dpl", CODE0 | 3, DATA3, 2
        IRETS "iret absent code", NPCODE, 0, 2
        IRETS "iret outer, null ss", CODE3, 0, 2
        IRETS "iret outer, ss of ring 0", CODE3, DATA0 | 3, 2
        IRETS "iret outer, rpl of ss", CODE3, DATA3 & ~3, 2
        IRETS "iret outer, ss read-only", CODE3, RDONLY | 3, 2
        IRETS "iret outer, ss absent", CODE3, ABSENT | 3, 2
        IRETS "iret outer", CODE3, DATA3, 0x3202
        T "iret drops privileged segments"
        mov ax, DATA3
        mov es, ax
        mov ax, CONF
        mov fs, ax
        push dword DATA3
        push dword STACK3
        push dword 0x3002
        push dword CODE3
        push dword .user
        iretd
.user:  mov eax, es
        V eax
        mov eax, ds
        V eax
        mov eax, fs
        V eax
        int 0x40
        E
        T "iret in ring 3 changes neither IOPL nor IF"
        USER
        push dword 0x3202
        push dword CODE3
        push dword .on
        iretd
.on:    int 0x40
        E
        T "popf in ring 3"
        USER 0x2
        push dword 0x247FD7
        popfd
        int 0x40
        E
        T "popf in ring 3 with IOPL 3"
        USER 0x3002
        push dword 0x240ED7 & ~0x100
        popfd
        int 0x40
        E
        SOFT "int: gate of ring 0", CODE0, stubs + 0x500, 0x8E
        SOFT "int: a tss descriptor", CODE0, stubs + 0x500, 0xE9
        SOFT "int: a code descriptor", CODE0, stubs + 0x500, 0xFE
        SOFT "int: not present", CODE0, stubs + 0x500, 0x6E
        SOFT "int: null", 0, stubs + 0x500, 0xEE
        SOFT "int: beyond", BEYOND, stubs + 0x500, 0xEE
        SOFT "int: data", DATA0, stubs + 0x500, 0xEE
        SOFT "int: absent code", NPCODE, stubs + 0x500, 0xEE
        SOFT "int: conforming", CONF, stubs + 0x500, 0xEE
        SOFT "int: past the limit", SMCODE, stubs + 0x500, 0xEE
        SOFT "int: trap gate", CODE0, stubs + 0x500, 0xEF
        T "#gp through a gate that is not present is #df"
        mov byte [IDT + 13 * 8 + 5], 0x0E
        mov ax, BEYOND
        mov es, ax
        E
        mov byte [IDT + 13 * 8 + 5], 0x8E
        T "#ud through a gate that is not present is #np"
        mov byte [IDT + 6 * 8 + 5], 0x0E
        ud2
        E
        mov byte [IDT + 6 * 8 + 5], 0x8E
; The handler of a bad ring 0 stack needs a stack of its own: a task. It prints the error code.
%macro BADSTACK 2+
        T %1
        IGATE 10, TSS2_S, 0, 0x85
        IGATE 12, TSS2_S, 0, 0x85
        mov dword [TSS2 + 0x20], %%there
        %2
        USER
        int 0x40
%%there: mov eax, [esp]
        V eax
        mov eax, [TSS + 0x20]
        sub eax, [t_start]
        V eax
        E
        UNGATE 10, 0x8E
        UNGATE 12, 0x8E
%endmacro
        BADSTACK "ring 0 stack: null", mov dword [TSS + 8], 0
        BADSTACK "ring 0 stack: beyond", mov dword [TSS + 8], BEYOND
        BADSTACK "ring 0 stack: rpl", mov dword [TSS + 8], DATA0 | 3
        BADSTACK "ring 0 stack: wrong ring", mov dword [TSS + 8], DATA3 & ~3
        BADSTACK "ring 0 stack: code", mov dword [TSS + 8], CODE0
        BADSTACK "ring 0 stack: tss too short", mov byte [GDT + TSS_S], 0x67
        T "jmp tss"
        mov dword [TSS2 + 0x20], .there
        jmp TSS2_S:0
.there: mov eax, [TSS + 0x4C]
        V eax
        mov eax, [GDT + TSS_S + 4]
        V eax
        mov eax, [GDT + TSS2_S + 4]
        V eax
        V esp
        pushfd
        pop eax
        V eax
        mov eax, cr0
        V eax
        E
        T "call tss and iret"
        mov ecx, 0x1234
        call TSS2_S:0
        V ecx
        movzx eax, word [TSS2]
        V eax
        mov eax, [TSS2 + 0x24]
        V eax
        mov eax, [GDT + TSS2_S + 4]
        V eax
        E
        T "call task gate"
        mov dword [TSS2 + 0x20], .there
        call TGATE:0
.there: pushfd
        pop eax
        V eax
        E
        T "exception through a task gate"
        IGATE 13, TSS2_S, 0, 0x85
        mov dword [TSS2 + 0x20], .there
        mov ax, BEYOND
        mov es, ax
.there: mov eax, [esp]
        V eax
        V esp
        mov eax, [TSS + 0x20]
        sub eax, [t_start]
        V eax
        mov eax, [TSS + 0x24]
        and eax, ~0x108D5
        V eax
        E
        UNGATE 13, 0x8E
        T "tss limit too small"
        mov byte [GDT + TSS2_S], 0x66
        jmp TSS2_S:0
        E
        T "tss absent"
        mov byte [GDT + TSS2_S + 5], 0x69
        jmp TSS2_S:0
        E
        T "iret with nt, link to a free tss"
        mov dword [TSS], TSS2_S
        push dword 0x4002
        popfd
        iretd
        E
        T "in ring 3: hlt"
        USER
        hlt
        E
        T "in ring 3: cli"
        USER
        cli
        int 0x40
        E
        T "in ring 3 with IOPL 3: cli, sti"
        USER 0x3002
        sti
        nop
        cli
        int 0x40
        E
        T "in ring 3: mov cr0"
        USER
        mov eax, cr0
        E
        T "in ring 3: in, bitmap allows"
        mov byte [TSS + 0x68 + 0x10], 0xF0
        USER
        mov edx, 0x80
        in al, dx
        int 0x40
        E
        T "in ring 3: in, bitmap refuses"
        mov word [GDT + TSS_S], 0x88
        mov byte [TSS + 0x68 + 0x10], 0x10
        mov ax, TSS_S
        mov byte [GDT + TSS_S + 5], 0x89
        ltr ax
        USER
        mov edx, 0x83
        in al, dx
        mov edx, 0x84
        in al, dx
        E
        T "in ring 3: in, dword over a refused port"
        mov word [GDT + TSS_S], 0x88
        mov byte [TSS + 0x68 + 0x10], 0x10
        mov ax, TSS_S
        mov byte [GDT + TSS_S + 5], 0x89
        ltr ax
        USER
        mov edx, 0x82
        in eax, dx
        E
        T "sysenter with a null cs"
        xor eax, eax
        xor edx, edx
        mov ecx, 0x174
        wrmsr
        USER
        sysenter
        E
        T "sysenter and sysexit"
        xor edx, edx
        mov ecx, 0x174
        mov eax, CODE0
        wrmsr
        inc ecx
        mov eax, 0x8000
        wrmsr
        inc ecx
        mov eax, .kernel
        wrmsr
        USER 0x202
        sysenter
.kernel: mov ax, cs
        mov bx, ss
        shl eax, 16
        mov ax, bx
        mov bx, DATA0
        mov ds, bx
        V eax
        V esp
        pushfd
        pop eax
        and eax, ~0x8D5
        V eax
        mov edx, .back
        mov ecx, STACK3 - 64
        sysexit
.back:  int 0x40
        E
        jmp finish
after_jump:
        int 0x42
%include "end.inc"
