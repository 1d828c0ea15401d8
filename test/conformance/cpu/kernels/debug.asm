%include "kernel.inc"
%macro SETDR 2
        mov eax, %2
        mov %1, eax
%endmacro
tests:
        T "single step"
        push dword 0x102
        popfd
        nop
        nop
        E
        T "single step over int n goes on in the handler without it"
        push dword 0x102
        popfd
        int 0x40
        E
        T "single step is held by mov ss"
        mov ax, DATA0
        push dword 0x102
        popfd
        mov ss, ax
        nop
        nop
        E
        T "single step of a ring 3 instruction"
        USER 0x102
        E
        T "instruction breakpoint"
        SETDR dr0, .at
        SETDR dr7, 0x401
        nop
.at:    nop
        E
        T "instruction breakpoint, RF passes"
        SETDR dr0, .at
        SETDR dr7, 0x402
        push dword 0x10002
        push dword CODE0
        push dword .at
        iretd
.at:    nop
        E
        T "breakpoint not enabled"
        SETDR dr1, .at
        SETDR dr7, 0x403
        nop
.at:    nop
        E
        T "data write"
        SETDR dr2, DATA
        SETDR dr7, 0x400 | 0x20 | (0xD << 24)
        mov eax, [DATA]
        mov [DATA + 2], ax
        nop
        E
        T "data read or write"
        SETDR dr3, DATA + 4
        SETDR dr7, 0x400 | 0x80 | (0x3 << 28)
        mov al, [DATA + 5]
        mov al, [DATA + 4]
        nop
        E
        T "data write by push"
        mov esp, DATA + 0x100
        SETDR dr0, DATA + 0xFC
        SETDR dr7, 0x402 | (0xD << 16)
        push eax
        nop
        E
        T "data write in the middle of rep movsb"
        SETDR dr0, DATA + 3
        SETDR dr7, 0x402 | (0x1 << 16)
        mov esi, DATA + 0x100
        mov edi, DATA
        mov ecx, 8
        mov dword [resume_eip], .here
        rep movsb
.here:  mov eax, [v_ecx]
        V eax
        E
        T "i/o breakpoint"
        mov eax, 8
        mov cr4, eax
        SETDR dr0, 0x80
        SETDR dr7, 0x402 | (0x2 << 16)
        out 0x80, al
        nop
        E
        T "general detect"
        SETDR dr7, 0x2400
        mov eax, dr0
        E
        T "dr4 without de"
        mov eax, dr4
        and eax, 0xE00F
        V eax
        E
        T "dr4 with de"
        mov eax, 8
        mov cr4, eax
        mov eax, dr4
        E
        T "dr7 in ring 3"
        USER
        mov eax, dr7
        E
        T "int1"
        USER
        db 0xF1
        E
        T "task's T flag"
        mov dword [TSS2 + 0x64], 1
        jmp TSS2_S:0
        E
        T "fixed bits"
        SETDR dr6, 0
        mov eax, dr6
        V eax
        E
%include "end.inc"
