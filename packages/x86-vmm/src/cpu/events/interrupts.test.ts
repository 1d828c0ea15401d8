import { assert, beforeEach, describe, test } from 'vitest';
import { segmentBase, selectorOf } from '../mmu/segmentation.js';
import { CPL, CR, EFLAGS_SYSTEM, EIP, HALTED, IDTR_LIMIT, INTERRUPT_SHADOW, SegmentIndex } from '../state.js';
import { descriptor, flatMachine, gate, Place, Selector } from '../support/flat-machine.js';
import { deliverException, deliverInterrupt } from './exceptions.js';

/* SDM Vol. 3A chapter 6, Vol. 2 INT n. */

const machine = flatMachine();
const { cpu, peek, poke } = machine;
const { u32 } = cpu;
const esp = () => cpu.getRegister(4, 32);
const words = (count: number) => Array.from({ length: count }, (_, i) => peek(esp() + i * 4));
const idt = (vector: number, ...words: [number, number]) => poke(Place.idt + vector * 8, ...words);

describe('through the IVT (SDM Vol. 3B 20.1.4)', () => {
  test('INT n pushes FLAGS, CS and IP and clears IF, TF and AC', () => {
    machine.clear();
    poke(0x21 * 4, 0x1234_5678);
    cpu.setRegister(4, 32, 0x1000);
    cpu.setEflags(0x4_0302 | 1);
    machine.execute(0xcd, 0x21);
    assert.equal(selectorOf(cpu, SegmentIndex.CS), 0x1234);
    assert.equal(segmentBase(cpu, SegmentIndex.CS), 0x1_2340);
    assert.equal(u32[EIP >> 2], 0x5678);
    assert.equal(esp(), 0xffa);
    assert.equal(peek(0xff8) >>> 16, 0xfff2);
    assert.equal(peek(0xffc), 0x0303_f000);
    assert.equal(cpu.getEflags(), 3);
  });
  test('a vector beyond the limit ends in shutdown when #GP and #DF are beyond it too', () => {
    machine.clear();
    cpu.setRegister(4, 32, 0x1000);
    u32[IDTR_LIMIT >> 2] = 0x1f;
    machine.execute(0xcd, 0x21);
    assert.isTrue(cpu.tripleFault);
  });
});

describe('gates in the IDT', () => {
  beforeEach(() => machine.protectedMode(0));
  test('an interrupt gate pushes EFLAGS, CS, EIP in the same ring and clears IF', () => {
    cpu.setEflags(0x202);
    deliverInterrupt(cpu, 0x30);
    assert.deepEqual(words(3), [Place.code, Selector.code0, 0x202]);
    assert.equal(cpu.getEflags(), 2);
    assert.equal(u32[EIP >> 2], Place.handlers + 0x300);
  });
  test('a trap gate leaves IF', () => {
    idt(0x30, ...gate(Selector.code0, 0x6000, 0x8f));
    cpu.setEflags(0x202);
    deliverInterrupt(cpu, 0x30);
    assert.equal(cpu.getEflags(), 0x202);
  });
  test('a 16-bit gate pushes words', () => {
    idt(0x30, ...gate(Selector.code0, 0x6000, 0x86));
    deliverInterrupt(cpu, 0x30);
    assert.equal(esp(), Place.stack0 - 6);
    assert.equal(peek(esp() & ~3) >>> 16, Place.code & 0xffff);
  });
  test('from ring 3 the stack comes from the TSS and SS:ESP are pushed', () => {
    machine.protectedMode(3);
    cpu.setEflags(0x3202);
    deliverInterrupt(cpu, 0x30);
    assert.deepEqual(words(5), [Place.code, Selector.code3, 0x3202, Place.stack3, Selector.data3]);
    assert.equal(selectorOf(cpu, SegmentIndex.SS), Selector.data0);
    assert.equal(u32[CPL >> 2], 0);
    assert.equal(esp(), Place.stack0 - 20);
  });
  test('a conforming handler stays in ring 3', () => {
    machine.protectedMode(3);
    idt(0x30, ...gate(Selector.conforming, 0x6000, 0x8e));
    deliverInterrupt(cpu, 0x30);
    assert.equal(selectorOf(cpu, SegmentIndex.CS), Selector.conforming | 3);
    assert.equal(u32[CPL >> 2], 3);
  });
  test('delivery wakes a halted processor and ends the interrupt shadow', () => {
    u32[HALTED >> 2] = 1;
    u32[INTERRUPT_SHADOW >> 2] = 1;
    deliverInterrupt(cpu, 0x30);
    assert.equal(u32[HALTED >> 2], 0);
    assert.equal(u32[INTERRUPT_SHADOW >> 2], 0);
  });
});

