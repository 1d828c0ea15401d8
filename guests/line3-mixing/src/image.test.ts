import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { assert, test } from 'vitest';
import { assembleWithNasm, assembleWithOurs } from './assemble.js';
import { buildImage } from './image.js';

const folder = fileURLToPath(new URL('../asm', import.meta.url));

test('the image is a bootable 1.44 MB medium with the program behind the boot sector', () => {
  const image = buildImage(folder, assembleWithOurs);
  assert.equal(image.length, 1_474_560);
  assert.deepEqual([...image.subarray(510, 512)], [0x55, 0xaa]);
  assert.equal(image[512], 0xfa); // CLI, the program's first instruction
  assert.isTrue(image.subarray(1_000_000).every((byte) => byte === 0));
});

test('a program that would reach 80000h is refused', () => {
  assert.throws(() => buildImage(folder, () => new Uint8Array(0x70001)), /do not fit below 80000h/);
});

const hasNasm = spawnSync('nasm', ['-v']).status === 0;

test.skipIf(!hasNasm)('our assembler and nasm give the same image (skipped without nasm)', () => {
  assert.deepEqual(buildImage(folder, assembleWithOurs), buildImage(folder, assembleWithNasm));
});
