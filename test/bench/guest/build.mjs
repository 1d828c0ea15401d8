import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Makes the benchmark guest from the sources beside this file with Debian's gcc and binutils: `guest.img`, a 1.44 MB diskette, and
 * `native`, the portable kernels as a 32-bit Linux program. Run alone it takes the folder to write to: `node build.mjs FOLDER`.
 */

const HERE = fileURLToPath(new URL('.', import.meta.url));
const DISKETTE_BYTES = 1_474_560;
const FLAGS = (
  '-m32 -march=i686 -O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables -fno-math-errno ' +
  '-fno-strict-aliasing -fcf-protection=none -fno-tree-loop-distribute-patterns -fno-tree-vectorize -Wall -Werror'
).split(' ');
const X87 = ['-mno-sse', '-mfpmath=387'];
const SSE2 = ['-msse2', '-mfpmath=sse'];
const PORTABLE = [
  ['serve.c', X87],
  ['list.c', X87],
  ['integer.c', X87],
  ['calls.c', [...X87, '-fno-crossjumping', '-fno-gcse']],
  ['floating.c', [...X87, '-DUNIT(name)=name##_x87'], 'x87.o'],
  ['floating.c', [...SSE2, '-DUNIT(name)=name##_sse2'], 'sse2.o'],
  ['packed.c', [...SSE2, '-D_MM_MALLOC_H_INCLUDED']], // that header needs a C library
  ['strings.c', X87],
  ['selfmod.c', X87],
  ['writable-code.S', []],
];
const MACHINE = [
  ['boot.S', []],
  ['machine.c', X87],
  ['system.c', X87],
];

/** @returns {{ image: string, native: string }} paths in `folder` @throws Error when gcc or ld is missing or refuses */
export function buildGuest(folder) {
  mkdirSync(folder, { recursive: true });
  const compile = ([source, flags, object = `${source}.o`]) => {
    const output = join(folder, object);
    tool('gcc', [...FLAGS, ...flags, '-c', join(HERE, source), '-o', output]);
    return output;
  };
  const portable = PORTABLE.map(compile);
  const machine = MACHINE.map(compile);
  const elf = join(folder, 'guest.elf');
  const flat = join(folder, 'guest.bin');
  tool('ld', ['-m', 'elf_i386', '--no-warn-rwx-segments', '-T', join(HERE, 'image.ld'), '-o', elf, ...machine, ...portable]);
  tool('objcopy', ['-O', 'binary', '-R', '.bss', elf, flat]);
  const image = join(folder, 'guest.img');
  const diskette = new Uint8Array(DISKETTE_BYTES);
  diskette.set(readFileSync(flat));
  writeFileSync(image, diskette);
  const native = join(folder, 'native');
  tool('ld', ['-m', 'elf_i386', '--no-warn-rwx-segments', '-o', native, compile(['native.c', X87]), ...portable]);
  return { image, native };
}

function tool(name, words) {
  try {
    execFileSync(name, words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    throw new Error(`${name} (Debian's gcc and binutils make the benchmark guest): ${error.stderr || error.message}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(buildGuest(process.argv[2] ?? '.')));
