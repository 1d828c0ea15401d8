import { assert, describe, test } from 'vitest';
import { segmentAttributes, selectorOf, setNull } from '../mmu/segmentation.js';
import { CPL, EIP, SegmentIndex } from '../state.js';
import { descriptor, flatMachine, gate, Place, Selector } from '../support/flat-machine.js';

/* SDM Vol. 2 JMP, CALL, RET, IRET; Vol. 3A 5.8. */

const machine = flatMachine();
const { cpu, peek, poke } = machine;
const { u32 } = cpu;
const esp = () => cpu.getRegister(4, 32);
const words = (count: number) => Array.from({ length: count }, (_, i) => peek(esp() + i * 4));
const le32 = (value: number) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
const jump = (selector: number, offset: number) => machine.execute(0xea, ...le32(offset), ...le32(selector).slice(0, 2));
const call = (selector: number, offset: number) => machine.execute(0x9a, ...le32(offset), ...le32(selector).slice(0, 2));
/** `ok` when EIP is `target`, else the exception. */
const result = (target: number) => {
  if (u32[EIP >> 2] === target) return 'ok';
  const { vector, errorCode, eip } = machine.delivered();
  assert.equal(eip, Place.code);
  return `${vector}(${errorCode.toString(16)})`;
};
/** Puts words at ESP, the first the one popped first. */
const frame = (...values: number[]) => {
  cpu.setRegister(4, 32, esp() - values.length * 4);
  poke(esp(), ...values);
};

describe('far JMP and CALL', () => {
  const rows: [string, 0 | 3, number, number, string][] = [
    ['code of the same ring', 0, Selector.code0, 0x6000, 'ok'],
    ['null selector', 0, 0, 0x6000, '13(0)'],
    ['beyond the table', 0, Selector.beyond, 0x6000, '13(100)'],
    ['data', 0, Selector.data0, 0x6000, '13(10)'],
    ['code of an inner ring', 3, Selector.code0 | 3, 0x6000, '13(8)'],
    ['code of an outer ring', 0, Selector.code3, 0x6000, '13(18)'],
    ['RPL weaker than CPL', 0, Selector.code0 | 1, 0x6000, '13(8)'],
    ['conforming code of an inner ring', 3, Selector.conforming, 0x6000, 'ok'],
    ['not present', 0, Selector.absentCode, 0x6000, '11(98)'],
    ['offset beyond the limit', 0, Selector.smallCode, 0x100, '13(0)'],
    ['LDT descriptor', 0, Selector.ldt, 0, '13(58)'],
    ['busy TSS', 0, Selector.tss, 0, '13(28)'],
  ];
  for (const [name, cpl, selector, offset, expected] of rows) {
    test(`JMP: ${name}, CPL ${cpl}`, () => {
      machine.protectedMode(cpl);
      jump(selector, offset);
      assert.equal(result(offset), expected);
      if (expected === 'ok') assert.equal(selectorOf(cpu, SegmentIndex.CS), (selector & ~3) | cpl);
    });
    test(`CALL: ${name}, CPL ${cpl}`, () => {
      machine.protectedMode(cpl);
      call(selector, offset);
      assert.equal(result(offset), expected);
      if (expected === 'ok') assert.deepEqual(words(2), [Place.code + 7, cpl === 3 ? Selector.code3 : Selector.code0]);
    });
  }
  test('JMP to 16-bit code changes D', () => {
    machine.protectedMode(0);
    jump(Selector.code16, 0x6000);
    assert.equal(segmentAttributes(cpu, SegmentIndex.CS), 0x9b);
  });
  test('CALL without room on the stack is #SS(0) and changes nothing', () => {
    machine.protectedMode(0);
    poke(Place.gdt + 0x88, ...descriptor(0, 0xffff, 0x92, 4));
    cpu.setRegister(0, 32, Selector.stack16);
    machine.execute(0x8e, 0xd0);
    cpu.setRegister(4, 32, 0x1_0002);
    u32[EIP >> 2] = Place.code;
    call(Selector.code0, 0x6000);
    // Neither #SS nor #DF has room for its frame on the same stack: shutdown.
    assert.isTrue(cpu.tripleFault);
    assert.equal(esp(), 0x1_0002);
  });
  test('real mode: limit is 64 KiB unless the cache says more', () => {
    machine.clear();
    cpu.setRegister(4, 32, 0x1000);
    poke(13 * 4, 0x0000_7777);
    machine.execute(0x66, 0xea, 0, 0, 1, 0, 0x34, 0x12);
    assert.equal(u32[EIP >> 2], 0x7777);
    machine.execute(0xea, 0x10, 0x00, 0x34, 0x12);
    assert.equal(selectorOf(cpu, SegmentIndex.CS), 0x1234);
    assert.equal(u32[EIP >> 2], 0x10);
  });
});

