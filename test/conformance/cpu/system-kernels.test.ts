import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, assert, beforeAll, describe, test } from 'vitest';
import { BareMachine } from '../../../packages/x86-vmm/src/engines/portable/support/bare-machine.js';

/*
 * Kernels in ROM that print rows: segmentation, gates and tasks, paging, virtual-8086 mode, debug registers. The same 64 KiB run from the
 * reset vector in Debian's QEMU (TCG, a Pentium II) and in our engine; each row must agree. kernels/kernel.inc says what a row holds.
 */

const KERNELS = ['segmentation', 'gates', 'paging', 'v8086', 'debug'] as const;
const SLICE = 100_000;
/** Far more than any kernel needs; a kernel that hangs fails instead of hanging the run. */
const SLICES = 50;

/**
 * Rows where QEMU and the SDM differ; ours is the SDM's. The value says why, and the row is not compared.
 */
const DIFFERS: Readonly<Record<string, string>> = {};

const found = (tool: string, option: string) => spawnSync(tool, [option]).status === 0;
const missing = [found('nasm', '-v') ? '' : 'nasm', found('qemu-system-i386', '--version') ? '' : 'qemu-system-i386'].filter(Boolean);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-kernels-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function assemble(name: string): Uint8Array {
  const source = fileURLToPath(new URL(`kernels/${name}.asm`, import.meta.url));
  const rom = join(folder, `${name}.rom`);
  const { status, stderr } = spawnSync('nasm', ['-f', 'bin', '-w-all', '-i', fileURLToPath(new URL('kernels/', import.meta.url)), '-o', rom, source]);
  assert.equal(status, 0, String(stderr));
  return readFileSync(rom);
}

function rowsOfQemu(name: string): string[] {
  const output = join(folder, `${name}.qemu`);
  const machine = ['-M', 'pc', '-cpu', 'pentium2', '-m', '16', '-accel', 'tcg', '-nodefaults', '-display', 'none', '-no-reboot'];
  spawnSync('qemu-system-i386', [...machine, '-bios', join(folder, `${name}.rom`), '-debugcon', `file:${output}`, '-device', 'isa-debug-exit,iobase=0xf4'], { timeout: 20_000 });
  return readFileSync(output, 'latin1').split('\n');
}

function rowsOfOurs(rom: Uint8Array): string[] {
  const machine = new BareMachine();
  machine.loadRom(0, [...rom]);
  let ended = false;
  for (let i = 0; i < SLICES && !ended && !machine.cpu.tripleFault; i++) {
    machine.engine.run(SLICE);
    ended = machine.written.some(({ port }) => port === 0xf4);
  }
  const text = String.fromCharCode(...machine.written.filter(({ port }) => port === 0xe9).map(({ value }) => value & 0xff));
  return text.split('\n');
}

/** A row's name: everything before its first value. */
const nameOf = (row: string) => row.replace(/ (ok|v=[0-9a-f]{2} .*|[0-9a-f]{8}( .*)?)$/, '').replace(/( [0-9a-f]{8})+$/, '');

describe.skipIf(missing.length > 0)(`against QEMU${missing.length > 0 ? ` (skipped: ${missing.join(', ')} not installed)` : ''}`, () => {
  for (const kernel of KERNELS)
    test(kernel, { timeout: 60_000 }, () => {
      const rom = assemble(kernel);
      const expected = rowsOfQemu(kernel).filter((row) => !(nameOf(row) in DIFFERS));
      assert.include(expected, 'end', 'the kernel must end in QEMU');
      const ours = rowsOfOurs(rom).filter((row) => !(nameOf(row) in DIFFERS));
      assert.deepEqual(ours, expected);
    });
});
