%include "kernel.inc"
; Virtual-8086 code is put at 0400:0100 and ends where it faults or at INT 40h.
; name, iopl, label of the code, label of its end
%macro RUN 4
        T %1
        mov esi, %3
        mov edi, 0x4100
        mov ecx, %4 - %3
        rep movsb
        mov dword [t_start], 0x100
        push dword 0x704
        push dword 0x703
        push dword 0x702
        push dword 0x701
        push dword 0x500
        push dword 0x800
        push dword 0x20202 | (%2 << 12)
        push dword 0x400
        push dword 0x100
        iretd
        E
%endmacro
tests:
        RUN "int n, iopl 3", 3, c_int, c_int_end
        RUN "int n, iopl 0", 0, c_int, c_int_end
        RUN "int3, iopl 0", 0, c_int3, c_int3_end
        RUN "int to a conforming handler", 3, c_int50, c_int50_end
        RUN "cli, iopl 0", 0, c_cli, c_cli_end
        RUN "cli, iopl 3", 3, c_cli, c_cli_end
        RUN "sti, iopl 2", 2, c_sti, c_sti_end
        RUN "pushf, iopl 0", 0, c_pushf, c_pushf_end
        RUN "popf, iopl 3: iopl and vm stay", 3, c_popf, c_popf_end
        RUN "iret, iopl 3", 3, c_iret, c_iret_end
        RUN "iret, iopl 0", 0, c_iret, c_iret_end
        RUN "hlt", 3, c_hlt, c_hlt_end
        RUN "lgdt", 3, c_lgdt, c_lgdt_end
        RUN "lar", 3, c_lar, c_lar_end
        RUN "sldt", 3, c_sldt, c_sldt_end
        RUN "mov cr0", 3, c_cr0, c_cr0_end
        RUN "smsw", 3, c_smsw, c_smsw_end
        RUN "in without a bitmap bit", 3, c_in, c_in_end
        RUN "in beyond the bitmap", 3, c_in2, c_in2_end
        RUN "segment load", 3, c_seg, c_seg_end
        RUN "read over FFFF", 3, c_limit, c_limit_end
        RUN "push over the wrap", 3, c_push, c_push_end
        RUN "far jump", 3, c_far, c_far_end
        RUN "far call and retf", 3, c_call, c_call_end
        RUN "32-bit operands", 3, c_op32, c_op32_end
        jmp finish
        BITS 16
c_int:   nop
         int 0x40
c_int_end:
c_int3:  int3
c_int3_end:
c_int50: int 0x40
c_int50_end:
c_cli:   cli
         int 0x40
c_cli_end:
c_sti:   sti
         int 0x40
c_sti_end:
c_pushf: pushf
         int 0x40
c_pushf_end:
c_popf:  push word 0x0ED7 & ~0x100
         popf
         int 0x40
c_popf_end:
c_iret:  push word 0x0002
         push word 0x400
         push word 0x110
         iret
         times 0x10 - ($ - c_iret) nop
         int 0x40
c_iret_end:
c_hlt:   hlt
c_hlt_end:
c_lgdt:  lgdt [0]
c_lgdt_end:
c_lar:   lar ax, bx
c_lar_end:
c_sldt:  sldt ax
c_sldt_end:
c_cr0:   mov eax, cr0
c_cr0_end:
c_smsw:  smsw ax
         int 0x40
c_smsw_end:
c_in:    mov dx, 0x60
         in al, dx
         int 0x40
c_in_end:
c_in2:   mov dx, 0x3F8
         in al, dx
         int 0x40
c_in2_end:
c_seg:   mov ax, 0x1234
         mov ds, ax
         mov bx, ds
         cmp bx, 0x1234
         je .good
         hlt
.good:   int 0x40
c_seg_end:
c_limit: mov ax, [0xFFFF]
         int 0x40
c_limit_end:
c_push:  mov sp, 1
         push ax
         int 0x40
c_push_end:
c_far:   jmp 0x401:0x100
         times 0x10 - ($ - c_far) nop
         int 0x40
c_far_end:
c_call:  call 0x401:0x100
         int 0x40
         times 0x10 - ($ - c_call) nop
         retf
c_call_end:
c_op32:  mov eax, 0x12345678
         push eax
         pop ecx
         cmp ecx, eax
         je .good
         hlt
.good:   int 0x40
c_op32_end:
        BITS 32
%include "end.inc"
