import { assert, beforeAll, describe, test } from 'vitest';
import { BareMachine } from '../../engines/portable/support/bare-machine.js';
import { CR0, CR4, Vector } from '../architecture.js';
import type { CpuModel } from '../model.js';
import { CR, MXCSR, XMM } from '../state.js';

/* What the comparison with the physical CPU (test/conformance/cpu/native) cannot see: control registers, other models, FXSAVE. */

const CODE = 0x1000;
const MEMORY = 0x8000;
const ESI = 6;
const HLT = 0xf4;

const ADDPS = [0x0f, 0x58, 0xc1];
const ADDPD = [0x66, ...ADDPS];
const HADDPS = [0xf2, 0x0f, 0x7c, 0xc1];
const PABSB = [0x0f, 0x38, 0x1c, 0xc1];
const PAVGB_MMX = [0x0f, 0xe0, 0xc1];
const FISTTP = [0xdf, 0x0e];
const MOVAPS_LOAD = [0x0f, 0x28, 0x06];
const LDMXCSR = [0x0f, 0xae, 0x16];
const STMXCSR = [0x0f, 0xae, 0x1e];
const FXSAVE = [0x0f, 0xae, 0x06];
const FXRSTOR = [0x0f, 0xae, 0x0e];
const SFENCE = [0x0f, 0xae, 0xf8];

/** The first machine of a process makes the interpreter. */
beforeAll(() => void new BareMachine(), 60_000);

interface Situation {
  readonly model?: CpuModel;
  readonly cr0?: number;
  readonly cr4?: number;
  readonly mxcsr?: number;
  readonly esi?: number;
}
const OS_SUPPORT = CR4.OSFXSR | CR4.OSXMMEXCPT;
const SIGNALLING_NAN = 0x7f80_0001;

function run(
  code: readonly number[],
  { model, cr0 = 0, cr4 = OS_SUPPORT, mxcsr = 0x1f80, esi = MEMORY }: Situation = {},
  prepare: (machine: BareMachine) => void = () => {},
): BareMachine {
  const machine = new BareMachine('interpreter', model);
  const { u32 } = machine.memory;
  machine.load(CODE, [...code, HLT]);
  machine.enterFlat(CODE);
  u32[CR >> 2]! |= cr0;
  u32[(CR + 4 * 8) >> 2] = cr4;
  u32[MXCSR >> 2] = mxcsr;
  machine.setRegister(ESI, esi);
  prepare(machine);
  machine.cpu.modeChanged();
  machine.engine.run(100);
  return machine;
}
const faultOf = (...args: Parameters<typeof run>): number => run(...args).firstFault;

describe('whether SSE may execute', () => {
  test.each([
    ['with OSFXSR', {}, -1],
    ['without OSFXSR', { cr4: 0 }, Vector.UD],
    ['with EM', { cr0: CR0.EM }, Vector.UD],
    ['with TS', { cr0: CR0.TS }, Vector.NM],
    ['without OSFXSR and with TS', { cr0: CR0.TS, cr4: 0 }, Vector.UD],
  ] as const)('%s', (_name, situation, fault) => assert.equal(faultOf(ADDPS, situation), fault));

  test('fences execute whatever the control registers say', () => assert.equal(faultOf(SFENCE, { cr0: CR0.EM | CR0.TS, cr4: 0 }), -1));

  test.each([
    ['pentium2', ADDPS, Vector.UD],
    ['pentium2', PAVGB_MMX, Vector.UD],
    ['pentium2', SFENCE, Vector.UD],
    ['pentium3', ADDPS, -1],
    ['pentium3', PAVGB_MMX, -1],
    ['pentium3', ADDPD, Vector.UD],
    ['pentium4', ADDPD, -1],
    ['pentium4', HADDPS, Vector.UD],
    ['pentium4', FISTTP, Vector.UD],
    ['pentium4', PABSB, Vector.UD],
    ['core2', HADDPS, -1],
    ['core2', PABSB, -1],
  ] as const)('a %s: % x', (model, code, fault) => assert.equal(faultOf(code, { model }), fault));
});

