/* Pieces of boot programs; the routines that they call are those of `bootSector`. */

export const exitWith = (value: number) => `mov al, ${value}\n jmp exit\n`;
export const STAY = '.stay: hlt\n jmp .stay\n';
export const TRIPLE_FAULT = 'lidt [none]\n int3\nnone: dw 0\n dd 0\n';
export const say = (text: string) => Array.from(text, (c) => `mov al, '${c}'\n call put_serial\n`).join('');
/** Fills the screen of mode 13h with a colour of the default palette. */
export const FILL_RED = 'mov ax, 0x13\n int 0x10\n mov ax, 0xA000\n mov es, ax\n xor di, di\n mov al, 4\n mov cx, 64000\n rep stosb\n';
/** COM1 echoes what it hears, one more. */
export const ECHO = `call set_serial\n${say('>')}.hear: mov dx, 0x3FD\n in al, dx\n test al, 1\n jz .hear\n mov dx, 0x3F8\n in al, dx\n inc al\n call put_serial\n jmp .hear\n`;
/** ACPI S5 by the power management device, as QEMU's board has it: PMBA in the configuration space of 00:01.3. */
export const POWER_OFF = `
        mov dx, 0xCF8
        mov eax, 0x80000B40
        out dx, eax
        mov dx, 0xCFC
        in ax, dx
        and ax, 0xFFC0
        mov dx, ax
        add dx, 4
        mov ax, 0x2000
        out dx, ax
${STAY}`;