describe('call gates (SDM Vol. 3A 5.8.3-5.8.5)', () => {
  test('CALL from ring 3 switches stacks and copies the parameters', () => {
    machine.protectedMode(3);
    frame(0x1111, 0x2222);
    const outer = esp();
    call(Selector.callGate | 3, 0);
    assert.equal(u32[EIP >> 2], 0x5000);
    assert.deepEqual(words(6), [Place.code + 7, Selector.code3, 0x1111, 0x2222, outer, Selector.data3]);
    assert.equal(selectorOf(cpu, SegmentIndex.CS), Selector.code0);
    assert.equal(selectorOf(cpu, SegmentIndex.SS), Selector.data0);
  });
  test('and RET n comes back, dropping the parameters on both stacks and privileged data segments', () => {
    machine.protectedMode(3);
    frame(0x1111, 0x2222);
    call(Selector.callGate | 3, 0);
    cpu.setRegister(0, 32, Selector.data0);
    machine.execute(0x8e, 0xd8);
    machine.execute(0xca, 8, 0);
    assert.equal(u32[EIP >> 2], Place.code + 7);
    assert.equal(selectorOf(cpu, SegmentIndex.CS), Selector.code3);
    assert.equal(esp(), Place.stack3);
    assert.equal(selectorOf(cpu, SegmentIndex.DS), 0);
    assert.equal(selectorOf(cpu, SegmentIndex.ES), Selector.data3);
    assert.equal(u32[CPL >> 2], 3);
  });
  test('a 16-bit gate pushes words', () => {
    machine.protectedMode(3);
    poke(Place.stack3 - 4, 0x4444_3333);
    cpu.setRegister(4, 32, Place.stack3 - 4);
    call(Selector.callGate16 | 3, 0);
    assert.equal(esp(), Place.stack0 - 10);
    const halves = Array.from({ length: 5 }, (_, i) => cpu.readLinear(esp() + i * 2, 16, true));
    assert.deepEqual(halves, [(Place.code + 7) & 0xffff, Selector.code3, 0x3333, (Place.stack3 - 4) & 0xffff, Selector.data3]);
  });
  const rows: [string, 'jump' | 'call', 0 | 3, [number, number], string][] = [
    ['gate of an inner ring', 'call', 3, gate(Selector.code0, 0x5000, 0x8c), '13(38)'],
    ['gate not present', 'call', 3, gate(Selector.code0, 0x5000, 0x6c), '11(38)'],
    ['null selector in the gate', 'call', 3, gate(0, 0x5000, 0xec), '13(0)'],
    ['selector beyond the table', 'call', 3, gate(Selector.beyond, 0x5000, 0xec), '13(100)'],
    ['data behind the gate', 'call', 3, gate(Selector.data0, 0x5000, 0xec), '13(10)'],
    ['code not present', 'call', 3, gate(Selector.absentCode, 0x10, 0xec), '11(98)'],
    ['code of an outer ring', 'call', 0, gate(Selector.code3, 0x5000, 0xec), '13(18)'],
    ['offset beyond the segment', 'call', 3, gate(Selector.smallCode, 0x100, 0xec), '13(0)'],
    ['JMP to an inner ring', 'jump', 3, gate(Selector.code0, 0x5000, 0xec), '13(8)'],
    ['JMP to conforming code', 'jump', 3, gate(Selector.conforming, 0x5000, 0xec), 'ok'],
    ['JMP in the same ring', 'jump', 0, gate(Selector.code0, 0x5000, 0xec), 'ok'],
    ['CALL in the same ring', 'call', 0, gate(Selector.code0, 0x5000, 0xec, 3), 'ok'],
  ];
  for (const [name, kind, cpl, words, expected] of rows)
    test(name, () => {
      machine.protectedMode(cpl);
      poke(Place.gdt + 0x38, ...words);
      (kind === 'jump' ? jump : call)(Selector.callGate | cpl, 0);
      assert.equal(result(0x5000), expected);
    });
});