describe('RF in the pushed image (SDM Vol. 3B 17.3.1.1)', () => {
  const rows: [string, number, number, number][] = [
    ['a fault', 13, 0, 0x1_0002],
    ['a page fault', 14, 4, 0x1_0002],
    ['a trap', 4, -1, 2],
    ['an abort', 8, 0, 2],
  ];
  for (const [name, vector, errorCode, flags] of rows)
    test(name, () => {
      machine.protectedMode(0);
      deliverException(cpu, vector, errorCode);
      assert.equal(machine.delivered().eflags, flags);
    });
});

describe('faults of delivery (SDM Vol. 2 INT n)', () => {
  // what is done to the IDT entry of vector 30h; error code by INT 30h in ring 3, and by an external interrupt (EXT = 1)
  const rows: [string, [number, number], string, string][] = [
    ['gate of ring 0 for INT n', gate(Selector.code0, 0x6000, 0x8e), '13(182)', 'ok'],
    ['not a gate', gate(Selector.code0, 0x6000, 0xe9), '13(182)', '13(183)'],
    ['a code segment instead of a gate', gate(Selector.code0, 0x6000, 0xfe), '13(182)', '13(183)'],
    ['a call gate', gate(Selector.code0, 0x6000, 0xec), '13(182)', '13(183)'],
    ['not present', gate(Selector.code0, 0x6000, 0x6e), '11(182)', '11(183)'],
    ['null selector', gate(0, 0x6000, 0xee), '13(0)', '13(1)'],
    ['selector beyond the table', gate(Selector.beyond, 0x6000, 0xee), '13(100)', '13(101)'],
    ['data selector', gate(Selector.data0, 0x6000, 0xee), '13(10)', '13(11)'],
    ['code not present', gate(Selector.absentCode, 0x10, 0xee), '11(98)', '11(99)'],
    ['offset beyond the segment', gate(Selector.smallCode, 0x100, 0xee), '13(0)', '13(1)'],
    ['task gate to a segment that is no TSS', gate(Selector.code0, 0, 0xe5), '13(8)', '13(9)'],
    ['task gate to a busy TSS', gate(Selector.tss, 0, 0xe5), '13(28)', '13(29)'],
  ];
  const result = () => {
    if (u32[EIP >> 2] === 0x6000) return 'ok';
    const { vector, errorCode } = machine.delivered();
    return `${vector}(${errorCode.toString(16)})`;
  };
  for (const [name, entry, software, external] of rows) {
    test(`INT n: ${name}`, () => {
      machine.protectedMode(3);
      idt(0x30, ...entry);
      machine.execute(0xcd, 0x30);
      assert.equal(result(), software);
      assert.equal(machine.delivered().eip, Place.code, 'the fault is INT n’s own');
    });
    test(`external: ${name}`, () => {
      machine.protectedMode(3);
      idt(0x30, ...entry);
      deliverInterrupt(cpu, 0x30);
      assert.equal(result(), external);
    });
  }
  test('a vector beyond the IDT limit', () => {
    machine.protectedMode(3);
    u32[IDTR_LIMIT >> 2] = 0x186;
    machine.execute(0xcd, 0x30);
    assert.equal(result(), '13(182)');
  });
  // Stack of ring 0 in the TSS: the handler of the resulting fault runs on ring 1's... it is a task gate, whose TSS the test reads.
  const stacks: [string, number, string][] = [
    ['null SS', 0, '10(1)'],
    ['SS beyond the table', Selector.beyond, '10(101)'],
    ['RPL is not the ring', Selector.data0 | 3, '10(11)'],
    ['DPL is not the ring', Selector.data3 & ~3, '10(21)'],
    ['not writable', Selector.code0, '10(9)'],
    ['too small', Selector.smallCode, '10(91)'],
  ];
  for (const [name, selector, expected] of stacks)
    test(`ring 0 stack: ${name}`, () => {
      machine.protectedMode(3);
      poke(Place.tss + 8, selector);
      // #TS goes to a handler that needs no inner stack: conforming code in the same ring.
      idt(10, ...gate(Selector.conforming, Place.handlers + 160, 0x8e));
      deliverInterrupt(cpu, 0x30);
      assert.equal(result(), expected);
    });
  test('ring 0 stack: not present is #SS(selector + EXT)', () => {
    machine.protectedMode(3);
    poke(Place.gdt + 0x88, ...descriptor(0, 0xffff, 0x12));
    poke(Place.tss + 8, Selector.stack16);
    idt(12, ...gate(Selector.conforming, Place.handlers + 192, 0x8e));
    deliverInterrupt(cpu, 0x30);
    assert.equal(result(), '12(89)');
  });
  test('ring 0 stack: no room is #SS(selector + EXT)', () => {
    machine.protectedMode(3);
    poke(Place.gdt + 0x88, ...descriptor(0, 0xff, 0x92, 4));
    poke(Place.tss + 4, 8, Selector.stack16);
    idt(12, ...gate(Selector.conforming, Place.handlers + 192, 0x8e));
    deliverInterrupt(cpu, 0x30);
    assert.equal(result(), '12(89)');
  });
});

