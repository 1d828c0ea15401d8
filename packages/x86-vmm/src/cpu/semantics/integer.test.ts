import { readFileSync } from 'node:fs';
import { assert, describe, test } from 'vitest';
import type { EngineTier } from '../../engines/engine.js';
import { BareMachine } from '../../engines/portable/support/bare-machine.js';
import { Rights } from '../architecture.js';
import { setSegment } from '../mmu/segmentation.js';
import { EIP, HALTED, SegmentIndex } from '../state.js';

/*
 * Every integer user instruction against what a processor did: the vectors were recorded on an AMD EPYC (see their header). The same rows
 * run through flat forms, through forms with segment base and limits, and from 16-bit code with prefixes.
 */
const CODE = 0x90_0000;
const DATA = 0x80_0800;
const STACK = 0xa0_7fe0;
const HLT = 0xf4;
/** Where the recorded branches lead: behind the six bytes that follow the instruction. */
const TAKEN = 6;
const FLAGS = 0xcd5;

interface Setting {
  readonly name: string;
  readonly base: number;
  readonly isFlat: boolean;
  readonly code16: boolean;
}
const settings: readonly Setting[] = [
  { name: 'flat segments', base: 0, isFlat: true, code16: false },
  { name: 'segments with base and limit', base: 0x10_0000, isFlat: false, code16: false },
  { name: '16-bit code with size prefixes', base: 0, isFlat: false, code16: true },
];

interface Vector {
  readonly line: string;
  readonly code: readonly number[];
  readonly registers: readonly number[];
  readonly flags: number;
  readonly data: readonly number[];
  readonly exit: string;
  readonly changedRegisters: ReadonlyMap<number, number>;
  readonly flagsAfter: number;
  readonly flagMask: number;
  readonly changedData: ReadonlyMap<number, number>;
  readonly changedStack: ReadonlyMap<number, number>;
}

const bytesOf = (text: string): number[] => [...Buffer.from(text, 'hex')];
const changesOf = (text: string, radix: number): Map<number, number> =>
  new Map(
    text === '-'
      ? []
      : text.split(',').map((pair) => [Number.parseInt(pair.split(':')[0]!, radix), Number.parseInt(pair.split(':')[1]!, 16)]),
  );

function parse(line: string): Vector {
  const [, code, registers, flags, data, exit, changed, flagsAfter, flagMask, changedData, changedStack] = line.split(' ');
  return {
    line,
    code: bytesOf(code!),
    registers: registers!.split(',').map((text) => Number.parseInt(text, 16)),
    flags: Number.parseInt(flags!, 16),
    data: bytesOf(data!),
    exit: exit!,
    changedRegisters: changesOf(changed!, 10),
    flagsAfter: Number.parseInt(flagsAfter!, 16),
    flagMask: Number.parseInt(flagMask!, 16),
    changedData: changesOf(changedData!, 16),
    changedStack: changesOf(changedStack!, 16),
  };
}

const vectors = readFileSync(new URL('./integer.vectors.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map(parse);

function machineIn(setting: Setting, tier: EngineTier): BareMachine {
  const machine = new BareMachine(tier);
  machine.enterFlat(CODE);
  if (setting.isFlat) return machine;
  const { cpu } = machine;
  const data = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG | 0x8000;
  for (const segment of [SegmentIndex.ES, SegmentIndex.SS, SegmentIndex.DS, SegmentIndex.FS, SegmentIndex.GS])
    setSegment(cpu, segment, 0x10, setting.base, 0xffff_efff, data);
  if (setting.code16) setSegment(cpu, SegmentIndex.CS, 8, CODE, 0xffff, (data & ~Rights.BIG) | Rights.CODE);
  else setSegment(cpu, SegmentIndex.CS, 8, setting.base, 0xffff_efff, data | Rights.CODE);
  cpu.modeChanged();
  return machine;
}

/** The same instruction in 16-bit code: both size prefixes are the other way round. */
function for16(code: readonly number[]): number[] {
  return code[0] === 0x66 ? [0x67, ...code.slice(1)] : [0x67, 0x66, ...code];
}

/** Differences between a run of the vector and the recording, in words. */
function differences(machine: BareMachine, setting: Setting, vector: Vector): string[] {
  const { cpu, memory } = machine;
  const start = setting.code16 ? 0 : CODE;
  const physical = setting.base + CODE;
  const code = setting.code16 ? for16(vector.code) : vector.code;
  machine.load(physical, [...code, HLT, 0, 0, 0, 0, 0, HLT]);
  machine.engine.codeWritten(physical, 32);
  machine.load(setting.base + DATA, vector.data);
  machine.load(
    setting.base + STACK,
    Array.from({ length: 64 }, (_, i) => (3 * i + 1) & 0xff),
  );
  for (const [index, value] of vector.registers.entries()) machine.setRegister(index, value);
  cpu.setEflags(vector.flags);
  cpu.tripleFault = false;
  memory.u32[EIP >> 2] = start;
  memory.u32[HALTED >> 2] = 0;
  machine.firstFault = -1;
  machine.engine.run(100);

  const found: string[] = [];
  const expect = (what: string, actual: number | string, wanted: number | string): void => {
    if (actual !== wanted)
      found.push(
        `${what} is ${typeof actual === 'number' ? actual.toString(16) : actual}, recorded ${typeof wanted === 'number' ? wanted.toString(16) : wanted}`,
      );
  };
  const end = machine.eip - start - code.length - 1;
  const exit =
    machine.firstFault >= 0 ? `#${machine.firstFault}` : end === 0 ? '-' : end === TAKEN ? 'taken' : `EIP ${machine.eip.toString(16)}`;
  expect('exit', exit, vector.exit);
  if (vector.exit.startsWith('#')) return found;
  for (const [index, value] of vector.registers.entries())
    expect(`register ${index}`, machine.register(index), vector.changedRegisters.get(index) ?? value);
  expect('EFLAGS', cpu.getEflags() & FLAGS & vector.flagMask, vector.flagsAfter);
  for (let i = 0; i < 64; i++) {
    expect(`byte ${i}`, machine.read8(setting.base + DATA + i), vector.changedData.get(i) ?? vector.data[i]!);
    expect(`stack byte ${i}`, machine.read8(setting.base + STACK + i), vector.changedStack.get(i) ?? (3 * i + 1) & 0xff);
  }
  return found;
}

describe.each(settings)('recorded executions in $name', (setting) => {
  test.each(['interpreter', 'translator'] as const)('give the recorded registers, flags, memory and faults (%s)', (tier) => {
    const machine = machineIn(setting, tier);
    const failures = vectors.flatMap((vector) => {
      const found = differences(machine, setting, vector);
      return found.length > 0 ? [`${vector.line.slice(0, 80)}\n  ${found.join('; ')}`] : [];
    });
    assert.isAbove(vectors.length, 800);
    assert.deepEqual(failures, []);
  });
});
