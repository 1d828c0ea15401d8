import type { SlowCpu } from './semantics/slow-cpu.js';
import {
  CPL,
  CR,
  DR,
  EIP,
  FPU_CONTROL,
  FPU_EMPTY,
  FPU_REGISTERS,
  FPU_STATUS,
  GDTR_BASE,
  GDTR_LIMIT,
  GPR,
  IDTR_BASE,
  IDTR_LIMIT,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField,
  SegmentIndex,
} from './state.js';

/*
 * Registers as JSON, the published form of `x86-vmm run --cpu-state` and `--dump-state`:
 *
 *   EAX ECX EDX EBX ESP EBP ESI EDI EIP EFLAGS CR0 CR2 CR3 CR4 DR0..DR3 DR6 DR7   numbers
 *   CS SS DS ES FS GS LDTR TR        { selector, base, limit, attributes } (attributes as VMX has them)
 *   GDTR IDTR                        { base, limit }
 *   ST0..ST7                         20 hex digits, sign and exponent first
 *   FCW FSW FTW                      numbers; FTW in the 16-bit form of FNSTENV with 0 for "not empty"
 *
 * Numbers may also be given as strings ("0x7c00").
 */
const GENERAL = ['EAX', 'ECX', 'EDX', 'EBX', 'ESP', 'EBP', 'ESI', 'EDI'];
const CONTROL = [0, 2, 3, 4];
const DEBUG = [0, 1, 2, 3, 6, 7];

type Segment = keyof typeof SegmentIndex;
const SEGMENTS = Object.keys(SegmentIndex) as Segment[];

/** Register values that cannot be loaded; names the field. */
export class InvalidRegisters extends Error {}

export function dumpRegisters(cpu: SlowCpu): Record<string, unknown> {
  const { u32 } = cpu;
  const dump: Record<string, unknown> = {};
  GENERAL.forEach((name, i) => {
    dump[name] = u32[(GPR >> 2) + i * 2];
  });
  dump['EIP'] = u32[EIP >> 2];
  dump['EFLAGS'] = cpu.getEflags();
  for (const n of CONTROL) dump[`CR${n}`] = u32[(CR >> 2) + n * 2];
  for (const n of DEBUG) dump[`DR${n}`] = u32[(DR >> 2) + n * 2];
  for (const name of SEGMENTS) {
    const at = (SEGMENT + SegmentIndex[name] * SEGMENT_BYTES) >> 2;
    dump[name] = {
      selector: u32[at + (SegmentField.selector >> 2)],
      base: u32[at + (SegmentField.base >> 2)],
      limit: u32[at + (SegmentField.limit >> 2)],
      attributes: u32[at + (SegmentField.attributes >> 2)],
    };
  }
  dump['GDTR'] = { base: u32[GDTR_BASE >> 2], limit: u32[GDTR_LIMIT >> 2] };
  dump['IDTR'] = { base: u32[IDTR_BASE >> 2], limit: u32[IDTR_LIMIT >> 2] };
  const top = (u32[FPU_STATUS >> 2]! >>> 11) & 7;
  for (let i = 0; i < 8; i++) dump[`ST${i}`] = hex80(cpu.u8, FPU_REGISTERS + ((top + i) & 7) * 16);
  dump['FCW'] = u32[FPU_CONTROL >> 2];
  dump['FSW'] = u32[FPU_STATUS >> 2];
  dump['FTW'] = wideTags(u32[FPU_EMPTY >> 2]!);
  return dump;
}

