import { assert, test } from 'vitest';
import { BareMachine } from '../../engines/portable/support/bare-machine.js';
import { Rights } from '../architecture.js';
import { setSegment } from '../mmu/segmentation.js';
import { CR, EIP, FPU_ATTENTION, FPU_CONTROL, FPU_EMPTY, FPU_FERR, FPU_REGISTERS, FPU_STATUS, HALTED, SegmentIndex } from '../state.js';

/* What the comparison with the physical CPU (test/conformance/cpu) cannot see: pointers, formats of other modes, exceptions, precision of faults. */

const CODE = 0x1000;
const SOURCE = 0x8000;
const IMAGE = 0x8100;
const [ESI, EDI] = [6, 7];
const HLT = 0xf4;
const [UD, NM, MF, GP] = [6, 7, 16, 13];
const NE = 0x20;
const [MP, EM, TS] = [2, 4, 8];

const FNINIT = [0xdb, 0xe3];
const FLD1 = [0xd9, 0xe8];
const FLDZ = [0xd9, 0xee];
const FDIVP = [0xde, 0xf9];
const FLD_M32 = [0xd9, 0x06];
const FNSTENV_EDI = [0xd9, 0x37];

function flat(code: readonly number[], prepare: (machine: BareMachine) => void = () => {}): BareMachine {
  const machine = new BareMachine();
  machine.load(CODE, [...code, HLT]);
  machine.enterFlat(CODE);
  machine.memory.u32[CR >> 2]! |= NE;
  machine.setRegister(ESI, SOURCE);
  machine.setRegister(EDI, IMAGE);
  machine.memory.u32[FPU_EMPTY >> 2] = 0xff;
  prepare(machine);
  machine.cpu.modeChanged();
  machine.engine.run(1_000);
  return machine;
}
const word = (machine: BareMachine, offset: number): number => machine.memory.u32[offset >> 2]!;
const read16 = (machine: BareMachine, at: number): number => machine.read32(at) & 0xffff;
const cr0 = (bits: number) => (machine: BareMachine) => {
  machine.memory.u32[CR >> 2]! |= bits;
};

test('FNSTENV in the 32-bit protected format has the last instruction, its operand and opcode', () => {
  const machine = flat([...FNINIT, ...FLD_M32, ...FNSTENV_EDI]);
  assert.equal(machine.read32(IMAGE), 0xffff_037f);
  assert.equal(machine.read32(IMAGE + 12), CODE + 2, 'FIP');
  assert.equal(machine.read32(IMAGE + 16), (0x106 << 16) | 0x08, 'FOP and FCS');
  assert.equal(machine.read32(IMAGE + 20), SOURCE, 'FDP');
  assert.equal(read16(machine, IMAGE + 24), 0x10, 'FDS');
  assert.equal(word(machine, FPU_CONTROL) & 0x3f, 0x3f, 'exceptions masked afterwards');
});

test('FNSTENV in the 16-bit protected format has no opcode', () => {
  const machine = flat([...FNINIT, ...FLD_M32, 0x66, ...FNSTENV_EDI]);
  const words = [0, 2, 4, 6, 8, 10, 12].map((offset) => read16(machine, IMAGE + offset));
  assert.deepEqual(words, [0x037f, 0x3800, 0x7fff, CODE + 2, 0x08, SOURCE, 0x10]);
  assert.equal(machine.read8(IMAGE + 14), 0, '14 bytes');
});

