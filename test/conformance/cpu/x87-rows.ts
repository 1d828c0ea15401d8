import type { SeededRandom } from '../../../packages/x86-vmm/src/verification/seeded-random.js';
import { ROW_BYTES, ROW_MEMORY, ROW_OPERATION } from './x87-oracle.js';

const TOP_BIT = 0x8000_0000_0000_0000n;
const ALL = 0xffff_ffff_ffff_ffffn;
const EXPONENTS = [
  0, 1, 2, 63, 0x3fbf, 0x3ffd, 0x3ffe, 0x3fff, 0x4000, 0x400e, 0x401e, 0x403c, 0x403d, 0x403e, 0x403f, 0x4040, 0x407f, 0x7ffd, 0x7ffe,
  0x7fff,
];

/** Significand with runs of ones and zeros, so that ties and carries are common. */
function significand(random: SeededRandom): bigint {
  switch (random.below(8)) {
    case 0:
      return 0n;
    case 1:
      return ALL << BigInt(random.below(64));
    case 2:
      return ALL >> BigInt(random.below(64));
    case 3:
      return 1n << BigInt(random.below(64));
    case 4:
      return random.u64() & (ALL << BigInt(random.below(64)));
    case 5:
      return (random.u64() & (ALL << BigInt(random.below(64)))) | (ALL >> BigInt(random.below(64)));
    default:
      return random.u64();
  }
}

/** A register value: sign and exponent, significand. Most are normal; every class of special value occurs. */
export function registerValue(random: SeededRandom, near: number): { se: number; m: bigint } {
  const sign = random.below(2) << 15;
  const kind = random.below(16);
  if (kind === 0) return { se: sign | random.pick(EXPONENTS), m: significand(random) & ALL };
  if (kind === 1)
    return { se: sign | random.pick([0, 0x7fff]), m: random.pick([0n, TOP_BIT, 0xc000_0000_0000_0000n, significand(random) & ALL]) };
  if (kind === 2) return { se: sign, m: random.pick([0n, TOP_BIT, random.u64() >> BigInt(random.below(64))]) };
  if (kind < 6) return { se: sign | random.below(0x7fff), m: (significand(random) & ALL) | TOP_BIT };
  if (kind < 8) return { se: sign | random.pick(EXPONENTS), m: (significand(random) & ALL) | TOP_BIT };
  // Near each other, so that alignment and cancellation are exercised.
  const exponent = Math.min(0x7ffe, Math.max(0, near + random.below(140) - 70));
  return { se: sign | exponent, m: (significand(random) & ALL) | TOP_BIT };
}

export interface RowOptions {
  /** Centre of the exponents (biased) most registers have. */
  readonly near?: number;
  /** Fills the memory operand. */
  readonly memory?: (random: SeededRandom, row: Buffer) => void;
}

/** Writes one random row: control and status words, tags, eight registers, memory operand. */
export function writeRow(random: SeededRandom, row: Buffer, operation: number, options: RowOptions): void {
  const masks = random.below(4) === 0 ? random.below(64) : 0x3f;
  const precision = random.pick([0x300, 0x300, 0x300, 0x200, 0x200, 0, 0x100]);
  row.fill(0, 0, ROW_BYTES);
  row.writeUInt16LE(masks | 0x40 | precision | (random.below(4) << 10), 0);
  // Flags already set must be masked, or the operation itself would fault.
  const flags = random.below(4) === 0 ? random.below(64) & masks : 0;
  row.writeUInt16LE(flags | (random.below(8) << 11) | (random.below(8) << 8) | (random.below(2) << 14), 4);
  let tags = 0;
  const emptyChance = random.below(3) === 0 ? 4 : 64;
  for (let i = 0; i < 8; i++) if (random.below(emptyChance) === 0) tags |= 3 << (2 * i);
  if (random.below(3) === 0) tags |= random.below(0x10000) & 0xaaaa & ((random.below(0x10000) & 0xaaaa) | ((tags & 0x5555) << 1));
  row.writeUInt16LE(tags, 8);
  const near = options.near ?? random.pick([0x3fff, 0x3fff, 0x3fff, 40, 0x7fc0, random.below(0x7fff)]);
  for (let i = 0; i < 8; i++) {
    const { se, m } = registerValue(random, near);
    row.writeBigUInt64LE(m, 28 + 10 * i);
    row.writeUInt16LE(se, 36 + 10 * i);
  }
  row.writeUInt32LE(operation, ROW_OPERATION);
  row.writeBigUInt64LE(random.u64(), ROW_MEMORY);
  row.writeBigUInt64LE(random.u64(), ROW_MEMORY + 8);
  options.memory?.(random, row);
}

/** Single, double, extended and decimal memory operands with all special values. */
export function memoryF32(random: SeededRandom, row: Buffer): void {
  const kind = random.below(8);
  const sign = random.below(2) << 31;
  const fraction = Number(significand(random) & 0x7fffffn);
  const exponent = kind === 0 ? 0 : kind === 1 ? 255 : kind < 5 ? 127 + random.below(40) - 20 : random.below(256);
  row.writeInt32LE(sign | (exponent << 23) | fraction, ROW_MEMORY);
}
export function memoryF64(random: SeededRandom, row: Buffer): void {
  const kind = random.below(8);
  const exponent = kind === 0 ? 0 : kind === 1 ? 2047 : kind < 5 ? 1023 + random.below(80) - 40 : random.below(2048);
  const fraction = significand(random) & 0xf_ffff_ffff_ffffn;
  row.writeBigUInt64LE((BigInt(random.below(2)) << 63n) | (BigInt(exponent) << 52n) | fraction, ROW_MEMORY);
}
export function memoryF80(random: SeededRandom, row: Buffer): void {
  const { se, m } = registerValue(random, 0x3fff);
  row.writeBigUInt64LE(m, ROW_MEMORY);
  row.writeUInt16LE(se, ROW_MEMORY + 8);
}
export function memoryInteger(random: SeededRandom, row: Buffer): void {
  row.writeBigUInt64LE((significand(random) ^ (random.below(2) === 0 ? ALL : 0n)) & ALL, ROW_MEMORY);
}
export function memoryDecimal(random: SeededRandom, row: Buffer): void {
  for (let i = 0; i < 9; i++) row[ROW_MEMORY + i] = (random.below(10) << 4) | random.below(10);
  row[ROW_MEMORY + 9] = random.below(256);
}
