import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assert, test } from 'vitest';
import { line3RegisterMap, registersPage } from './register-map.js';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
const assembly = read('../asm/registers.asm');
/** Arguments of each line of one table of asm/registers.asm. */
const rows = (word: string): string[][] =>
  Array.from(assembly.matchAll(new RegExp(`^ {8}${word} (.+)$`, 'gm')), (match) => match[1]!.split(',').map((each) => each.trim()));

test('the map has the registers of the assembly, in its order', () => {
  const map = line3RegisterMap;
  assert.deepEqual(
    rows('COIL').map(([variable]) => variable),
    map.coils.map(({ variable }) => variable),
  );
  assert.deepEqual(
    rows('DISCRETE').map(([variable]) => variable),
    map.discreteInputs.map(({ variable }) => variable),
  );
  assert.deepEqual(
    rows('INPUT').map(([variable]) => variable),
    map.inputRegisters.map(({ variable }) => variable),
  );
  assert.deepEqual(
    rows('HOLDING'),
    map.holdingRegisters.map(({ variable, minimum, maximum }) => [variable, String(minimum), String(maximum)]),
  );
});

test('REGISTERS.md is the page of the map', () => {
  assert.equal(read('../REGISTERS.md'), registersPage());
});
