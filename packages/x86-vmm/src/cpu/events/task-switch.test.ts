import { assert, beforeEach, describe, test } from 'vitest';
import { selectorOf } from '../mmu/segmentation.js';
import { CPL, CR, DR, EFLAGS_SYSTEM, EIP, SegmentIndex } from '../state.js';
import { descriptor, flatMachine, gate, Place, Selector } from '../support/flat-machine.js';
import { deliverException } from './exceptions.js';

/* SDM Vol. 3A chapter 7. */

const machine = flatMachine();
const { cpu, peek, poke } = machine;
const { u32 } = cpu;
const { CS, SS, DS, TR, LDTR } = SegmentIndex;
const esp = () => cpu.getRegister(4, 32);
const jump = (selector: number) => machine.execute(0xea, 0, 0, 0, 0, selector, 0);
const call = (selector: number) => machine.execute(0x9a, 0, 0, 0, 0, selector, 0);
const typeOf = (selector: number) => (peek(Place.gdt + (selector & ~7) + 4) >>> 8) & 0xf;

interface Tss {
  readonly eip?: number;
  readonly eflags?: number;
  readonly es?: number;
  readonly cs?: number;
  readonly ss?: number;
  readonly ldt?: number;
  readonly trap?: number;
}
function writeTss({
  eip = 0x6000,
  eflags = 2,
  es = Selector.data0,
  cs = Selector.code0,
  ss = Selector.data0,
  ldt = 0,
  trap = 0,
}: Tss = {}): void {
  poke(
    Place.otherTss + 0x1c,
    0,
    eip,
    eflags,
    0xa0,
    0xa1,
    0xa2,
    0xa3,
    0xc000,
    0xa5,
    0xa6,
    0xa7,
    es,
    cs,
    ss,
    Selector.data0,
    0,
    0,
    ldt,
    trap,
  );
}

beforeEach(() => {
  machine.protectedMode(0);
  writeTss();
});

test('JMP to a TSS: the old task is saved and free, the new one busy and running', () => {
  cpu.setRegister(1, 32, 0x1234_5678);
  cpu.setEflags(0x47);
  jump(Selector.otherTss);
  assert.equal(peek(Place.tss + 0x20), Place.code + 7);
  assert.equal(peek(Place.tss + 0x24), 0x47);
  assert.equal(peek(Place.tss + 0x2c), 0x1234_5678);
  assert.equal(peek(Place.tss + 0x4c), Selector.code0);
  assert.equal(typeOf(Selector.tss), 9);
  assert.equal(typeOf(Selector.otherTss), 11);
  assert.equal(u32[EIP >> 2], 0x6000);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => cpu.getRegister(index, 32)),
    [0xa0, 0xa1, 0xa2, 0xa3, 0xc000, 0xa5, 0xa6, 0xa7],
  );
  assert.equal(selectorOf(cpu, TR), Selector.otherTss);
  assert.equal(cpu.getEflags(), 2);
  assert.equal(u32[CR >> 2]! & 8, 8, 'CR0.TS');
});

test('CALL nests: link, NT, both busy; IRET returns and frees', () => {
  call(Selector.otherTss);
  assert.equal(peek(Place.otherTss), Selector.tss);
  assert.equal(cpu.getEflags(), 0x4002);
  assert.equal(typeOf(Selector.tss), 11);
  machine.execute(0xcf);
  assert.equal(u32[EIP >> 2], Place.code + 7);
  assert.equal(selectorOf(cpu, TR), Selector.tss);
  assert.equal(typeOf(Selector.otherTss), 9);
  assert.equal(typeOf(Selector.tss), 11);
  assert.equal(peek(Place.otherTss + 0x24) & 0x4000, 0, 'NT is saved clear');
  assert.equal(peek(Place.otherTss + 0x20), 0x6001);
});

test('a task gate leads to the TSS, a 16-bit TSS loads and saves words', () => {
  jump(Selector.taskGate);
  assert.equal(selectorOf(cpu, TR), Selector.otherTss);
  const words16 = [
    0x7000,
    2,
    0xb0,
    0xb1,
    0xb2,
    0xb3,
    0xc000,
    0xb5,
    0xb6,
    0xb7,
    Selector.data0,
    Selector.code0,
    Selector.data0,
    Selector.data0,
    0,
  ];
  for (const [i, word] of words16.entries()) cpu.writeLinear(Place.tss16 + 0x0e + i * 2, 16, word, true);
  jump(Selector.tss16);
  assert.equal(u32[EIP >> 2], 0x7000);
  assert.equal(cpu.getRegister(1, 32), 0xb1);
  assert.equal(selectorOf(cpu, SegmentIndex.FS), 0);
  jump(Selector.otherTss);
  assert.equal(cpu.readLinear(Place.tss16 + 0x0e, 16, true), 0x7007);
});

test('a task for virtual-8086 mode starts in ring 3', () => {
  writeTss({ eflags: 0x2_0002, cs: 0x1000, ss: 0x2000, eip: 0x10 });
  jump(Selector.otherTss);
  assert.equal(u32[CPL >> 2], 3);
  assert.equal(u32[(0x200 + CS * 0x28) >> 2], 0x1_0000);
  assert.equal(selectorOf(cpu, SS), 0x2000);
});