describe('combined exceptions (SDM Vol. 3A table 6-5)', () => {
  beforeEach(() => machine.protectedMode(0));
  const absent = gate(Selector.code0, 0, 0x0e);
  test('contributory during contributory is a double fault with error code 0', () => {
    idt(13, ...absent);
    deliverException(cpu, 13, 0x10);
    assert.deepInclude(machine.delivered(), { vector: 8, errorCode: 0, eip: Place.code });
  });
  test('contributory during a page fault is a double fault', () => {
    idt(14, ...absent);
    deliverException(cpu, 14, 2);
    assert.equal(machine.delivered().vector, 8);
  });
  test('contributory during a benign exception is handled serially, with EXT', () => {
    idt(6, ...absent);
    deliverException(cpu, 6);
    assert.deepInclude(machine.delivered(), { vector: 11, errorCode: 6 * 8 + 3 });
  });
  test('a page fault during a contributory exception is handled serially', () => {
    u32[(CR + 24) >> 2] = 0x10_0000;
    poke(0x10_0000, 0x83);
    u32[(CR + 32) >> 2] = 0x10;
    u32[CR >> 2] = 0x8000_0031;
    // The handler's segment descriptor is read through an absent page: its #PF, then everything else is present again.
    idt(13, ...gate(0x0c, 0, 0x8e));
    cpu.flushTranslations(true);
    const { LDTR } = SegmentIndex;
    u32[(0x200 + LDTR * 0x28) >> 2] = 0x40_0000;
    u32[(0x200 + LDTR * 0x28 + 8) >> 2] = 0xffff;
    u32[(0x200 + LDTR * 0x28 + 12) >> 2] = 0x82;
    deliverException(cpu, 13, 0);
    assert.deepInclude(machine.delivered(), { vector: 14, errorCode: 0 });
    assert.equal(u32[(CR + 16) >> 2], 0x40_0008);
  });
  test('a fault while a double fault is delivered shuts down', () => {
    idt(13, ...absent);
    idt(8, ...absent);
    deliverException(cpu, 13, 0);
    assert.isTrue(cpu.tripleFault);
  });
});

