import { assemble } from '@millwright/assembler';

/*
 * A bootable diskette for each kernel: to flat 32-bit protected mode, the kernel's work `rounds` times, then the end, said in the way
 * of each emulator: port F4h (QEMU), "Shutdown" on port 8900h (bochs) and on the screen (ours, which then still has its statistics).
 */

const IMAGE_BYTES = 1_474_560;

/** Bodies run with ds, es = flat, stack at 90000h; they may use every register but ebp. */
export const KERNELS = {
  'crc32 bitwise': `
        mov esi, 0x100000
        mov ecx, 4096
        mov eax, -1
.byte:  movzx edx, byte [esi]
        xor eax, edx
        mov edi, 8
.bit:   shr eax, 1
        jnc .even
        xor eax, 0xedb88320
.even:  dec edi
        jnz .bit
        inc esi
        dec ecx
        jnz .byte
        mov [0x200000], eax`,
  sieve: `
        mov edi, 0x300000
        mov ecx, 4096
        mov eax, 0x01010101
        rep stosd
        mov esi, 2
.next:  cmp byte [0x300000+esi], 0
        je .skip
        mov edx, esi
        add edx, esi
.mark:  cmp edx, 16384
        jae .skip
        mov byte [0x300000+edx], 0
        add edx, esi
        jmp .mark
.skip:  inc esi
        cmp esi, 128
        jb .next`,
  'call and stack': `
        mov eax, 15
        call fibonacci
        mov [0x200004], eax`,
};

const source = (body, rounds) => `
        bits 16
        org 0x7c00
        cli
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 0x7c00
        in al, 0x92
        or al, 2
        and al, 0xfe
        out 0x92, al
        lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 8:start
        bits 32
start:  mov ax, 16
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov esp, 0x90000
        mov ebp, ${rounds}
round:  test ebp, ebp
        jz finish
        call kernel
        dec ebp
        jmp round
finish: mov esi, goodbye
        mov edi, 0xb8000
        mov ecx, 8
.say:   mov al, [esi]
        mov dx, 0x8900
        out dx, al
        mov [edi], al
        add edi, 2
        inc esi
        dec ecx
        jnz .say
        mov dx, 0xf4
        mov al, 0
        out dx, al
        hlt
kernel:${body}
        ret
fibonacci:
        cmp eax, 2
        jb .done
        push ebx
        mov ebx, eax
        dec eax
        call fibonacci
        push eax
        lea eax, [ebx-2]
        call fibonacci
        pop ebx
        add eax, ebx
        pop ebx
.done:  ret
goodbye: db "Shutdown"
        align 8
gdt:    dd 0, 0
        dd 0x0000ffff, 0x00cf9b00
        dd 0x0000ffff, 0x00cf9300
gdtr:   dw 23
        dd gdt
        times 510-($-$$) db 0
        dw 0xaa55
`;

/** @returns {Uint8Array} 1.44 MB image */
export function diskette(body, rounds) {
  const { bytes } = assemble(source(body, rounds), { file: 'kernel.asm' });
  if (bytes.length !== 512) throw new Error(`the kernel does not fit a boot sector: ${bytes.length} bytes`);
  const image = new Uint8Array(IMAGE_BYTES);
  image.set(bytes);
  return image;
}