test('FNSTENV in real mode stores linear addresses, in both sizes, and FLDENV reads them back', () => {
  const code = [...FNINIT, 0xd9, 0x04, 0xd9, 0x35, 0x66, 0xd9, 0x75, 0x20, 0x66, 0xd9, 0x65, 0x20, 0x66, 0xd9, 0x75, 0x40, HLT];
  const machine = new BareMachine();
  const data = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED;
  for (const index of [SegmentIndex.DS, SegmentIndex.ES, SegmentIndex.SS]) setSegment(machine.cpu, index, 0x2345, 0x23450, 0xffff, data);
  setSegment(machine.cpu, SegmentIndex.CS, 0x1234, 0x12340, 0xffff, data | Rights.CODE);
  machine.memory.u32[EIP >> 2] = 0x10;
  machine.cpu.modeChanged();
  machine.load(0x12350, code);
  machine.setRegister(ESI, 0x30);
  machine.setRegister(EDI, 0x100);
  machine.engine.run(1_000);
  const image = 0x23550;
  assert.equal(machine.firstFault, -1);
  // FLD at 1234:0012 = 12352h; operand at 2345:0030 = 23480h; FOP 104h.
  assert.deepEqual(
    [6, 8, 10, 12].map((offset) => read16(machine, image + offset)),
    [0x2352, 0x1104, 0x3480, 0x2000],
  );
  for (const at of [image + 0x20, image + 0x40]) {
    assert.equal(read16(machine, at + 12), 0x2352);
    assert.equal(machine.read32(at + 16), 0x1104);
    assert.equal(read16(machine, at + 20), 0x3480);
    assert.equal(machine.read32(at + 24), 0x2000);
  }
});

test('FNSAVE stores and initialises; FRSTOR brings everything back', () => {
  const machine = flat([...FNINIT, ...FLD1, ...FLDZ, 0xdd, 0x37, 0xdd, 0x27]); // fnsave [edi]; frstor [edi]
  assert.equal(machine.read32(IMAGE + 8) & 0xffff, 0x1fff, 'tags: R6 zero, R7 valid');
  assert.equal(word(machine, FPU_STATUS), 6 << 11);
  assert.equal(word(machine, FPU_EMPTY), 0x3f);
  assert.equal(word(machine, FPU_REGISTERS + 16 * 7 + 4), 0x8000_0000);
  const saved = flat([...FNINIT, ...FLD1, 0xdd, 0x37]);
  assert.equal(word(saved, FPU_EMPTY), 0xff);
  assert.equal(word(saved, FPU_CONTROL), 0x037f);
});

test('#NM: x87 for EM or TS, WAIT for MP and TS together', () => {
  assert.equal(flat([...FLD1], cr0(EM)).firstFault, NM);
  assert.equal(flat([...FLD1], cr0(TS)).firstFault, NM);
  assert.equal(flat([0xdf, 0xe0], cr0(TS)).firstFault, NM, 'FNSTSW too');
  assert.equal(flat([0xdd, 0x37], cr0(TS)).firstFault, NM, 'FNSAVE too');
  assert.equal(flat([0x9b], cr0(TS)).firstFault, -1);
  assert.equal(flat([0x9b], cr0(EM | MP)).firstFault, -1);
  assert.equal(flat([0x9b], cr0(TS | MP)).firstFault, NM);
});

test('MMX: #UD for EM, #NM for TS, #MF for a pending exception', () => {
  const paddb = [0x0f, 0xfc, 0xc1];
  assert.equal(flat(paddb, cr0(EM)).firstFault, UD);
  assert.equal(flat(paddb, cr0(TS)).firstFault, NM);
  assert.equal(flat([0xd9, 0x2f, ...FLD1, ...FLDZ, ...FDIVP, ...paddb], unmaskZero).firstFault, MF);
});

/** A control word with ZE unmasked at [EDI]. */
function unmaskZero(machine: BareMachine): void {
  machine.write32(IMAGE, 0x037b);
}
test('an unmasked exception waits for the next waiting instruction', () => {
  // fldcw [edi]; fld1; fldz; fdivp; fnstsw ax; fnstcw [edi]; fld1
  const machine = flat([0xd9, 0x2f, ...FLD1, ...FLDZ, ...FDIVP, 0xdf, 0xe0, 0xd9, 0x3f, ...FLD1], unmaskZero);
  assert.equal(machine.firstFault, MF);
  assert.equal(machine.firstEip, CODE + 12, 'the second FLD1');
  assert.equal(machine.register(0) & 0xffff, 0xb084, 'ZE, ES, B; operands and TOP untouched');
  assert.equal(word(machine, FPU_FERR) & 1, 1);
  const cleared = flat([0xd9, 0x2f, ...FLD1, ...FLDZ, ...FDIVP, 0xdb, 0xe2, ...FLD1], unmaskZero);
  assert.equal(cleared.firstFault, -1, 'FNCLEX takes it away');
  assert.equal(word(cleared, FPU_FERR) & 1, 0);
  assert.equal(word(cleared, FPU_ATTENTION), 0);
  assert.equal(flat([0xd9, 0x2f, ...FLD1, ...FLDZ, ...FDIVP, 0x9b], unmaskZero).firstFault, MF, 'WAIT');
});