describe('virtual-8086 mode (SDM Vol. 3B 20.3)', () => {
  const enter = (iopl: number) => {
    machine.protectedMode(0);
    // IRETD frame: EIP, CS, EFLAGS with VM, ESP, SS, ES, DS, FS, GS.
    const frame = [0x100, 0x400, 0x2_0202 | (iopl << 12), 0x800, 0x700, 0x701, 0x702, 0x703, 0x704];
    cpu.setRegister(4, 32, Place.stack0 - frame.length * 4);
    poke(Place.stack0 - frame.length * 4, ...frame);
    machine.execute(0xcf);
  };
  test('IRETD enters with all segments from the frame', () => {
    enter(0);
    assert.equal(u32[CPL >> 2], 3);
    assert.equal(u32[EIP >> 2], 0x100);
    assert.deepEqual(
      [1, 2, 0, 3, 4, 5].map((index) => selectorOf(cpu, index)),
      [0x400, 0x700, 0x701, 0x702, 0x703, 0x704],
    );
    assert.equal(esp(), 0x800);
    assert.equal(cpu.getEflags(), 0x2_0202);
  });
  test('an interrupt leaves it: nine words pushed, data segments null, VM clear', () => {
    enter(0);
    deliverInterrupt(cpu, 0x30);
    assert.deepEqual(words(9), [0x100, 0x400, 0x2_0202, 0x800, 0x700, 0x701, 0x702, 0x703, 0x704]);
    assert.deepEqual(
      [0, 3, 4, 5].map((index) => selectorOf(cpu, index)),
      [0, 0, 0, 0],
    );
    assert.equal(u32[EFLAGS_SYSTEM >> 2]! & 0x2_0000, 0);
    assert.equal(u32[CPL >> 2], 0);
  });
  test('INT n with IOPL below 3 is #GP(0); INT3 is not', () => {
    enter(0);
    machine.execute(0xcd, 0x30);
    assert.deepInclude(machine.delivered(), { vector: 13, errorCode: 0, eip: 0x100 });
    enter(0);
    idt(3, ...gate(Selector.code0, Place.handlers + 48, 0xee));
    machine.execute(0xcc);
    assert.deepInclude(machine.delivered(), { vector: 3, eip: 0x101 });
  });
  test('INT n with IOPL 3 goes through the IDT', () => {
    enter(3);
    idt(0x30, ...gate(Selector.code0, Place.handlers + 0x300, 0xee));
    machine.execute(0xcd, 0x30);
    assert.deepInclude(machine.delivered(), { vector: 0x30, eip: 0x102 });
  });
  test('a handler in a conforming segment or another ring is #GP(selector)', () => {
    enter(3);
    idt(0x30, ...gate(Selector.conforming, 0, 0xee));
    machine.execute(0xcd, 0x30);
    assert.deepInclude(machine.delivered(), { vector: 13, errorCode: Selector.conforming });
  });
  for (const [name, bytes] of [
    ['CLI', [0xfa]],
    ['STI', [0xfb]],
    ['PUSHF', [0x9c]],
    ['POPF', [0x9d]],
    ['IRET', [0xcf]],
  ] as const)
    test(`${name} with IOPL below 3 is #GP(0)`, () => {
      enter(2);
      machine.execute(...bytes);
      assert.deepInclude(machine.delivered(), { vector: 13, errorCode: 0 });
    });
  test('IRET inside keeps IOPL', () => {
    enter(3);
    poke(0x7000 + 0x800, 0x0400_0200, 0x0001);
    machine.execute(0xcf);
    assert.equal(cpu.getEflags() & 0x2_3000, 0x2_3000);
    assert.equal(cpu.getEflags() & 1, 1);
    assert.equal(u32[EIP >> 2], 0x200);
    assert.equal(esp(), 0x806);
  });
  test('segment loads do not look at descriptors, LAR is undefined', () => {
    enter(3);
    cpu.setRegister(0, 32, 0x1234);
    machine.execute(0x8e, 0xd8);
    assert.equal(segmentBase(cpu, SegmentIndex.DS), 0x1_2340);
    machine.execute(0x0f, 0x02, 0xc0);
    assert.equal(machine.delivered().vector, 6);
  });
});
