import { existsSync, writeFileSync } from 'node:fs';
import { assemble } from '@millwright/assembler';
import { readBios, readVideoBios } from '@millwright/firmware';
import { assert, describe, test } from 'vitest';
import { multibootKernel } from '../../conformance/machine/support/guest.js';
import { runVmm } from '../../support/x86-vmm.js';
import { exitWith, FILL_RED } from './support/boot-programs.js';
import { booting, workshop } from './support/workbench.js';

const SEABIOS = '/usr/share/seabios/bios-256k.bin';
const SEABIOS_VGA = '/usr/share/seabios/vgabios-stdvga.bin';

describe('kernels and ROMs', () => {
  test('--kernel starts a Multiboot ELF with --append', async () => {
    const { bytes } = assemble(
      `
bits 32
org 0x100000
        dd 0x1BADB002, 0x00000003, -(0x1BADB002 + 0x00000003)
        cmp eax, 0x2BADB002
        jne .out
        mov esi, [ebx + 16]
.next:  lodsb
        out 0xE9, al
        test al, al
        jnz .next
        mov al, 3
.out:   out 0xF4, al
`,
      { file: 'kernel' },
    );
    writeFileSync(workshop.path('kernel.elf'), multibootKernel(bytes));
    const { status, err } = await runVmm('run', '--kernel', workshop.path('kernel.elf'), '--append', 'line=3 quiet', '--debug-exit');
    assert.equal(status, 7, err);
    assert.match(err, /line=3 quiet\0$/);
  });

  test('--bios and --vgabios put other ROMs in', async () => {
    writeFileSync(workshop.path('bios.bin'), readBios());
    writeFileSync(workshop.path('vgabios.bin'), readVideoBios());
    const roms = ['--bios', workshop.path('bios.bin'), '--vgabios', workshop.path('vgabios.bin')];
    const drawn = workshop.path('roms.png');
    const ran = await runVmm(...booting(`${FILL_RED}${exitWith(0)}`, '--debug-exit', ...roms, '--screenshot-on-exit', drawn));
    assert.equal(ran.status, 1, ran.err);
    // A ROM of ours alone, at the reset vector and at C0000.
    const rom = new Uint8Array(0x1_0000).fill(0xf4);
    const at = (offset: number, code: string) => rom.set(assemble(`bits 16\norg ${offset}\n${code}`, { file: 'rom' }).bytes, offset);
    at(0xfff0, 'jmp 0xF000:0x0100\n');
    at(0x100, `mov ax, 0xC000\n mov ds, ax\n mov al, [2]\n out 0xF4, al\n`);
    writeFileSync(workshop.path('own.bin'), rom);
    writeFileSync(workshop.path('own-vga.bin'), Uint8Array.of(0x55, 0xaa, 77));
    const own = ['--bios', workshop.path('own.bin'), '--vgabios', workshop.path('own-vga.bin')];
    assert.equal((await runVmm('run', ...own, '--debug-exit', '--timeout', '30')).status, 155);
  });

  test.skipIf(!existsSync(SEABIOS) || !existsSync(SEABIOS_VGA))('SeaBIOS by its files (skipped without package seabios)', async () => {
    const words = ['--bios', SEABIOS, '--vgabios', SEABIOS_VGA, '--memory', '32M', '--exit-on', 'No bootable device', '--timeout', '90'];
    assert.equal((await runVmm('run', ...words)).status, 0);
  });
});