test('CR3 follows when paging is on', () => {
  poke(0x10_0000, 0x83);
  poke(0x10_1000, 0x83);
  u32[(CR + 24) >> 2] = 0x10_0000;
  u32[(CR + 32) >> 2] = 0x10;
  u32[CR >> 2]! |= 0x8000_0000;
  poke(Place.otherTss + 0x1c, 0x10_1000);
  jump(Selector.otherTss);
  assert.equal(u32[(CR + 24) >> 2], 0x10_1000);
});

test('local breakpoints are disabled, the T flag raises #DB with BT in the new task', () => {
  u32[(DR + 56) >> 2] = 0x4ff;
  writeTss({ trap: 1 });
  u32[(DR + 56) >> 2] = 0x400;
  jump(Selector.otherTss);
  assert.deepInclude(machine.delivered(), { vector: 1, eip: 0x6000 });
  assert.equal(u32[(DR + 48) >> 2]! & 0x8000, 0x8000);
});

test('an exception through a task gate pushes its error code on the new stack and saves RF', () => {
  poke(Place.idt + 13 * 8, ...gate(Selector.otherTss, 0, 0xe5));
  deliverException(cpu, 13, 0x50);
  assert.equal(esp(), 0xc000 - 4);
  assert.equal(peek(0xc000 - 4), 0x50);
  assert.equal(peek(Place.tss + 0x24), 0x1_0002);
  assert.equal(peek(Place.tss + 0x20), Place.code);
  assert.equal(peek(Place.otherTss), Selector.tss);
});

describe('faults before the switch belong to the old task', () => {
  const rows: [string, () => void, string][] = [
    ['TSS limit too small', () => poke(Place.gdt + 0x68, ...descriptor(Place.otherTss, 0x66, 0xe9)), '10(68)'],
    ['TSS not present', () => poke(Place.gdt + 0x68, ...descriptor(Place.otherTss, 0x67, 0x69)), '11(68)'],
    [
      'TSS of an inner ring is visible to CPL 0 only with a strong RPL',
      () => poke(Place.gdt + 0x68, ...descriptor(Place.otherTss, 0x67, 0x89)),
      'ok',
    ],
  ];
  for (const [name, prepare, expected] of rows)
    test(name, () => {
      prepare();
      jump(Selector.otherTss);
      if (expected === 'ok') {
        assert.equal(u32[EIP >> 2], 0x6000);
        return;
      }
      const { vector, errorCode, eip } = machine.delivered();
      assert.equal(`${vector}(${errorCode.toString(16)})`, expected);
      assert.equal(eip, Place.code);
      assert.equal(selectorOf(cpu, TR), Selector.tss);
    });
  test('IRET with NT and a link to a free TSS is #TS(link)', () => {
    cpu.setEflags(0x4002);
    poke(Place.tss, Selector.otherTss);
    machine.execute(0xcf);
    assert.deepInclude(machine.delivered(), { vector: 10, errorCode: Selector.otherTss, eip: Place.code });
  });
});

describe('faults after the switch belong to the new task (table 7-1)', () => {
  const rows: [string, Tss, string][] = [
    ['CS null', { cs: 0 }, '10(0)'],
    ['CS is data', { cs: Selector.data0 }, '10(10)'],
    ['CS with DPL other than RPL', { cs: Selector.code0 | 1 }, '10(8)'],
    ['CS not present', { cs: Selector.absentCode }, '11(98)'],
    ['SS of another ring', { ss: Selector.data3 & ~3 }, '10(20)'],
    ['SS beyond the table', { ss: Selector.beyond }, '10(100)'],
    ['ES not readable', { es: Selector.executeOnly }, '10(48)'],
    ['ES not present', { es: Selector.absentData }, '11(40)'],
    ['LDT is no LDT', { ldt: Selector.data0 }, '10(10)'],
    ['EIP beyond CS', { cs: Selector.smallCode, eip: 0x100 }, '13(0)'],
  ];
  for (const [name, tss, expected] of rows)
    test(name, () => {
      writeTss(tss);
      // Handlers are a third task, since the new one may have no usable stack: a 16-bit TSS.
      const words16 = [0x7000, 2, 0, 0, 0, 0, 0xd000, 0, 0, 0, Selector.data0, Selector.code0, Selector.data0, Selector.data0, 0];
      for (const [i, word] of words16.entries()) cpu.writeLinear(Place.tss16 + 0x0e + i * 2, 16, word, true);
      for (const vector of [10, 11, 12, 13]) poke(Place.idt + vector * 8, ...gate(Selector.tss16, 0, 0xe5));
      jump(Selector.otherTss);
      assert.equal(selectorOf(cpu, TR), Selector.tss16);
      assert.equal(cpu.readLinear(Place.tss16, 16, true), Selector.otherTss, 'nested in the new task');
      assert.equal(peek(Place.otherTss + 0x20), tss.eip ?? 0x6000, 'EIP of the new task');
      const [, code] = expected.split('(');
      assert.equal(cpu.readLinear(esp(), 16, true), Number.parseInt(code!, 16));
    });
});

test('the LDT and data segments of the new task are loaded', () => {
  writeTss({ ldt: Selector.ldt, es: 0x0c });
  poke(Place.ldt + 8, ...descriptor(0x7000, 0xff, 0x93, 4));
  jump(Selector.otherTss);
  assert.equal(selectorOf(cpu, LDTR), Selector.ldt);
  assert.equal(u32[(0x200 + SegmentIndex.ES * 0x28) >> 2], 0x7000);
  assert.equal(selectorOf(cpu, DS), Selector.data0);
  assert.equal(u32[EFLAGS_SYSTEM >> 2]! & 0x2_0000, 0);
});
