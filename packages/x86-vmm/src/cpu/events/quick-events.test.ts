import { assert, test } from 'vitest';
import { SeededRandom } from '../../verification/seeded-random.js';
import { QuickEvent } from '../interpreter/record.js';
import { loadSegment } from '../mmu/segmentation.js';
import { CPU_STATE_END, EIP, IDTR_LIMIT, INTERRUPT_PENDING, RAM, SCRATCH, SegmentIndex } from '../state.js';
import { descriptor, type FlatMachine, flatMachine, gate, Place, Selector } from '../support/flat-machine.js';
import { deliverException, deliverInterrupt } from './exceptions.js';

/*
 * Events by the kernels of assembly/events.ts and by the TypeScript that has their whole meaning, side by side on two machines in the same
 * random situation: the processor's state and all memory must be the same afterwards.
 */

const CASES = process.env['MILLWRIGHT_NIGHTLY'] === '1' ? 30_000 : 2500;
const VECTOR = 0x30;
const EVENTS = ['INT', 'IRETD', 'interrupt', 'exception'] as const;
type Event = (typeof EVENTS)[number];

const kernels = flatMachine();
const typescript = flatMachine();
typescript.cpu.enterGate = () => false;
let quick = 0;
const enterGate = kernels.cpu.enterGate.bind(kernels.cpu);
kernels.cpu.enterGate = (...event) => {
  const isDone = enterGate(...event);
  if (isDone) quick++;
  return isDone;
};

const CODE = [Selector.code0, Selector.code3, Selector.conforming, Selector.smallCode, Selector.code16, Selector.absentCode, 0, 1];
const DATA = [Selector.data0, Selector.data3, Selector.stack16, Selector.expandDown, Selector.readOnly, Selector.beyond, 0, 3];
const GATES = [0x8e, 0x8f, 0xee, 0xef, 0x86, 0x87, 0x0e, 0x85, 0x9e];
/** CF, PF, AF, ZF, SF, TF, IF, DF, OF, IOPL, NT, RF, VM, AC, ID. */
const FLAGS = [1, 4, 0x10, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x1_0000, 0x2_0000, 0x4_0000, 0x20_0000];
const STACKS = [Place.stack0, Place.stack3, Place.stack3 - 8, Place.stack3 + 12, 0x8ff0, 8, 0, 0xffff_fff8];

function flagsOf(random: SeededRandom, rare: number): number {
  const isRare = (bit: number): boolean => (bit & 0x7_4100) !== 0;
  return FLAGS.reduce((flags, bit) => (random.oneIn(isRare(bit) ? rare : 2) ? flags | bit : flags), 2);
}
/** Mostly the first, sometimes any. */
const mostly = <T>(random: SeededRandom, usual: T, others: readonly T[]): T => (random.oneIn(5) ? random.pick(others) : usual);

