import type { SourceOperand } from './operand.js';

export type Memory = Extract<SourceOperand, { kind: 'memory' }>;

/** A value's low bytes, lowest first. */
export function little(value: bigint, bytes: number): number[] {
  const all = BigInt.asUintN(64, value);
  return Array.from({ length: bytes }, (_, i) => Number((all >> BigInt(8 * i)) & 0xffn));
}

/** ModR/M byte, SIB byte and displacement of a memory operand (SDM Vol. 2A 2.1.5). @throws Error */
export function memoryBytes(memory: Memory, reg: number, addressSize: 16 | 32): number[] {
  return addressSize === 16 ? bytes16(memory, reg) : bytes32(memory, reg);
}

/** r/m values of 16-bit addressing: base and index pairs (SDM Vol. 2A table 2-1). */
const PAIRS_16: Readonly<Record<string, number>> = { '3,6': 0, '3,7': 1, '5,6': 2, '5,7': 3, '6,': 4, '7,': 5, '5,': 6, '3,': 7 };
const NO_DISPLACEMENT_BUT_ADDRESS_16 = 6;

function bytes16(memory: Memory, reg: number): number[] {
  const value = memory.displacement?.value ?? 0n;
  const { base, index } = memory;
  if (base === undefined && index === undefined) return [(reg << 3) | NO_DISPLACEMENT_BUT_ADDRESS_16, ...little(value, 2)];
  if (memory.scale !== 1) throw new Error('16-bit addresses have no scale');
  const pair = PAIRS_16[`${base ?? ''},${index ?? ''}`] ?? PAIRS_16[`${index ?? ''},${base ?? ''}`];
  if (pair === undefined) throw new Error('these registers do not make a 16-bit address');
  const bytes = displacementBytes(memory, 2, pair === NO_DISPLACEMENT_BUT_ADDRESS_16);
  return [modOf(bytes) | (reg << 3) | pair, ...little(value, bytes)];
}

const ESP = 4;
const EBP = 5;
const HAS_SIB = 4;
const NO_INDEX = 4;

function bytes32(memory: Memory, reg: number): number[] {
  const value = memory.displacement?.value ?? 0n;
  const { base, index } = memory;
  const scale = [1, 2, 4, 8].indexOf(memory.scale) << 6;
  if (base === undefined && index === undefined) return [(reg << 3) | EBP, ...little(value, 4)];
  if (base === undefined) return [(reg << 3) | HAS_SIB, scale | (index! << 3) | EBP, ...little(value, 4)];
  const bytes = displacementBytes(memory, 4, base === EBP);
  if (index === undefined && base !== ESP) return [modOf(bytes) | (reg << 3) | base, ...little(value, bytes)];
  return [modOf(bytes) | (reg << 3) | HAS_SIB, scale | ((index ?? NO_INDEX) << 3) | base, ...little(value, bytes)];
}

const modOf = (bytes: number): number => (bytes === 0 ? 0 : bytes === 1 ? 0x40 : 0x80);

/** 0, 1 or `full` displacement bytes: addresses are never shortened, plain numbers are. Unknown yet: the least, so that sizes only grow. */
function displacementBytes({ displacement, displacementSize }: Memory, full: 2 | 4, atLeastOne: boolean): number {
  if (displacementSize !== undefined) return displacementSize === 'byte' ? 1 : full;
  const least = atLeastOne ? 1 : 0;
  if (displacement === undefined || !displacement.known) return least;
  if (displacement.labels !== 0) return full;
  const value = BigInt.asIntN(full * 8, displacement.value);
  if (value === 0n) return least;
  return value >= -128n && value <= 127n ? 1 : full;
}
