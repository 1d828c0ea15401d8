import { assert, beforeEach, describe, test } from 'vitest';
import { writeCr4 } from '../mmu/control-registers.js';
import { DR, EFLAGS_SYSTEM, EIP, INTERRUPT_SHADOW, PENDING_DEBUG } from '../state.js';
import { flatMachine, Place, Selector } from '../support/flat-machine.js';
import { afterInstruction, beforeInstruction } from './debug.js';

/* SDM Vol. 3B chapter 17. */

const machine = flatMachine();
const { cpu } = machine;
const { u32 } = cpu;
const dr6 = () => u32[(DR + 48) >> 2]! & 0xe00f;
const eip = () => u32[EIP >> 2]!;
/** Writes DRn through MOV (EAX). */
const setDebug = (number: number, value: number) => {
  const at = eip();
  cpu.setRegister(0, 32, value);
  machine.execute(0x0f, 0x23, 0xc0 | (number << 3));
  u32[EIP >> 2] = at;
};
/** One instruction in single-step mode. */
const step = (...bytes: number[]) => {
  if (beforeInstruction(cpu)) return;
  machine.execute(...bytes);
  afterInstruction(cpu);
};

beforeEach(() => machine.protectedMode(0));

describe('single step', () => {
  test('TF raises #DB with BS after the instruction; the handler is not stepped', () => {
    cpu.setEflags(0x102);
    step(0x0f, 0x06);
    assert.deepInclude(machine.delivered(), { vector: 1, eip: Place.code + 2, eflags: 0x102 });
    assert.equal(dr6(), 0x4000);
    assert.equal(u32[EFLAGS_SYSTEM >> 2]! & 0x100, 0);
    assert.equal(u32[PENDING_DEBUG >> 2], 0);
  });
  test('INT n is not stepped', () => {
    cpu.setEflags(0x102);
    step(0xcd, 0x30);
    assert.equal(machine.delivered().vector, 0x30);
    assert.equal(dr6(), 0);
  });
  test('MOV SS loses its step, the next instruction has one', () => {
    cpu.setEflags(0x102);
    cpu.setRegister(0, 32, Selector.data0);
    step(0x8e, 0xd0);
    assert.equal(eip(), Place.code + 2);
    u32[INTERRUPT_SHADOW >> 2] = 0;
    step(0x0f, 0x06);
    assert.deepInclude(machine.delivered(), { vector: 1, eip: Place.code + 4 });
  });
});

describe('instruction breakpoints', () => {
  test('#DB before the instruction, RF clear in the image; RF lets it pass once', () => {
    setDebug(1, Place.code);
    setDebug(7, 0x8);
    step(0x0f, 0x06);
    assert.deepInclude(machine.delivered(), { vector: 1, eip: Place.code, eflags: 2 });
    assert.equal(dr6(), 2);
    // The handler sets RF in the image and returns.
    machine.poke(cpu.getRegister(4, 32) + 8, 0x1_0002);
    machine.execute(0xcf);
    assert.equal(u32[EFLAGS_SYSTEM >> 2], 0x1_0002);
    step(0x0f, 0x06);
    assert.equal(eip(), Place.code + 2);
    assert.equal(u32[EFLAGS_SYSTEM >> 2], 2);
  });
  test('a breakpoint that is not enabled does nothing', () => {
    setDebug(1, Place.code);
    setDebug(7, 0x2);
    step(0x0f, 0x06);
    assert.equal(eip(), Place.code + 2);
  });
});

test('general detect: MOV DR faults with BD and RF, and is off in the handler', () => {
  setDebug(7, 0x2000);
  machine.execute(0x0f, 0x21, 0xf0);
  assert.deepInclude(machine.delivered(), { vector: 1, eip: Place.code, eflags: 0x1_0002 });
  assert.equal(dr6(), 0x2000);
  assert.equal(u32[(DR + 56) >> 2], 0x400);
});

describe('debug registers', () => {
  test('fixed bits of DR6 and DR7', () => {
    setDebug(6, 0);
    setDebug(7, 0xffff_ffff & ~0x2000);
    assert.equal(u32[(DR + 48) >> 2], 0xffff_0ff0);
    assert.equal(u32[(DR + 56) >> 2], 0xffff_07ff);
  });
  test('DR4 is DR6 without debug extensions and undefined with them', () => {
    setDebug(4, 0x4000);
    assert.equal(dr6(), 0x4000);
    writeCr4(cpu, 8);
    machine.execute(0x0f, 0x21, 0xe0);
    assert.equal(machine.delivered().vector, 6);
  });
  test('from ring 3 they are #GP(0)', () => {
    machine.protectedMode(3);
    machine.execute(0x0f, 0x21, 0xc0);
    assert.deepInclude(machine.delivered(), { vector: 13, errorCode: 0 });
  });
});

describe('I/O breakpoints', () => {
  const arm = (extensions: boolean) => {
    if (extensions) writeCr4(cpu, 8);
    setDebug(2, 0x3f8);
    // DR2 enabled, R/W = 10, two bytes.
    setDebug(7, 0x20 | (0x6 << 24));
  };
  test('a port access is a trap after the instruction', () => {
    arm(true);
    cpu.setRegister(2, 32, 0x3f9);
    step(0xec);
    assert.deepInclude(machine.delivered(), { vector: 1, eip: Place.code + 1 });
    assert.equal(dr6(), 4);
  });
  test('the port beside it passes', () => {
    arm(true);
    cpu.setRegister(2, 32, 0x3fa);
    step(0xec);
    assert.equal(eip(), Place.code + 1);
  });
  test('without CR4.DE there are none', () => {
    arm(false);
    cpu.setRegister(2, 32, 0x3f8);
    step(0xec);
    assert.equal(eip(), Place.code + 1);
  });
});

test('INT1 is #DB without causes, a trap with no gate check', () => {
  machine.protectedMode(3);
  machine.execute(0xf1);
  assert.deepInclude(machine.delivered(), { vector: 1, eip: Place.code + 1 });
  assert.equal(dr6(), 0);
});
