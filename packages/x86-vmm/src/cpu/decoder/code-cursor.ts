/** More bytes than this in one instruction: #GP(0) (SDM Vol. 2A 2.3.11). */
export const MAXIMUM_BYTES = 15;
/** Thrown by `decode` for an instruction of more than 15 bytes; one object, no stack. */
export const INSTRUCTION_TOO_LONG = { tooLong: true } as const;

/** What decoding reads and remembers; a decoder keeps one object for all. */
export interface Cursor {
  /** Byte `index` of the instruction. May throw; the throw passes through `decode`. */
  fetch: (index: number) => number;
  at: number;
  segmentOverride: number;
  addressSize: 16 | 32 | 64;
  rex: number;
}

export function fetch8(c: Cursor): number {
  if (c.at >= MAXIMUM_BYTES) throw INSTRUCTION_TOO_LONG;
  return c.fetch(c.at++);
}
export function fetch16(c: Cursor): number {
  return fetch8(c) | (fetch8(c) << 8);
}
export function fetch32(c: Cursor): number {
  return fetch16(c) | (fetch16(c) << 16);
}

/** A memory operand before its row says how wide it is. */
export interface MemoryPlace {
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  readonly displacement: number;
  readonly segment: number;
}
