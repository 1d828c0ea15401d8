import { assemble } from '@millwright/assembler';
import { CODE_BYTES, Context, Place, RECORD_BYTES, RECORD_CODE, RECORD_FPU, RECORD_STACK, USER_CODE, USER_DATA, WINDOW } from './record.js';

export type Field = keyof typeof Context;
/** One situation and what comes of it. */
export interface NativeRow {
  readonly name: string;
  readonly source: string;
  readonly before?: Partial<Record<Field, number>>;
  readonly stack?: readonly (readonly [offset: number, value: number])[];
  readonly after: Partial<Record<Field, number>>;
  readonly stackAfter?: readonly (readonly [offset: number, value: number])[];
}

export const STACK = Place.stack + WINDOW;
export const DATA = Place.data + WINDOW;

export function recordOf({ source, before, stack }: Pick<NativeRow, 'source' | 'before' | 'stack'>): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  const start: Partial<Record<Field, number>> = {
    ds: USER_DATA,
    es: USER_DATA,
    ss: USER_DATA,
    cs: USER_CODE,
    eip: Place.code,
    eflags: 0x202,
    esp: STACK + 0x80,
    ...before,
  };
  for (const [field, value] of Object.entries(start)) record.writeUInt32LE(value >>> 0, Context[field as Field]);
  for (const [offset, value] of stack ?? []) record.writeUInt32LE(value >>> 0, RECORD_STACK + offset);
  record.writeUInt16LE(0x37f, RECORD_FPU);
  record.fill(0xcc, RECORD_CODE, RECORD_CODE + CODE_BYTES);
  record.set(assemble(`org ${Place.code}\n${source}`, { file: 'row', bits: 32 }).bytes, RECORD_CODE);
  return record;
}

/** What a row names of an answer, and what it wants of it: both as hexadecimal text. */
export function namedOf({ after }: NativeRow, answer: Buffer): { found: Record<string, string>; wanted: Record<string, string> } {
  const fields = Object.entries(after);
  return {
    found: Object.fromEntries(fields.map(([field]) => [field, answer.readUInt32LE(Context[field as Field]).toString(16)])),
    wanted: Object.fromEntries(fields.map(([field, value]) => [field, value.toString(16)])),
  };
}
