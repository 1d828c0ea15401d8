import { assert, beforeEach, describe, test } from 'vitest';
import { CR, EIP, EXTENSION_SHIFT, INTERRUPT_SHADOW, MODE_KEY, ModeKey, SegmentIndex } from '../state.js';
import { descriptor, flatMachine, Place, Selector } from '../support/flat-machine.js';
import { writeCr0 } from './control-registers.js';
import { loadSegment, segmentAttributes, segmentBase, segmentLimit, selectorOf, setRealSegment } from './segmentation.js';

/* SDM Vol. 2 MOV (segment registers) and Vol. 3A chapter 5. */

const machine = flatMachine();
const { cpu, peek, poke } = machine;
const { u32 } = cpu;
const { ES, CS, SS, DS } = SegmentIndex;
const MOV_ES_AX = [0x8e, 0xc0];
const MOV_SS_AX = [0x8e, 0xd0];

/** Loads a selector by MOV; `ok` or what was raised. */
function moved(bytes: number[], selector: number): string {
  cpu.setRegister(0, 32, selector);
  machine.execute(...bytes);
  if (u32[EIP >> 2] === Place.code + 2) return 'ok';
  const { vector, errorCode, eip } = machine.delivered();
  assert.equal(eip, Place.code, 'a fault returns to its instruction');
  return `${vector}(${errorCode.toString(16)})`;
}

describe('MOV to a data segment register', () => {
  const rows: [string, 0 | 3, number, string][] = [
    ['null selector', 0, 3, 'ok'],
    ['data of the same ring', 0, Selector.data0, 'ok'],
    ['data of an outer ring', 0, Selector.data3, 'ok'],
    ['RPL weaker than DPL', 0, Selector.data0 | 3, '13(10)'],
    ['data of an inner ring', 3, Selector.data0 | 3, '13(10)'],
    ['readable conforming code of ring 0', 3, Selector.conforming | 3, 'ok'],
    ['execute-only code', 3, Selector.executeOnly, '13(48)'],
    ['system segment', 0, Selector.tss, '13(28)'],
    ['beyond the table', 0, Selector.beyond, '13(100)'],
    ['LDT selector without LDT', 0, 0x0c, '13(c)'],
    ['not present', 3, Selector.absentData, '11(40)'],
  ];
  for (const [name, cpl, selector, expected] of rows)
    test(`${name}, CPL ${cpl}`, () => {
      machine.protectedMode(cpl);
      assert.equal(moved(MOV_ES_AX, selector), expected);
      if (expected === 'ok') assert.equal(selectorOf(cpu, ES), selector);
    });
});

describe('MOV to SS', () => {
  const rows: [string, 0 | 3, number, string][] = [
    ['null selector', 0, 0, '13(0)'],
    ['same ring', 0, Selector.data0, 'ok'],
    ['RPL is not CPL', 0, Selector.data0 | 1, '13(10)'],
    ['DPL is not CPL', 3, Selector.data0 | 3, '13(10)'],
    ['code', 0, Selector.code0, '13(8)'],
    ['read-only data', 3, Selector.readOnly | 3, '13(60)'],
    ['not present', 3, Selector.absentData | 3, '12(40)'],
  ];
  for (const [name, cpl, selector, expected] of rows)
    test(`${name}, CPL ${cpl}`, () => {
      machine.protectedMode(cpl);
      if (name === 'not present') poke(Place.gdt + 0x40, ...descriptor(0, 0xffff, 0x72, 4));
      assert.equal(moved(MOV_SS_AX, selector), expected);
      if (expected === 'ok') assert.equal(u32[INTERRUPT_SHADOW >> 2], 2, 'interrupts and debug traps wait one instruction');
    });
  test('MOV CS is undefined', () => {
    machine.protectedMode(0);
    assert.equal(moved([0x8e, 0xc8], Selector.code0), '6(-1)');
  });
});

test('a load sets the accessed bit in the table and in the register', () => {
  machine.protectedMode(0);
  poke(Place.gdt + 0x10, ...descriptor(0x1234_5678, 0x12_3, 0x92, 4));
  moved(MOV_ES_AX, Selector.data0);
  assert.equal((peek(Place.gdt + 0x14) >>> 8) & 0xff, 0x93);
  assert.equal(segmentAttributes(cpu, ES), 0x4093);
  assert.equal(segmentBase(cpu, ES), 0x1234_5678);
  assert.equal(segmentLimit(cpu, ES), 0x123);
});

test('a selector with TI reads the LDT', () => {
  machine.protectedMode(0);
  cpu.setRegister(0, 32, Selector.ldt);
  machine.execute(0x0f, 0x00, 0xd0);
  poke(Place.ldt + 8, ...descriptor(0x5000, 0xff, 0x93, 4));
  u32[EIP >> 2] = Place.code;
  assert.equal(moved(MOV_ES_AX, 0x0c), 'ok');
  assert.equal(segmentBase(cpu, ES), 0x5000);
  u32[EIP >> 2] = Place.code;
  assert.equal(moved(MOV_ES_AX, 0x1c), '13(1c)');
});

