/*
 * ACPI machine language, written term by term. Source: ACPI 1.0b chapter 16 (AML grammar), 6.4
 * (resource descriptors). Every function returns the bytes of one term; names as in the grammar.
 */

export type Aml = readonly number[];

const OP = {
  ZERO: 0x00,
  ONE: 0x01,
  NAME: 0x08,
  BYTE: 0x0a,
  WORD: 0x0b,
  DWORD: 0x0c,
  STRING: 0x0d,
  SCOPE: 0x10,
  BUFFER: 0x11,
  PACKAGE: 0x12,
  METHOD: 0x14,
  LOCAL0: 0x60,
  ARG0: 0x68,
  STORE: 0x70,
  DECREMENT: 0x76,
  SHIFT_LEFT: 0x79,
  AND: 0x7b,
  OR: 0x7d,
  FIND_SET_RIGHT_BIT: 0x82,
  CREATE_WORD_FIELD: 0x8b,
  IF: 0xa0,
  ELSE: 0xa1,
  RETURN: 0xa4,
  EXTENDED: 0x5b,
} as const;
const EXTENDED = { REGION: 0x80, FIELD: 0x81, DEVICE: 0x82 } as const;

const bytes = (value: number, count: number): number[] => Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);

/** PkgLength (16.2.4): counts itself; one byte to 63, then two to 4095. */
function withLength(content: Aml): Aml {
  if (content.length + 1 < 0x40) return [content.length + 1, ...content];
  const length = content.length + 2;
  if (length < 0x1000) return [0x40 | (length & 0x0f), length >> 4, ...content];
  const long = content.length + 3;
  return [0x80 | (long & 0x0f), (long >> 4) & 0xff, long >> 12, ...content];
}

/** A name of up to four characters, with `\` or `^` in front and dots between segments. */
export function path(name: string): Aml {
  const prefix = /^[\\^]*/.exec(name)![0];
  const segments = name
    .slice(prefix.length)
    .split('.')
    .filter((s) => s !== '');
  const coded = segments.flatMap((segment) => [...segment.padEnd(4, '_')].map((c) => c.charCodeAt(0)));
  const count = segments.length < 2 ? [] : segments.length === 2 ? [0x2e] : [0x2f, segments.length];
  return [...[...prefix].map((c) => c.charCodeAt(0)), ...(segments.length === 0 ? [0] : [...count, ...coded])];
}

/** The shortest constant. */
export function integer(value: number): Aml {
  if (value === 0) return [OP.ZERO];
  if (value === 1) return [OP.ONE];
  if (value <= 0xff) return [OP.BYTE, value];
  if (value <= 0xffff) return [OP.WORD, ...bytes(value, 2)];
  return [OP.DWORD, ...bytes(value, 4)];
}

/** EISA id "PNP0A03" as the compressed dword of 6.1.4. */
export function eisaId(id: string): Aml {
  const [a, b, c] = [0, 1, 2].map((i) => id.charCodeAt(i) - 0x40) as [number, number, number];
  const product = parseInt(id.slice(3), 16);
  return [OP.DWORD, (a << 2) | (b >> 3), ((b & 7) << 5) | c, product >> 8, product & 0xff];
}