test('without CR0.NE a pending exception is no #MF: the instruction waits for an interrupt with FERR# up, and runs with IGNNE# up', () => {
  const waiting = flat([0xd9, 0x2f, ...FLD1, ...FLDZ, ...FDIVP, ...FLD1], (machine) => {
    unmaskZero(machine);
    machine.memory.u32[CR >> 2]! &= ~NE;
  });
  assert.equal(word(waiting, HALTED), 1);
  assert.equal(waiting.eip, CODE + 8, 'the second FLD1');
  assert.equal(word(waiting, FPU_FERR), 1);
  waiting.memory.u32[HALTED >> 2] = 0;
  waiting.memory.u32[FPU_FERR >> 2] = 3;
  waiting.cpu.modeChanged();
  waiting.engine.run(100);
  assert.equal(waiting.eip, CODE + 11, 'ran to HLT');
  assert.equal(word(waiting, FPU_FERR), 3);
});

test('IGNNE# falls with FERR#', () => {
  const machine = flat([0xd9, 0x2f, ...FLD1, ...FLDZ, ...FDIVP, ...FLD1, 0xdb, 0xe2], (fresh) => {
    unmaskZero(fresh);
    fresh.memory.u32[CR >> 2]! &= ~NE;
  });
  machine.memory.u32[HALTED >> 2] = 0;
  machine.memory.u32[FPU_FERR >> 2] = 3;
  machine.cpu.modeChanged();
  machine.engine.run(100);
  assert.equal(machine.eip, CODE + 13, 'ran to HLT');
  assert.equal(word(machine, FPU_FERR), 0);
});

test('unmasking an exception whose flag is set makes it pending', () => {
  assert.equal(flat([...FNINIT, ...FLD1, ...FLDZ, ...FDIVP, 0xd9, 0x2f, ...FLD1], unmaskZero).firstFault, MF);
});

test('a store that faults pops nothing and leaves the pointers', () => {
  const machine = flat([...FNINIT, ...FLD1, 0xd9, 0x1f], (fresh) => {
    const data = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG;
    setSegment(fresh.cpu, SegmentIndex.DS, 0x10, 0, IMAGE + 2, data);
  });
  assert.equal(machine.firstFault, GP);
  assert.equal(word(machine, FPU_STATUS), 7 << 11);
  assert.equal(word(machine, FPU_EMPTY), 0x7f);
  assert.equal(machine.read32(IMAGE), 0);
});

test('FXSAVE stores without initialising, in registers of 16 bytes; FXRSTOR brings it back', () => {
  const machine = flat([...FNINIT, ...FLD_M32, ...FLD1, 0x0f, 0xae, 0x07, ...FNINIT, 0x0f, 0xae, 0x0f]);
  assert.equal(read16(machine, IMAGE), 0x037f);
  assert.equal(read16(machine, IMAGE + 2), 6 << 11);
  assert.equal(machine.read8(IMAGE + 4), 0xc0, 'abridged tags: R7 and R6 in use');
  assert.equal(read16(machine, IMAGE + 6), 0x1e8, 'FOP of FLD1');
  assert.equal(machine.read32(IMAGE + 8), CODE + 4, 'FIP');
  assert.equal(machine.read32(IMAGE + 16), SOURCE, 'FDP');
  assert.equal(machine.read32(IMAGE + 32 + 4), 0x8000_0000, 'ST(0)');
  assert.equal(read16(machine, IMAGE + 32 + 8), 0x3fff);
  assert.equal(word(machine, FPU_STATUS), 6 << 11);
  assert.equal(word(machine, FPU_EMPTY), 0x3f);
});

test('FXSAVE wants 16-byte alignment', () => {
  assert.equal(flat([0x0f, 0xae, 0x07], (machine) => machine.setRegister(EDI, IMAGE + 8)).firstFault, GP);
  assert.equal(flat([0x0f, 0xae, 0x07], cr0(TS)).firstFault, NM);
});