describe('bounds (SDM Vol. 3A 5.3)', () => {
  beforeEach(() => machine.protectedMode(3));
  const load = (selector: number) => moved(MOV_ES_AX, selector);
  const may = (offset: number, bytes: number, write = false) => cpu.maySegment(ES, offset, bytes, write);
  test('read-only data: reads to the limit, no writes even at offset 0', () => {
    load(Selector.readOnly);
    assert.isTrue(may(0xfffc, 4));
    assert.isFalse(may(0xfffd, 4));
    assert.isFalse(may(0, 1, true));
  });
  test('expand-down: above the limit only, to 4 GiB with B set', () => {
    load(Selector.expandDown);
    assert.isFalse(may(0xfff, 1));
    assert.isTrue(may(0x1000, 4, true));
    assert.isTrue(may(0xffff_fffc, 4));
    assert.isFalse(may(0xffff_fffd, 4));
  });
  test('expand-down with B clear ends at FFFF', () => {
    poke(Place.gdt + 0x50, ...descriptor(0, 0xfff, 0xf6, 0));
    load(Selector.expandDown);
    assert.isTrue(may(0xffff, 1));
    assert.isFalse(may(0xffff, 2));
  });
  test('expand-down with the highest limit holds nothing', () => {
    poke(Place.gdt + 0x50, ...descriptor(0, 0xf_ffff, 0xf6, 0xc));
    load(Selector.expandDown);
    assert.isFalse(may(0, 1));
    assert.isFalse(may(0xffff_ffff, 1));
  });
  test('a null segment faults on every access with #GP(0)', () => {
    load(0);
    assert.isFalse(may(0, 1));
    u32[EIP >> 2] = Place.code;
    machine.execute(0x26, 0xff, 0x2d, 0, 0, 0, 0);
    assert.deepInclude(machine.delivered(), { vector: 13, errorCode: 0 });
  });
});

describe('real mode', () => {
  beforeEach(() => machine.clear());
  test('a load shifts the selector and keeps limit and D/B of the cache', () => {
    machine.protectedMode(0);
    writeCr0(cpu, 0x10);
    loadSegment(cpu, DS, 0x1234);
    assert.equal(segmentBase(cpu, DS), 0x1_2340);
    assert.equal(segmentLimit(cpu, DS), 0xffff_ffff);
    assert.isTrue(cpu.maySegment(DS, 0xfff0_0000, 4, true));
  });
  test('CS may be written in real mode and not in protected mode', () => {
    assert.isTrue(cpu.maySegment(CS, 0, 1, true));
    writeCr0(cpu, 0x11);
    assert.isFalse(cpu.maySegment(CS, 0, 1, true));
  });
  test('virtual-8086 loads have 64 KiB and ring 3', () => {
    machine.protectedMode(0);
    cpu.setEflags(0x2_0002);
    setRealSegment(cpu, DS, 0xf000);
    assert.equal(segmentBase(cpu, DS), 0xf_0000);
    assert.equal(segmentLimit(cpu, DS), 0xffff);
    assert.equal(segmentAttributes(cpu, DS), 0xf3);
  });
});

describe('mode key', () => {
  // Without the processor's extensions.
  const key = () => u32[MODE_KEY >> 2]! & ((1 << EXTENSION_SHIFT) - 1);
  test('reset: real mode, 16-bit, nothing flat', () => {
    machine.clear();
    assert.equal(key(), 0);
  });
  test('flat 32-bit protected mode', () => {
    machine.protectedMode(0);
    assert.equal(key(), ModeKey.code32 | ModeKey.stack32 | ModeKey.flatCode | ModeKey.flatData | ModeKey.protectedMode);
  });
  test('one data segment with a limit ends flat data', () => {
    machine.protectedMode(3);
    moved(MOV_ES_AX, Selector.readOnly);
    assert.equal(key() & ModeKey.flatData, 0);
  });
  test('TF and breakpoints step, VM is its own mode, AC counts in ring 3 with CR0.AM', () => {
    machine.protectedMode(3);
    cpu.setEflags(0x102);
    assert.notEqual(key() & ModeKey.singleStep, 0);
    u32[CR >> 2]! |= 0x4_0000;
    cpu.setEflags(0x4_0002);
    assert.notEqual(key() & ModeKey.alignmentCheck, 0);
    assert.equal(key() & ModeKey.singleStep, 0);
    cpu.setEflags(0x2_0002);
    assert.equal(key() & (ModeKey.virtual8086 | ModeKey.protectedMode), ModeKey.virtual8086);
  });
});

test('a push to a 16-bit stack keeps the upper half of ESP', () => {
  machine.protectedMode(0);
  moved(MOV_SS_AX, Selector.stack16);
  cpu.setRegister(4, 32, 0xabcd_0000);
  machine.execute(0x1e);
  assert.equal(cpu.getRegister(4, 32), 0xabcd_fffc);
  assert.equal(peek(0xfffc), Selector.data0);
  assert.equal(selectorOf(cpu, SS), Selector.stack16);
});