export const name = (id: string, value: Aml): Aml => [OP.NAME, ...path(id), ...value];
export const scope = (id: string, ...terms: Aml[]): Aml => [OP.SCOPE, ...withLength([...path(id), ...terms.flat()])];
export const device = (id: string, ...terms: Aml[]): Aml => [OP.EXTENDED, EXTENDED.DEVICE, ...withLength([...path(id), ...terms.flat()])];
export const method = (id: string, args: number, ...terms: Aml[]): Aml => [OP.METHOD, ...withLength([...path(id), args, ...terms.flat()])];
export const packageOf = (...items: Aml[]): Aml => [OP.PACKAGE, ...withLength([items.length, ...items.flat()])];
export const buffer = (content: Aml): Aml => [OP.BUFFER, ...withLength([...integer(content.length), ...content])];
export const returns = (value: Aml): Aml => [OP.RETURN, ...value];
export const store = (value: Aml, target: Aml): Aml => [OP.STORE, ...value, ...target];
export const and = (a: Aml, b: Aml, target: Aml = [OP.ZERO]): Aml => [OP.AND, ...a, ...b, ...target];
export const or = (a: Aml, b: Aml, target: Aml = [OP.ZERO]): Aml => [OP.OR, ...a, ...b, ...target];
export const shiftLeft = (a: Aml, b: Aml, target: Aml): Aml => [OP.SHIFT_LEFT, ...a, ...b, ...target];
export const decrement = (target: Aml): Aml => [OP.DECREMENT, ...target];
export const findSetRightBit = (value: Aml, target: Aml): Aml => [OP.FIND_SET_RIGHT_BIT, ...value, ...target];
export const createWordField = (source: Aml, offset: number, id: string): Aml => [
  OP.CREATE_WORD_FIELD,
  ...source,
  ...integer(offset),
  ...path(id),
];
export const ifElse = (condition: Aml, then: Aml[], otherwise: Aml[]): Aml => [
  OP.IF,
  ...withLength([...condition, ...then.flat()]),
  OP.ELSE,
  ...withLength(otherwise.flat()),
];
export const local = (n: number): Aml => [OP.LOCAL0 + n];
export const argument = (n: number): Aml => [OP.ARG0 + n];

/** OperationRegion over the device's PCI configuration space (region space 2). */
export const pciConfigRegion = (id: string, offset: number, length: number): Aml => [
  OP.EXTENDED,
  EXTENDED.REGION,
  ...path(id),
  2,
  ...integer(offset),
  ...integer(length),
];
/** Field with byte access, no lock, preserve: names with their bit counts. */
export const byteField = (region: string, fields: readonly (readonly [string, number])[]): Aml => [
  OP.EXTENDED,
  EXTENDED.FIELD,
  ...withLength([...path(region), 0x01, ...fields.flatMap(([id, bits]) => [...path(id), bits])]),
];

/* ---- resource descriptors (6.4) ---- */

/** Interrupts as a small descriptor; level-triggered, active low and shared where `isLevel`. */
export function irq(numbers: readonly number[], isLevel = false): Aml {
  const mask = numbers.reduce((bits, n) => bits | (1 << n), 0);
  return isLevel ? [0x23, ...bytes(mask, 2), 0x18] : [0x22, ...bytes(mask, 2)];
}
/** A fixed range of ports, 16 bits decoded. */
export const ports = (base: number, length: number): Aml => [0x47, 0x01, ...bytes(base, 2), ...bytes(base, 2), 1, length];
/** An 8-bit DMA channel, compatibility timing. */
export const dma = (channel: number): Aml => [0x2a, 1 << channel, 0x00];
/** Bus numbers the bridge produces. */
export const busRange = (first: number, last: number): Aml => [
  0x88,
  ...bytes(13, 2),
  2,
  0x0c,
  0,
  ...bytes(0, 2),
  ...bytes(first, 2),
  ...bytes(last, 2),
  ...bytes(0, 2),
  ...bytes(last - first + 1, 2),
];
/** Ports the bridge passes on. */
export const portWindow = (first: number, last: number): Aml => [
  0x88,
  ...bytes(13, 2),
  1,
  0x0c,
  3,
  ...bytes(0, 2),
  ...bytes(first, 2),
  ...bytes(last, 2),
  ...bytes(0, 2),
  ...bytes(last - first + 1, 2),
];
/** Memory the bridge passes on; cacheable for the display's old window only. */
export const memoryWindow = (first: number, last: number, isCacheable: boolean): Aml => [
  0x87,
  ...bytes(23, 2),
  0,
  0x0c,
  isCacheable ? 3 : 1,
  ...bytes(0, 4),
  ...bytes(first, 4),
  ...bytes(last, 4),
  ...bytes(0, 4),
  ...bytes(last - first + 1, 4),
];
/** Descriptors with the end tag (checksum 0: not checked). */
export const resources = (...descriptors: Aml[]): Aml => buffer([...descriptors.flat(), 0x79, 0x00]);
