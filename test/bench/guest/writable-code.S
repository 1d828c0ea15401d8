/* Code that is written to, and data on the page of code that runs. In a section of its own, writable and executable. */
        .section .selfmod, "awx"
        .balign 4096
        .globl patched, patched_value
patched:                                /* u32 patched(u32): its argument plus a number in the instruction */
        movl 4(%esp), %eax
        .byte 0x05                      /* add $imm32, %eax */
patched_value:
        .long 0
        ret

        .balign 4096
        .globl counted, counters
counted:                                /* u32 counted(u32 n): n rounds that write 1 KiB further on this page */
        movl 4(%esp), %ecx
        xorl %eax, %eax
1:      addl counters, %eax
        movl %eax, counters + 4
        roll $3, %eax
        xorl %ecx, %eax
        incl counters
        decl %ecx
        jnz 1b
        ret
        .balign 1024
counters:
        .fill 16, 4, 0
        .balign 4096

        .section .note.GNU-stack, "", @progbits
