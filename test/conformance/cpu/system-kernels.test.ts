import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, assert, beforeAll, describe, test } from 'vitest';
import type { EngineTier } from '../../../packages/x86-vmm/src/engines/engine.js';
import { BareMachine } from '../../../packages/x86-vmm/src/engines/portable/support/bare-machine.js';

/*
 * Kernels in ROM that print rows: segmentation, gates and tasks, paging, virtual-8086 mode, debug registers. The same 64 KiB run from the
 * reset vector everywhere. kernels/rows has what Bochs 2.7 prints (kernels/record-rows.mjs); our engine must print the same, and Debian's
 * QEMU (TCG, a Pentium II) does too except where it leaves checks out, so that two independent oracles stand behind a row.
 * kernels/kernel.inc says what a row holds.
 */

const KERNELS = ['segmentation', 'gates', 'paging', 'v8086', 'debug'] as const;
const SLICE = 100_000;
/** Far more instructions than any kernel needs; a kernel that hangs fails instead of hanging the run. */
const MOST_INSTRUCTIONS = 5_000_000;

/** Rows in which we follow the SDM's words on RF (Vol. 3B 17.3.1.1: faults but instruction breakpoints push 1, aborts what is there) and not Bochs. */
const BOCHS_DIFFERS = ['general detect', '#gp through a gate that is not present is #df'];

/** Rows in which QEMU's TCG is not an oracle, by name. */
const QEMU_DIFFERS: Readonly<Record<string, string>> = {
  'read past 256': 'no segment limits',
  'read a dword over the end': 'no segment limits',
  'write a word over the end': 'no segment limits',
  'write read-only at 0': 'no segment types on access',
  'write read-only at 16': 'no segment types on access',
  'read null': 'no null segments on access',
  'write null at 0': 'no null segments on access',
  'expand-down at the limit': 'no segment limits',
  'expand-down 16-bit over FFFF': 'no segment limits',
  'add to memory over the end': 'no segment limits',
  'xchg over the end': 'no segment limits',
  'rep stosb over the end keeps what was done': 'no segment limits',
  'write through cs': 'no segment types on access',
  'ltr null': 'loads it',
  'alignment check': 'no #AC',
  'call past the limit': 'error code is the selector',
  'retf: iret outer, ss absent': '#NP instead of #SS',
  'int: past the limit': 'no check of the offset',
  '#ud through a gate that is not present is #np': 'no EXT',
  'read over FFFF': 'no segment limits',
  'push over the wrap': 'no segment limits',
  'general detect': 'not there',
  int1: '#UD',
  "task's T flag": 'not there',
};

const found = (tool: string, option: string) => spawnSync(tool, [option]).status === 0;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millwright-kernels-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function assemble(name: string): Uint8Array {
  const source = fileURLToPath(new URL(`kernels/${name}.asm`, import.meta.url));
  const rom = join(folder, `${name}.rom`);
  const { status, stderr } = spawnSync('nasm', [
    '-f',
    'bin',
    '-w-all',
    '-i',
    fileURLToPath(new URL('kernels/', import.meta.url)),
    '-o',
    rom,
    source,
  ]);
  assert.equal(status, 0, String(stderr));
  return readFileSync(rom);
}

function rowsOfQemu(name: string): string[] {
  const output = join(folder, `${name}.qemu`);
  const machine = ['-M', 'pc', '-cpu', 'pentium2', '-m', '16', '-accel', 'tcg', '-nodefaults', '-display', 'none', '-no-reboot'];
  spawnSync(
    'qemu-system-i386',
    [...machine, '-bios', join(folder, `${name}.rom`), '-debugcon', `file:${output}`, '-device', 'isa-debug-exit,iobase=0xf4'],
    { timeout: 20_000 },
  );
  return readFileSync(output, 'latin1').trimEnd().split('\n');
}

function rowsOfOurs(rom: Uint8Array, tier: EngineTier): string[] {
  const machine = new BareMachine(tier);
  machine.loadRom(0, [...rom]);
  while (machine.instructions < MOST_INSTRUCTIONS && !machine.cpu.tripleFault && !machine.written.some(({ port }) => port === 0xf4))
    machine.engine.run(SLICE);
  const text = String.fromCharCode(...machine.written.filter(({ port }) => port === 0xe9).map(({ value }) => value & 0xff));
  return text.trimEnd().split('\n');
}

function recordedRows(name: string): string[] {
  return readFileSync(new URL(`kernels/rows/${name}.txt`, import.meta.url), 'latin1')
    .trimEnd()
    .split('\n');
}

/** A row's name: everything before its first value. A continued row (of a test that goes on after its exception) belongs to the one before. */
function withNames(rows: readonly string[]): { readonly name: string; readonly row: string }[] {
  let name = '';
  return rows.map((row) => {
    const own = row.replace(/ (ok|v=.*|[0-9a-f]{8} .*)$/, '');
    if (!row.startsWith(' ')) name = own;
    return { name, row };
  });
}

/** QEMU 7.2 pushes RF = 0 for faults; bit 16 of the EFLAGS image is left out of the comparison with it. */
const comparable = (rows: readonly string[]) =>
  withNames(rows)
    .filter(({ name }) => !(name in QEMU_DIFFERS))
    .map(({ row }) => row.replace(/fl=([0-9a-f]{8})/, (_, flags: string) => `fl=${(Number.parseInt(flags, 16) & ~0x1_0000).toString(16)}`));

describe.skipIf(!found('nasm', '-v'))('system kernels (skipped without nasm)', () => {
  for (const kernel of KERNELS)
    test.each(['interpreter', 'translator'] as const)(`${kernel}: our %s prints the recorded rows`, { timeout: 60_000 }, (tier) => {
      const agreed = (rows: readonly string[]) => withNames(rows).flatMap(({ name, row }) => (BOCHS_DIFFERS.includes(name) ? [] : [row]));
      assert.deepEqual(agreed(rowsOfOurs(assemble(kernel), tier)), agreed(recordedRows(kernel)));
    });
  describe.skipIf(!found('qemu-system-i386', '--version'))('QEMU agrees (skipped without qemu-system-x86)', () => {
    for (const kernel of KERNELS)
      test(kernel, { timeout: 60_000 }, () => {
        assemble(kernel);
        assert.deepEqual(comparable(rowsOfQemu(kernel)), comparable(recordedRows(kernel)));
      });
  });
});
