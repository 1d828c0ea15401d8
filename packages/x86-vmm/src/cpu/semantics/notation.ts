import type { Encoding } from './instruction.js';

/** Two hex digits, as the SDM prints opcodes. */
export function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** Rows from `[opcode, operands]` pairs, as the SDM's table prints them. */
export function rows(...pairs: readonly (readonly [opcode: string, operands: string])[]): Encoding[] {
  return pairs.map(([opcode, operands]) => ({ opcode, operands }));
}

/** The same rows, to which a LOCK prefix may be put when the destination is memory. */
export function lockable(encodings: readonly Encoding[]): Encoding[] {
  return encodings.map((encoding) => (/^(r\/m|m)/.test(encoding.operands) ? { ...encoding, lockable: true as const } : encoding));
}

/** Condition codes 0..15 with their synonyms (SDM Vol. 1 appendix B). */
export const CONDITIONS: readonly (readonly [name: string, ...synonyms: string[]])[] = [
  ['O'],
  ['NO'],
  ['B', 'C', 'NAE'],
  ['AE', 'NB', 'NC'],
  ['E', 'Z'],
  ['NE', 'NZ'],
  ['BE', 'NA'],
  ['A', 'NBE'],
  ['S'],
  ['NS'],
  ['P', 'PE'],
  ['NP', 'PO'],
  ['L', 'NGE'],
  ['GE', 'NL'],
  ['LE', 'NG'],
  ['G', 'NLE'],
];
/** Flags each pair of conditions reads. */
export const CONDITION_FLAGS = ['O', 'C', 'Z', 'CZ', 'S', 'P', 'SO', 'ZSO'];