/** Loads what is given; everything else keeps its value. @throws InvalidRegisters */
export function loadRegisters(cpu: SlowCpu, values: Readonly<Record<string, unknown>>): void {
  const { u32 } = cpu;
  const put = (name: string, index: number): void => {
    if (name in values) u32[index] = numberOf(name, values[name]);
  };
  for (const [i, name] of GENERAL.entries()) put(name, (GPR >> 2) + i * 2);
  put('EIP', EIP >> 2);
  for (const n of CONTROL) put(`CR${n}`, (CR >> 2) + n * 2);
  for (const n of DEBUG) put(`DR${n}`, (DR >> 2) + n * 2);
  for (const name of SEGMENTS) if (name in values) loadSegment(u32, name, values[name]);
  for (const [name, base, limit] of [
    ['GDTR', GDTR_BASE, GDTR_LIMIT],
    ['IDTR', IDTR_BASE, IDTR_LIMIT],
  ] as const) {
    if (!(name in values)) continue;
    const table = objectOf(name, values[name]);
    u32[base >> 2] = numberOf(`${name}.base`, table['base']);
    u32[limit >> 2] = numberOf(`${name}.limit`, table['limit']);
  }
  put('FCW', FPU_CONTROL >> 2);
  put('FSW', FPU_STATUS >> 2);
  if ('FTW' in values) u32[FPU_EMPTY >> 2] = emptyBits(numberOf('FTW', values['FTW']));
  const top = (u32[FPU_STATUS >> 2]! >>> 11) & 7;
  for (let i = 0; i < 8; i++) if (`ST${i}` in values) put80(cpu.u8, FPU_REGISTERS + ((top + i) & 7) * 16, `ST${i}`, values[`ST${i}`]);
  if ('EFLAGS' in values) cpu.setEflags(numberOf('EFLAGS', values['EFLAGS']));
  cpu.modeChanged();
}

function loadSegment(u32: Uint32Array, name: Segment, value: unknown): void {
  const fields = objectOf(name, value);
  const at = (SEGMENT + SegmentIndex[name] * SEGMENT_BYTES) >> 2;
  const limit = numberOf(`${name}.limit`, fields['limit']);
  const attributes = numberOf(`${name}.attributes`, fields['attributes']);
  const code = (attributes & 8) !== 0;
  const expandDown = !code && (attributes & 4) !== 0;
  const unusable = (attributes & 0x1_0000) !== 0;
  const end = expandDown ? ((attributes & 0x4000) !== 0 ? 0xffff_ffff : 0xffff) : limit;
  const low = expandDown ? limit + 1 : 0;
  const mayRead = !unusable && (!code || (attributes & 2) !== 0);
  const mayWrite = !unusable && !code && (attributes & 2) !== 0;
  u32[at + (SegmentField.selector >> 2)] = numberOf(`${name}.selector`, fields['selector']);
  u32[at + (SegmentField.base >> 2)] = numberOf(`${name}.base`, fields['base']);
  u32[at + (SegmentField.limit >> 2)] = limit;
  u32[at + (SegmentField.attributes >> 2)] = attributes;
  u32[at + (SegmentField.low >> 2)] = mayRead ? low : 0xffff_ffff;
  u32[at + (SegmentField.highRead >> 2)] = mayRead ? end : 0;
  u32[at + (SegmentField.lowWrite >> 2)] = mayWrite ? low : 0xffff_ffff;
  u32[at + (SegmentField.highWrite >> 2)] = mayWrite ? end : 0;
  if (name === 'SS' || name === 'CS') u32[CPL >> 2] = name === 'SS' ? (attributes >>> 5) & 3 : u32[CPL >> 2]!;
}

function numberOf(name: string, value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 0xffff_ffff)
    throw new InvalidRegisters(`${name}: give a number from 0 to 0xffffffff`);
  return number;
}

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new InvalidRegisters(`${name}: give an object`);
  return value as Record<string, unknown>;
}

function hex80(u8: Uint8Array, at: number): string {
  let text = '';
  for (let i = 9; i >= 0; i--) text += u8[at + i]!.toString(16).padStart(2, '0');
  return text;
}

function put80(u8: Uint8Array, at: number, name: string, value: unknown): void {
  if (typeof value !== 'string' || !/^[0-9a-f]{20}$/i.test(value)) throw new InvalidRegisters(`${name}: give 20 hex digits`);
  for (let i = 0; i < 10; i++) u8[at + i] = Number.parseInt(value.slice(18 - i * 2, 20 - i * 2), 16);
}

function wideTags(empty: number): number {
  let tags = 0;
  for (let i = 0; i < 8; i++) if ((empty >> i) & 1) tags |= 3 << (2 * i);
  return tags;
}

function emptyBits(tags: number): number {
  let empty = 0;
  for (let i = 0; i < 8; i++) if (((tags >> (2 * i)) & 3) === 3) empty |= 1 << i;
  return empty;
}