describe('far RET and IRET in protected mode', () => {
  // CS on the stack, SS on the stack
  const rows: [string, 0 | 3, number, number, string][] = [
    ['same ring', 0, Selector.code0, 0, 'ok'],
    ['outer ring', 0, Selector.code3, Selector.data3, 'ok'],
    ['null CS', 0, 0, 0, '13(0)'],
    ['CS beyond the table', 0, Selector.beyond, 0, '13(100)'],
    ['CS is data', 0, Selector.data0, 0, '13(10)'],
    ['inner ring', 3, Selector.code0, 0, '13(8)'],
    ['DPL is not RPL', 0, Selector.code0 | 3, Selector.data3, '13(8)'],
    ['conforming code, outer ring', 0, Selector.conforming | 3, Selector.data3, 'ok'],
    ['CS not present', 0, Selector.absentCode, 0, '11(98)'],
    ['outer ring, null SS', 0, Selector.code3, 0, '13(0)'],
    ['outer ring, SS of another ring', 0, Selector.code3, Selector.data0 | 3, '13(10)'],
    ['outer ring, RPL of SS differs', 0, Selector.code3, Selector.data3 & ~3, '13(20)'],
    ['outer ring, SS not writable', 0, Selector.code3, Selector.readOnly | 3, '13(60)'],
    ['outer ring, SS not present', 0, Selector.code3, Selector.absentData | 3, '12(40)'],
  ];
  for (const [name, cpl, cs, ss, expected] of rows) {
    test(`RETF: ${name}, CPL ${cpl}`, () => {
      machine.protectedMode(cpl);
      frame(0x6000, cs, 0xb000, ss);
      machine.execute(0xcb);
      assert.equal(result(0x6000), expected);
      if (expected === 'ok') assert.equal(u32[CPL >> 2], cs & 3);
    });
    test(`IRETD: ${name}, CPL ${cpl}`, () => {
      machine.protectedMode(cpl);
      frame(0x6000, cs, 0x202, 0xb000, ss);
      machine.execute(0xcf);
      // The stack segment is the one check in which they differ: #SS for RET, #NP for IRET.
      assert.equal(result(0x6000), expected === '12(40)' ? '11(40)' : expected);
    });
  }
  test('IRETD to ring 3 loads SS:ESP and drops privileged segments', () => {
    machine.protectedMode(0);
    frame(0x6000, Selector.code3, 0x202, 0xb000, Selector.data3);
    machine.execute(0xcf);
    assert.equal(esp(), 0xb000);
    assert.equal(selectorOf(cpu, SegmentIndex.DS), 0);
    assert.equal(cpu.getEflags(), 0x202);
  });
  test('an outer 16-bit stack gets only SP', () => {
    machine.protectedMode(0);
    poke(Place.gdt + 0x88, ...descriptor(0, 0xffff, 0xf2));
    cpu.setRegister(4, 32, 0x3_9000);
    poke(0x3_9000, 0x6000, Selector.code3, 0x202, 0x1234_5678, Selector.stack16 | 3);
    machine.execute(0xcf);
    assert.equal(esp(), 0x3_5678);
  });
  // CPL, IOPL before; image; EFLAGS after
  const flags: [string, 0 | 3, number, number, number][] = [
    ['ring 0 takes IF and IOPL', 0, 0x0002, 0x3202, 0x3202],
    ['ring 3 takes neither with IOPL 0', 3, 0x0202, 0x3002, 0x0202],
    ['ring 3 takes IF with IOPL 3', 3, 0x3202, 0x0002, 0x3002],
    ['arithmetic, DF, NT, AC and ID are taken', 3, 0x0002, 0x24_4cd7, 0x24_4cd7],
    ['reserved bits are not', 0, 0x0002, 0xffc0_802a, 0x0002],
  ];
  for (const [name, cpl, before, image, after] of flags)
    test(`IRETD: ${name}`, () => {
      machine.protectedMode(cpl);
      cpu.setEflags(before);
      frame(0x6000, cpl === 3 ? Selector.code3 : Selector.code0, image);
      machine.execute(0xcf);
      assert.equal(cpu.getEflags(), after);
    });
  test('16-bit IRET keeps the upper half of EFLAGS', () => {
    machine.protectedMode(0);
    cpu.setEflags(0x24_0002);
    cpu.setRegister(4, 32, 0x9000 - 8);
    poke(0x9000 - 8, (Selector.code0 << 16) | 0x6000, 0x0002);
    machine.execute(0x66, 0xcf);
    assert.equal(cpu.getEflags(), 0x24_0002);
    assert.equal(u32[EIP >> 2], 0x6000);
  });
  test('a segment register that is null stays null on the way out', () => {
    machine.protectedMode(0);
    setNull(cpu, SegmentIndex.GS, 2);
    frame(0x6000, Selector.code3, 0x202, 0xb000, Selector.data3);
    machine.execute(0xcf);
    assert.equal(selectorOf(cpu, SegmentIndex.GS), 2);
  });
});
