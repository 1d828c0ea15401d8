import { assert, beforeEach, describe, test } from 'vitest';
import { setSegment } from '../mmu/segmentation.js';
import { EIP, RAM, SegmentIndex } from '../state.js';
import { flatMachine, Place, Selector } from '../support/flat-machine.js';

/* SDM Vol. 1 19.5, Vol. 2 IN, OUT, INS, OUTS. */

const machine = flatMachine();
const { cpu, peek, poke, portLog } = machine;
const { u32, u8 } = cpu;
const [EAX, ECX, EDX, ESI, EDI] = [0, 1, 2, 6, 7] as const;
const get = (index: number) => cpu.getRegister(index, 32);
const set = (index: number, value: number) => cpu.setRegister(index, 32, value);
const ended = () => u32[EIP >> 2]! - Place.code;

beforeEach(() => machine.protectedMode(0));

test('IN and OUT of all widths', () => {
  set(EAX, 0xaabb_ccdd);
  machine.execute(0xe4, 0x80);
  assert.equal(get(EAX), 0xaabb_cc78);
  set(EDX, 0xffff_0cf8);
  machine.execute(0x66, 0xed);
  assert.equal(get(EAX), 0xaabb_5678);
  machine.execute(0xed);
  machine.execute(0xe6, 0xe9);
  machine.execute(0xef);
  assert.deepEqual(portLog, ['r80/1', 'rcf8/2', 'rcf8/4', 'we9/1=78', 'wcf8/4=12345678']);
});

describe('I/O permission bitmap', () => {
  // The TSS ends at 67h in the flat machine; here it has a bitmap of 16 bytes at 68h and its last byte of ones.
  const enter = (limit: number, rights = 0x8b) => {
    machine.protectedMode(3);
    setSegment(cpu, SegmentIndex.TR, Selector.tss, Place.tss, limit, rights);
    // Stack of ring 0 where a 16-bit TSS has it.
    if (rights === 0x83) poke(Place.tss, Place.stack0 << 16, Selector.data0);
    u32[(RAM + Place.tss + 0x64) >> 2] = 0x68 << 16;
    poke(Place.tss + 0x68, 0, 0, 0, 0xff00_0000);
    u8[RAM + Place.tss + 0x68 + 2] = 0x80;
  };
  const rows: [string, number, number[], number, number, string][] = [
    ['port with a clear bit', 0x78, [0xec], 0x16, 0x8b, 'ok'],
    ['port with a set bit', 0x78, [0xec], 0x17, 0x8b, 'gp'],
    ['a word over a set bit', 0x78, [0x66, 0xed], 0x16, 0x8b, 'gp'],
    ['a doubleword over a set bit', 0x78, [0xed], 0x14, 0x8b, 'gp'],
    ['a doubleword beside it', 0x78, [0xed], 0x18, 0x8b, 'ok'],
    ['the byte after the last port’s must be within the limit', 0x77, [0xec], 0x78, 0x8b, 'gp'],
    ['and is enough', 0x78, [0xec], 0x70, 0x8b, 'ok'],
    ['beyond the limit', 0x78, [0xec], 0x3f8, 0x8b, 'gp'],
    ['a 16-bit TSS has none', 0x78, [0xec], 0x16, 0x83, 'gp'],
  ];
  for (const [name, limit, bytes, port, rights, expected] of rows)
    test(name, () => {
      enter(limit, rights);
      set(EDX, port);
      machine.execute(...bytes);
      if (expected === 'ok') assert.equal(ended(), bytes.length);
      else {
        assert.deepInclude(machine.delivered(), { vector: 13, errorCode: 0, eip: Place.code });
        assert.deepEqual(portLog, []);
      }
    });
  test('IOPL 3 needs no bitmap', () => {
    machine.protectedMode(3);
    cpu.setEflags(0x3002);
    set(EDX, 0x3f8);
    machine.execute(0xec);
    assert.equal(ended(), 1);
  });
  test('virtual-8086 mode always asks it', () => {
    enter(0x78);
    cpu.setEflags(0x2_3002);
    set(EDX, 0x3f8);
    machine.execute(0xec);
    assert.deepEqual(portLog, []);
  });
});

describe('INS and OUTS', () => {
  test('INSB stores to ES:EDI and moves on; DF moves back', () => {
    set(EDI, 0x7000);
    set(EDX, 0x1f0);
    machine.execute(0x6c);
    assert.equal(peek(0x7000), 0x78);
    assert.equal(get(EDI), 0x7001);
    cpu.setEflags(0x402);
    machine.execute(0x6d);
    assert.equal(get(EDI), 0x6ffd);
  });
  test('REP INSD counts ECX down to zero', () => {
    set(EDI, 0x7000);
    set(ECX, 3);
    machine.execute(0xf3, 0x6d);
    assert.deepEqual([peek(0x7000), peek(0x7008), peek(0x700c)], [0x1234_5678, 0x1234_5678, 0]);
    assert.deepEqual([get(ECX), get(EDI), ended()], [0, 0x700c, 2]);
  });
  test('REP with ECX zero touches nothing', () => {
    set(ECX, 0);
    machine.execute(0xf3, 0x6e);
    assert.deepEqual(portLog, []);
    assert.equal(ended(), 2);
  });
  test('a fault in the middle keeps what was done and comes before the device is read', () => {
    setSegment(cpu, SegmentIndex.ES, Selector.data0, 0, 0x7001, 0x4093);
    set(EDI, 0x7000);
    set(ECX, 5);
    machine.execute(0xf3, 0x6c);
    assert.deepInclude(machine.delivered(), { vector: 13, errorCode: 0, eip: Place.code });
    assert.deepEqual([get(ECX), get(EDI), portLog.length], [3, 0x7002, 2]);
  });
  test('a long run stops for interrupts with EIP at the instruction', () => {
    set(EDI, 0x1_0000);
    set(ECX, 5000);
    machine.execute(0xf3, 0x6c);
    assert.deepEqual([get(ECX), ended()], [5000 - 4096, 0]);
    machine.execute(0xf3, 0x6c);
    assert.deepEqual([get(ECX), ended()], [0, 2]);
  });
  test('a device that takes strings gets the bytes of one page at a time', () => {
    const sizes: number[] = [];
    machine.strings = {
      readString: (_port, _size, into) => {
        sizes.push(into.length);
        into.fill(0x5a);
        return into.length;
      },
      writeString: (_port, _size, from) => {
        sizes.push(from.length);
        return from.length;
      },
    };
    set(EDI, 0x7e00);
    set(ECX, 256);
    set(EDX, 0x1f0);
    machine.execute(0xf3, 0x66, 0x6d);
    assert.deepEqual([sizes, get(ECX), get(EDI), ended()], [[512], 0, 0x8000, 3]);
    assert.equal(peek(0x7ffc), 0x5a5a_5a5a);
    set(ESI, 0x7f00);
    set(ECX, 256);
    machine.execute(0xf3, 0x66, 0x6f);
    assert.deepEqual(sizes, [512, 256, 256]);
    assert.deepEqual(portLog, []);
  });
  test('a device that has nothing more is asked one by one', () => {
    machine.strings = { readString: () => 0, writeString: () => 0 };
    set(EDI, 0x7000);
    set(ECX, 2);
    machine.execute(0xf3, 0x6c);
    assert.equal(portLog.length, 2);
  });
});
