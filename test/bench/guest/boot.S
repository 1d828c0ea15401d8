/*
 * From the boot sector of a diskette to flat 32-bit protected mode with 4 KiB pages, interrupt entries, and the command loop of
 * serve.c over COM1. The whole image lies at 7C00h as on the diskette, so an address in it is also a place in the file.
 */
        .set CODE, 0x08
        .set DATA, 0x10

        .section .boot, "awx"
        .code16
        .globl boot
boot:   cli
        xorw %ax, %ax
        movw %ax, %ds
        movw %ax, %ss
        movw $0x7c00, %sp
        ljmp $0, $1f
1:      movb %dl, drive
        movw $0x7e0, %di                /* segment of the next sector */
        movw $1, %si                    /* its number on the diskette */
next:   cmpw $image_sectors, %si
        jae loaded
        movw %si, %ax
        xorw %dx, %dx
        movw $18, %bx                   /* sectors a track of 1.44 MB */
        divw %bx
        movb %dl, %cl
        incb %cl
        movb %al, %dh
        andb $1, %dh
        shrw $1, %ax
        movb %al, %ch
        movb drive, %dl
        movw %di, %es
        xorw %bx, %bx
        movw $0x201, %ax
        int $0x13
        jc next
        addw $0x20, %di
        incw %si
        jmp next
loaded: inb $0x92, %al
        orb $2, %al
        andb $0xfe, %al
        outb %al, $0x92
        lgdt gdtr
        movl %cr0, %eax
        orb $1, %al
        movl %eax, %cr0
        ljmp $CODE, $flat
drive:  .byte 0
        .balign 8
gdt:    .long 0, 0
        .long 0x0000ffff, 0x00cf9b00
        .long 0x0000ffff, 0x00cf9300
gdtr:   .word . - gdt - 1
        .long gdt
        .org 510
        .word 0xaa55

        .text
        .code32
flat:   movw $DATA, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        movw %ax, %fs
        movw %ax, %gs
        movl $bss_start, %edi
        movl $bss_end, %ecx
        subl %edi, %ecx
        shrl $2, %ecx
        xorl %eax, %eax
        cld
        rep stosl
        movl $stack_top, %esp
        call machine_main
1:      hlt
        jmp 1b

/* Turns on paging with the directory given, and the FPU; SSE where CPUID has it. Returns bit 26 (SSE2) of CPUID's EDX. */
        .globl enable_paging_and_fpu
enable_paging_and_fpu:
        pushl %ebx
        movl 8(%esp), %eax
        movl %eax, %cr3
        movl %cr0, %eax
        orl $0x80010022, %eax           /* PG, WP, NE, MP */
        andl $~0xc, %eax                /* EM, TS */
        movl %eax, %cr0
        fninit
        movl $1, %eax
        cpuid
        movl %edx, %eax
        andl $0x06000000, %eax
        jz 1f
        movl %cr4, %edx
        orl $0x200, %edx                /* OSFXSR */
        movl %edx, %cr4
        andl $0x04000000, %eax
1:      popl %ebx
        ret

/* Vectors that nobody expects end in `unexpected(vector)`. */
        .globl unexpected_entries
unexpected_entries:
        .set vector, 0
        .rept 32
        pushl $vector
        jmp unexpected_entry
        .balign 8
        .set vector, vector + 1
        .endr
unexpected_entry:
        cld
        call unexpected

        .globl software_interrupt_entry
software_interrupt_entry:
        iret

/* Maps the page that was missing, in the window of system.c, to one frame. */
        .globl page_fault_entry
page_fault_entry:
        pushl %eax
        movl %cr2, %eax
        subl $0x40000000, %eax
        cmpl $0x400000, %eax
        jae 1f
        shrl $12, %eax
        pushl %ecx
        movl window_frame, %ecx
        movl %ecx, window_table(, %eax, 4)
        popl %ecx
        popl %eax
        addl $4, %esp
        iret
1:      pushl $14
        call unexpected

        .globl timer_entry
timer_entry:
        incl ticks
        pushl %eax
        movb $0x20, %al
        outb %al, $0x20
        popl %eax
        iret

        .globl serial_entry
serial_entry:
        pushal
        cld
        call serial_received
        movb $0x20, %al
        outb %al, $0x20
        popal
        iret