describe('an unmasked exception', () => {
  const withNan = (machine: BareMachine): void => {
    machine.memory.u32[XMM >> 2] = SIGNALLING_NAN;
  };
  test('is #XM, with the flag set and the register as it was', () => {
    const machine = run(ADDPS, { mxcsr: 0x1f00 }, withNan);
    assert.equal(machine.firstFault, Vector.XM);
    assert.equal(machine.firstErrorCode, -1);
    assert.equal(machine.firstEip, CODE);
    assert.equal(machine.memory.u32[MXCSR >> 2], 0x1f01);
    assert.equal(machine.memory.u32[XMM >> 2], SIGNALLING_NAN);
  });
  test('is #UD where the system has not said that it knows #XM', () =>
    assert.equal(faultOf(ADDPS, { mxcsr: 0x1f00, cr4: CR4.OSFXSR }, withNan), Vector.UD));
});

test('aligned forms want 16-byte alignment', () => {
  const machine = run(MOVAPS_LOAD, { esi: MEMORY + 8 });
  assert.deepEqual([machine.firstFault, machine.firstErrorCode], [Vector.GP, 0]);
});

describe('MXCSR', () => {
  const holding = (value: number) => (machine: BareMachine) => machine.write32(MEMORY, value);
  test('is loaded and stored', () => {
    const machine = run([...LDMXCSR, ...STMXCSR], {}, holding(0xffff));
    assert.equal(machine.read32(MEMORY), 0xffff);
    assert.equal(machine.memory.u32[MXCSR >> 2], 0xffff);
  });
  test('refuses bits that it does not have', () => {
    assert.equal(faultOf(LDMXCSR, {}, holding(0x1_0000)), Vector.GP);
    assert.equal(faultOf(LDMXCSR, { model: 'pentium3' }, holding(0x1fc0)), Vector.GP);
  });
});

describe('FXSAVE', () => {
  const filled = (machine: BareMachine): void => {
    for (let i = 0; i < 32; i++) machine.memory.u32[(XMM >> 2) + i] = 0x0101_0101 * i;
  };
  test('has MXCSR, its mask and the XMM registers', () => {
    const machine = run(FXSAVE, { mxcsr: 0x9fc0 }, filled);
    assert.deepEqual([machine.read32(MEMORY + 24), machine.read32(MEMORY + 28)], [0x9fc0, 0xffff]);
    for (let i = 0; i < 32; i++) assert.equal(machine.read32(MEMORY + 160 + 4 * i), 0x0101_0101 * i);
    assert.equal(machine.read32(MEMORY + 288), 0);
  });
  test('leaves their places alone without OSFXSR, and on a processor without SSE', () => {
    for (const situation of [{ cr4: 0 }, { model: 'pentium2' }] as const) {
      const machine = run(FXSAVE, { ...situation, mxcsr: 0x1f80 }, filled);
      assert.deepEqual([machine.read32(MEMORY + 24), machine.read32(MEMORY + 28), machine.read32(MEMORY + 164)], [0, 0, 0]);
    }
  });
  test('brings them back with FXRSTOR, which refuses what MXCSR does not have', () => {
    const machine = run(FXRSTOR, {}, (before) => {
      before.write32(MEMORY + 24, 0x1fbf);
      before.write32(MEMORY + 160 + 16 * 7, 0x1234_5678);
    });
    assert.equal(machine.memory.u32[MXCSR >> 2], 0x1fbf);
    assert.equal(machine.memory.u32[(XMM + 16 * 7) >> 2], 0x1234_5678);
    assert.equal(
      faultOf(FXRSTOR, {}, (before) => before.write32(MEMORY + 24, 0x8000_0000)),
      Vector.GP,
    );
  });
});
