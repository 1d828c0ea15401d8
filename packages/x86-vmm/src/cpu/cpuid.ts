import { type CpuModel, factsOf, hasExtension } from './model.js';

/*
 * What CPUID tells (SDM Vol. 2A CPUID): the model's family, with the features it has here and no other.
 *
 * The vendor string is "GenuineIntel": operating systems take P6 rules for CMPXCHG8B, SYSENTER and the MSRs from vendor, family and
 * model, and some refuse CMPXCHG8B to vendors they do not know. The brand string says what it is.
 */

/** Feature bits of leaf 1, EDX, that every model has. */
const Feature = {
  FPU: 1 << 0,
  DE: 1 << 2,
  PSE: 1 << 3,
  TSC: 1 << 4,
  MSR: 1 << 5,
  CX8: 1 << 8,
  SEP: 1 << 11,
  PGE: 1 << 13,
  CMOV: 1 << 15,
  MMX: 1 << 23,
  FXSR: 1 << 24,
} as const;
const FEATURES = Object.values(Feature).reduce((all, bit) => all | bit, 0);
/** Bits that came with extensions: CLFSH (with the line's size in EBX), SSE, SSE2 in EDX; SSE3, SSSE3 in ECX. */
const SSE = 1 << 25;
const SSE2_CLFSH = (1 << 26) | (1 << 19);
const LINE_OF_64 = 8 << 8;
const [SSE3, SSSE3] = [1 << 0, 1 << 9];

export const VENDOR = 'GenuineIntel';
export const BRAND = 'Millwright virtual x86 processor';

/** EAX, EBX, ECX, EDX. */
export type CpuidLeaf = readonly [eax: number, ebx: number, ecx: number, edx: number];

const HIGHEST_BASIC = 2;
const HIGHEST_EXTENDED = 0x8000_0004;

function word(text: string, at: number): number {
  let value = 0;
  for (let i = 3; i >= 0; i--) value = (value << 8) | (at + i < text.length ? text.charCodeAt(at + i) : 0);
  return value >>> 0;
}

function brand(part: number): CpuidLeaf {
  return [word(BRAND, part * 16), word(BRAND, part * 16 + 4), word(BRAND, part * 16 + 8), word(BRAND, part * 16 + 12)];
}

const LEAVES: ReadonlyMap<number, CpuidLeaf> = new Map<number, CpuidLeaf>([
  [0, [HIGHEST_BASIC, word(VENDOR, 0), word(VENDOR, 8), word(VENDOR, 4)]],
  // Descriptors 01, 02, 03, 04: TLBs of a P6; 08, 0C: 16 KiB caches; 43: 512 KiB second level. Guests only print them.
  [2, [0x0302_0101, 0, 0, 0x0c04_0843]],
  [0x8000_0000, [HIGHEST_EXTENDED, 0, 0, 0]],
  [0x8000_0001, [0, 0, 0, 0]],
  [0x8000_0002, brand(0)],
  [0x8000_0003, brand(1)],
  [0x8000_0004, brand(2)],
]);

/** A leaf beyond the highest gives the highest basic leaf's data, as Intel's processors do. */
export function cpuid(leaf: number, model: CpuModel): CpuidLeaf {
  if (leaf === 1) return features(model);
  return LEAVES.get(leaf) ?? LEAVES.get(HIGHEST_BASIC)!;
}

function features(model: CpuModel): CpuidLeaf {
  const hasSse2 = hasExtension(model, 'SSE2');
  const edx = FEATURES | (hasExtension(model, 'SSE') ? SSE : 0) | (hasSse2 ? SSE2_CLFSH : 0);
  const ecx = (hasExtension(model, 'SSE3') ? SSE3 : 0) | (hasExtension(model, 'SSSE3') ? SSSE3 : 0);
  return [factsOf(model).signature, hasSse2 ? LINE_OF_64 : 0, ecx, edx];
}