/** The same situation for the same seed. */
function arrange(machine: FlatMachine, seed: number): Event {
  const random = new SeededRandom(seed);
  const { cpu, poke } = machine;
  const cpl = random.pick([0, 3] as const);
  machine.protectedMode(cpl);
  for (const index of [SegmentIndex.DS, SegmentIndex.ES, SegmentIndex.FS, SegmentIndex.GS])
    if (random.oneIn(3)) loadSegment(cpu, index, random.pick([0, Selector.data3]));
  for (const selector of [Selector.code0, Selector.data0, Selector.code3, Selector.data3]) {
    if (!random.oneIn(6)) continue;
    const isCode = selector === Selector.code0 || selector === Selector.code3;
    const access = (isCode ? 0x9b : 0x93) ^ random.pick([0, 1, 2, 4, 0x60, 0x80]) ^ (selector & 3 ? 0x60 : 0);
    const [base, limit, flags] = [random.pick([0, 0, 0x10]), random.pick([0xf_ffff, 0xf_ffff, 0xffff]), random.pick([0xc, 0xc, 0x8, 0x4])];
    poke(Place.gdt + (selector & ~7), ...descriptor(base, limit, access, flags));
  }
  const handler = mostly(random, Selector.code0, CODE);
  poke(Place.idt + VECTOR * 8, ...gate(handler, random.u32(), mostly(random, random.pick([0x8e, 0x8f, 0xee, 0xef]), GATES)));
  poke(Place.tss + 4, mostly(random, Place.stack0, STACKS), mostly(random, Selector.data0, DATA) as number);
  if (random.oneIn(20)) machine.memory.u32[IDTR_LIMIT >> 2] = 0x17f;
  const stack = mostly(random, cpl === 0 ? Place.stack0 : Place.stack3, STACKS);
  cpu.setRegister(4, 32, stack);
  const outer = random.oneIn(2) ? 3 : cpl;
  const frame = [
    random.u32(),
    mostly(random, outer === 3 ? Selector.code3 : Selector.code0, CODE),
    flagsOf(random, 24),
    mostly(random, Place.stack3, STACKS),
    mostly(random, Selector.data3, DATA),
  ];
  if (stack < 0x10_0000) poke(stack, ...frame);
  cpu.setEflags(flagsOf(random, 40) & ~0x2_0000);
  cpu.modeChanged();
  // What has been used before is in the translation tables.
  for (const at of [Place.gdt, Place.idt, Place.tss, Place.stack0, Place.stack0 - 4, Place.stack3, Place.stack3 - 4]) {
    if (random.oneIn(16)) continue;
    machine.kernels.read32(at);
    machine.kernels.probeWrite(at, 4);
    machine.kernels.readSystem32(at);
    machine.kernels.probeWriteSystem(at, 4);
  }
  return random.pick(EVENTS);
}

function happen(machine: FlatMachine, event: Event, isQuick: boolean): void {
  const { cpu } = machine;
  const { u32 } = cpu;
  if (event === 'interrupt') return deliverInterrupt(cpu, VECTOR);
  if (event === 'exception') return deliverException(cpu, 13, 0x18);
  const bytes = event === 'INT' ? [0xcd, VECTOR] : [0xcf];
  if (isQuick) {
    u32[EIP >> 2]! += bytes.length;
    if (machine.kernels.quickEvent(event === 'INT' ? QuickEvent.interrupt + VECTOR : QuickEvent.interruptReturn)) {
      quick++;
      return;
    }
    u32[EIP >> 2]! -= bytes.length;
  }
  machine.execute(...bytes);
}

/** Words of the processor's state and of RAM, without what engines keep there between two instructions. */
function imageOf({ memory }: FlatMachine): Uint8Array[] {
  const state = memory.u8.slice(0, CPU_STATE_END);
  state.fill(0, INTERRUPT_PENDING, INTERRUPT_PENDING + 4);
  state.fill(0, SCRATCH, SCRATCH + 64);
  return [state, memory.u8.slice(RAM, RAM + 0xc000)];
}

test('the kernels do what TypeScript does', () => {
  const quickOf: Partial<Record<Event, number>> = {};
  for (let seed = 0; seed < CASES; seed++) {
    const event = arrange(kernels, seed);
    arrange(typescript, seed);
    const before = quick;
    happen(kernels, event, true);
    happen(typescript, event, false);
    if (quick > before) quickOf[event] = (quickOf[event] ?? 0) + 1;
    const [ours, theirs] = [imageOf(kernels), imageOf(typescript)];
    if (ours.some((bytes, i) => Buffer.compare(bytes, theirs[i]!) !== 0)) {
      const [at, part] = [0, 1].map((i) => [ours[i]!.findIndex((byte, k) => byte !== theirs[i]![k]), i]).find(([k]) => k! >= 0)!;
      assert.fail(`${event}, seed ${seed}: ${part === 0 ? 'state' : 'memory'} differs at ${at!.toString(16)}`);
    }
    assert.equal(kernels.cpu.tripleFault, typescript.cpu.tripleFault, `${event}, seed ${seed}`);
  }
  for (const event of EVENTS) assert.isAbove(quickOf[event] ?? 0, CASES / 80, event);
}, 600_000);
