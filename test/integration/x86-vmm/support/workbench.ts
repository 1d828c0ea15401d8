import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { assemble } from '@millwright/assembler';
import { afterAll, afterEach, assert, vi } from 'vitest';
import { bootSector, multibootKernel, Workshop } from '../../../conformance/machine/support/guest.js';
import { runVmm, VmmProcess } from '../../../support/x86-vmm.js';

/*
 * The real `x86-vmm` as people and scripts run it: flags, output, exit statuses (docs/errors.md), with boot programs of our own.
 * Processes and folder are those of the test file that imports this, and end with it.
 */
vi.setConfig({ testTimeout: 120_000 });

export const workshop = new Workshop();
const running: VmmProcess[] = [];
afterEach(async () => {
  for (const vmm of running.splice(0)) {
    vmm.signal('SIGKILL');
    await vmm.status;
  }
});
afterAll(() => workshop.end());

/** Words of `run` for a diskette with a boot program. */
export function booting(program: string, ...words: readonly string[]): string[] {
  return ['run', '--memory', '8M', '--floppy', workshop.image('boot.img', bootSector(program)), ...words];
}

export function start(words: readonly string[]): VmmProcess {
  const vmm = new VmmProcess(words);
  running.push(vmm);
  return vmm;
}

/** Its one line on standard error; nothing but it is printed. */
export async function refusal(...words: readonly string[]): Promise<{ status: number | null; line: string }> {
  const { status, out, err } = await runVmm(...words);
  assert.equal(out, '');
  assert.lengthOf(err.trimEnd().split('\n'), 1, err);
  return { status, line: err.trimEnd() };
}

/** A kernel that is entered in flat protected mode. */
export function multiboot(program: string): string {
  const { bytes } = assemble(`bits 32\norg 0x100000\n dd 0x1BADB002, 3, -(0x1BADB002 + 3)\n${program}`, { file: 'kernel' });
  writeFileSync(workshop.path('kernel.elf'), multibootKernel(bytes));
  return workshop.path('kernel.elf');
}

/** A connection, when somebody listens. */
export function opened(address: { host: string; port: number } | { path: string }): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address as { path: string });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
