; Option ROM that starts a kernel which the board's loader device puts into memory (--kernel).
; Its initialization takes INT 19h over; when the system firmware boots, the device loads, and the ROM enters the kernel the way
; the Linux boot protocol (boot.rst, "Running the kernel") or Multiboot 1 (section 3.2, "Machine state") demand.

bits 16
org 0

LOADER_COMMAND  equ 0xe00
LOADER_ENTRY    equ 0xe04
LOADER_INFO     equ 0xe08
MULTIBOOT_EAX   equ 0x2badb002
INT19_VECTOR    equ 0x19 * 4

        dw 0xaa55
        db 1                            ; 512 bytes
        jmp short initialize

initialize:
        push ax
        push ds
        xor ax, ax
        mov ds, ax
        mov word [INT19_VECTOR], boot
        mov [INT19_VECTOR + 2], cs
        pop ds
        pop ax
        retf

boot:
        cli
        cld
        mov dx, LOADER_COMMAND
        mov al, 1
        out dx, al
        in al, dx
        mov bl, al
        mov dx, LOADER_ENTRY
        in eax, dx
        cmp bl, 2
        je multiboot

; Linux: DS=ES=FS=GS=SS = segment of the set-up code, CS = segment + 20h, IP = 0.
linux:
        mov cx, ax
        shr eax, 16
        mov ds, cx
        mov es, cx
        mov fs, cx
        mov gs, cx
        mov ss, cx
        movzx esp, ax
        add cx, 0x20
        push cx
        push word 0
        xor eax, eax
        xor ebx, ebx
        xor edx, edx
        sti
        retf

; Multiboot: flat 32-bit segments, A20 on (our firmware and SeaBIOS leave it on), paging off.
multiboot:
        mov ebp, eax
        mov dx, LOADER_INFO
        in eax, dx
        mov ebx, eax
        xor ecx, ecx
        mov cx, cs
        shl ecx, 4
        xor ax, ax
        mov es, ax
        lea eax, [ecx + gdt]
        mov word [es:0x7000], gdt_end - gdt - 1
        mov [es:0x7002], eax
        lea eax, [ecx + flat]
        mov [es:0x7008], eax
        mov word [es:0x700c], 8
        o32 lgdt [es:0x7000]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword far [es:0x7008]

bits 32
flat:
        mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov eax, MULTIBOOT_EAX
        jmp ebp

align 8
gdt:
        dq 0
        dq 0x00cf9a000000ffff
        dq 0x00cf92000000ffff
gdt_end:

        times 511 - ($ - $$) db 0
        db 0                            ; checksum, set by the build
