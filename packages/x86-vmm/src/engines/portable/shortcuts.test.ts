import { assert, describe, test } from 'vitest';
import { EFLAGS, Rights } from '../../cpu/architecture.js';
import { decode } from '../../cpu/decoder/decode.js';
import { deliverInterrupt } from '../../cpu/events/exceptions.js';
import type { Kernels } from '../../cpu/mmu/kernels.js';
import { setNull, setSegment } from '../../cpu/mmu/segmentation.js';
import {
  CPL,
  CPU_STATE_END,
  CR,
  DR,
  EFLAGS_SYSTEM,
  EIP,
  FAULT,
  FAULT_ERROR,
  FPU_STATUS,
  GDTR_LIMIT,
  GPR,
  IDTR_LIMIT,
  INTERRUPT_SHADOW,
  MODE_KEY,
  MSR_SYSENTER_CS,
  MSR_SYSENTER_EIP,
  MSR_SYSENTER_ESP,
  RAM,
  SegmentIndex,
} from '../../cpu/state.js';
import { descriptor, flatMachine, gate, Place } from '../../cpu/support/flat-machine.js';
import { SeededRandom } from '../../verification/seeded-random.js';
import { eventDeliveryOf } from './event-delivery.js';

/*
 * Shortcuts against the TypeScript bodies: random situations, most of them nearly in order, are brought about twice. Once the body alone acts, once
 * the shortcut and, if it has not done it, then the body. State, memory, accessed and dirty bits, port accesses must be equal, and a shortcut that
 * declines must leave the state as it was.
 */

const machine = flatMachine();
const { cpu, kernels, memory, poke, portLog } = machine;
const { u32 } = cpu;
const events = eventDeliveryOf(cpu);

/** Everything that a situation is made of lies below; page tables included. */
const USED = 0x4_0000;
const DIRECTORY = 0x3_0000;
const TABLE = 0x3_1000;
const PAGES = [Place.gdt, Place.idt, Place.tss, 0x8000, 0x9000, 0xa000, 0xb000] as const;
const DESCRIPTORS = 32;
/** Vectors that the tests use. */
const VECTORS = 48;

type Random = SeededRandom;
const often = <T>(random: Random, usual: T, rare: readonly T[], oneIn = 12): T => (random.oneIn(oneIn) ? random.pick(rare) : usual);

/** Access bytes of code and data by what a selector is for; each is mostly right. */
const CODE = [0x9b, 0xbb, 0xdb, 0xfb, 0x9f, 0xff, 0x9a, 0xfa, 0x99, 0x1b, 0x93, 0x89];
const DATA = [0x93, 0xb3, 0xd3, 0xf3, 0x92, 0xf2, 0x97, 0xf7, 0x91, 0x13, 0x9b, 0x82];
const GATES = [0x8e, 0x8f, 0xee, 0xef, 0x86, 0xe7, 0x85, 0x0e, 0x8c, 0x9e, 0x80];
const SIZES = [0xc, 0xc, 0xc, 0x4, 0x8, 0x0];

/** Selectors 8, 10h, 18h, 20h: code and data of ring 0, of ring 3; the others are anything. */
function fillTables(random: Random): void {
  for (let i = 1; i < DESCRIPTORS; i++) {
    const isCode = i <= 4 ? i % 2 === 1 : random.oneIn(2);
    const usual = i > 4 ? random.pick(isCode ? CODE : DATA) : (isCode ? 0x9b : 0x93) | (i > 2 ? 0x60 : 0);
    const access = often(random, usual, isCode ? CODE : DATA, 30);
    const flags = often(random, 0xc, SIZES);
    const limit = often(random, flags & 8 ? 0xf_ffff : 0x3_ffff, [0xffff, 0x9fff, 0xff, 0x8], 16);
    poke(Place.gdt + i * 8, ...descriptor(often(random, 0, [0x10, 0x1000, 0xffff_f000], 16), limit, access, flags));
  }
  for (let vector = 0; vector < VECTORS; vector++) {
    const selector = often(random, 0x08, [0x1b, 0x18, 0x0b, 0, 0x10, 0x28, 0x30, 0x4c, 0xf8, 0x100, 0x38, 0x40, 0x48], 4);
    const offset = often(random, Place.handlers + vector * 16, [0xffff_ffff, 0xffff, 0x100, 0x9fff], 10);
    poke(Place.idt + vector * 8, ...gate(selector, offset, often(random, random.pick([0x8e, 0x8f, 0xee, 0xef]), GATES, 10)));
  }
  for (let ring = 0; ring < 3; ring++)
    poke(
      Place.tss + 4 + ring * 8,
      stackPointer(random),
      often(random, [0x10, 0x31, 0x3a][ring]!, [0, 0x13, 0x20, 0x08, 0x14, 0x28, 0x100], 10),
    );
}

function stackPointer(random: Random): number {
  const page = random.pick([0x9000, 0xa000, 0xb000]);
  const usual = page - 4 * random.below(10);
  return often(
    random,
    usual >>> 0,
    [page + random.below(64), page - 2, 0, 4, 16, 0xffff_fffe, 0x1_0000, 0x1_0008, 0x80_0000, 0xf000_0000],
    8,
  );
}

function enterPaging(random: Random): void {
  for (let page = 0; page < USED >> 12; page++) poke(TABLE + page * 4, (page << 12) | often(random, 0x67, [0x07, 0x27], 6));
  for (const place of PAGES) {
    if (!random.oneIn(8)) continue;
    poke(TABLE + (place >> 12) * 4, (place & ~0xfff) | random.pick([0x66, 0x65, 0x63, 0x61, 0x03, 0x05, 0x01, 0x07, 0x27]));
  }
  poke(DIRECTORY, TABLE | often(random, 0x67, [0x07, 0x65, 0x63]));
  u32[(CR + 24) >> 2] = DIRECTORY;
  u32[CR >> 2] = (0x8000_0031 | (random.oneIn(2) ? 0x1_0000 : 0)) >>> 0;
}

function setDataSegments(random: Random, cpl: number): void {
  const flat = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG | Rights.GRANULARITY;
  for (const index of [SegmentIndex.ES, SegmentIndex.DS, SegmentIndex.FS, SegmentIndex.GS]) {
    if (random.oneIn(6)) setNull(cpu, index, random.below(4));
    else {
      const dpl = random.oneIn(3) ? cpl : 3;
      const kind = often(random, flat, [flat | Rights.CODE, flat | Rights.CODE | Rights.CONFORMING, flat | Rights.EXPAND_DOWN], 6);
      setSegment(cpu, index, 0x20 | dpl, often(random, 0, [0x100]), often(random, 0xffff_ffff, [0xffff]), kind | (dpl << 5));
    }
  }
}

function setCurrentSegments(random: Random, cpl: number): void {
  const flat = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG | Rights.GRANULARITY | (cpl << 5);
  setSegment(cpu, SegmentIndex.CS, (cpl === 3 ? 0x18 : 0x08) | cpl, often(random, 0, [0x10]), 0xffff_ffff, flat | Rights.CODE);
  const rights = often(random, flat, [flat & ~Rights.BIG, flat | Rights.EXPAND_DOWN]);
  const limit = often(random, 0xffff_ffff, [0xffff, 0x9fff, 0x8fff]);
  setSegment(cpu, SegmentIndex.SS, (cpl === 3 ? 0x20 : 0x10) | cpl, often(random, 0, [0x10, 0x1000], 16), limit, rights);
}

function flagsOf(random: Random): number {
  let flags = random.u32() & (0x8d5 | EFLAGS.IF | EFLAGS.DF | EFLAGS.IOPL | EFLAGS.AC | EFLAGS.ID | EFLAGS.VIF | EFLAGS.VIP);
  if (random.oneIn(20)) flags |= random.pick([EFLAGS.NT, EFLAGS.TF, EFLAGS.RF, EFLAGS.VM]);
  return flags;
}

/** What an IRET finds, at ESP of the stack that is on. */
function pushReturn(random: Random, cpl: number): void {
  const esp = cpu.getRegister(4, 32);
  const base = u32[(0x200 + SegmentIndex.SS * 0x28) >> 2]!;
  const at = (base + esp) >>> 0;
  if (at + 20 > USED || at % 4 !== 0) return;
  const outward = random.oneIn(2);
  const ring = outward ? 3 : cpl;
  const selector = often(random, ring === 3 ? 0x1b : 0x08 | cpl, [0, 0x08, 0x18, 0x10, 0x2b, 0x33, 0x3b, 0x4c, 0x100], 8);
  const stack = often(random, ring === 3 ? 0x23 : 0x10 | cpl, [0, 0x20, 0x10, 0x1b, 0x43, 0x4b, 0x27, 0x103], 8);
  const offset = often(random, 0x4000 + random.below(64), [0xffff_ffff, 0x1_0000, 0x9fff, 0x100]);
  poke(at, offset, selector | (random.oneIn(4) ? 0xdead_0000 : 0), flagsOf(random) | 2, stackPointer(random), stack);
}

/** Brings about the situation of a seed, without a translation entered but those that the seed touches. */
function setUp(seed: number): Random {
  const random = new SeededRandom(seed);
  machine.protectedMode(0);
  const cpl = often(random, random.pick([0, 3]), [1, 2]);
  fillTables(random);
  setDataSegments(random, cpl);
  if (random.oneIn(2)) enterPaging(random);
  if (random.oneIn(6)) u32[CR >> 2] = (u32[CR >> 2]! | 0x4_0000) >>> 0;
  if (random.oneIn(6)) u32[CR >> 2] = (u32[CR >> 2]! & ~0x20) >>> 0;
  if (random.oneIn(8)) u32[CR >> 2] = (u32[CR >> 2]! | random.pick([4, 8])) >>> 0;
  if (random.oneIn(2)) u32[(CR + 32) >> 2] = random.pick([0x200, 4]);
  setCurrentSegments(random, cpl);
  cpu.setRegister(4, 32, stackPointer(random));
  setSegment(cpu, SegmentIndex.TR, 0x28, Place.tss, often(random, 0x67, [0x1f, 9, 8, 3]), often(random, 0x8b, [0x83]));
  if (random.oneIn(16)) u32[IDTR_LIMIT >> 2] = random.pick([0x17f, 0x6f, 0x77, 7]);
  if (random.oneIn(16)) u32[GDTR_LIMIT >> 2] = random.pick([0x1f, 0x27, 7, 0x17]);
  u32[MSR_SYSENTER_CS >> 2] = often(random, 0x08, [0, 0xffff]);
  u32[MSR_SYSENTER_ESP >> 2] = stackPointer(random);
  u32[MSR_SYSENTER_EIP >> 2] = random.u32();
  u32[(GPR >> 2) + 2] = random.u32();
  u32[(GPR >> 2) + 4] = random.u32();
  u32[GPR >> 2] = often(random, u32[CR >> 2]! ^ 8, [random.u32(), u32[CR >> 2]!], 3);
  u32[FPU_STATUS >> 2] = often(random, 0, [0x80]);
  if (random.oneIn(30)) u32[(DR + 56) >> 2] = 0x401;
  if (random.oneIn(30)) u32[INTERRUPT_SHADOW >> 2] = random.pick([1, 2]);
  u32[CPL >> 2] = cpl;
  cpu.setEflags(flagsOf(random));
  if (u32[EFLAGS_SYSTEM >> 2]! & EFLAGS.VM) u32[CPL >> 2] = 3;
  pushReturn(random, cpl);
  cpu.modeChanged();
  cpu.flushTranslations(true);
  // Some pages are known already, for reading or for writing.
  for (const place of PAGES) {
    if (random.oneIn(2)) kernels.probeReadSystem(place, 1);
    if (random.oneIn(3)) kernels.probeWriteSystem(place, 1);
    if (random.oneIn(3)) kernels.probeWrite(place, 1);
  }
  u32[FAULT >> 2] = 0;
  return random;
}

interface Action {
  /** Whether the shortcut has done it. */
  short(): boolean;
  body(): void;
}

const shortcutOf = (name: string) => kernels[name as keyof Kernels] as unknown as (argument: number) => number;

function instruction(...bytes: number[]): Action {
  const decoded = decode((i) => bytes[i] ?? 0x90, u32[MODE_KEY >> 2]!, u32[EIP >> 2]!);
  const shortcut = decoded.instruction.shortcut!;
  return {
    short() {
      u32[EIP >> 2] = decoded.nextEip;
      return shortcutOf(shortcut.kernel)(shortcut.argument?.(decoded) ?? 0) !== 0;
    },
    body: () => cpu.executeSlow(decoded),
  };
}

/** MOV's ModR/M byte with a register or, seldom, (EBX); the segment register is mostly a data segment's, the register EAX to EBX. */
function modRm(random: Random): number {
  const index = often(random, random.pick([0, 3, 4, 5]), [1, 2, 6, 7]);
  return often(random, 0xc0, [0x00]) | (index << 3) | random.below(4);
}
/** PUSH ES, DS, FS, GS, SS, and with 16 bits; POP's opcodes follow. */
const STACKED = [[0x06], [0x1e], [0x0f, 0xa0], [0x0f, 0xa8], [0x1e], [0x06], [0x16], [0x66, 0x1e]] as const;
function dataSelector(random: Random): number {
  return often(random, random.pick([0x10, 0x20, 0x23, 0, 3]), [0x08, 0x1b, 0x28, 0x33, 0x3a, 0x4c, 0x48, 0x50, 0x58, 0x60, 0x100, 0x27], 5);
}

const ACTIONS: Readonly<Record<string, (random: Random) => Action>> = {
  'INT n': (random) => instruction(0xcd, random.below(VECTORS)),
  INT3: () => instruction(0xcc),
  IRETD: () => instruction(0xcf),
  interrupt: (random) => {
    const vector = 32 + random.below(16);
    return { short: () => kernels.externalShortcut(vector) !== 0, body: () => deliverInterrupt(cpu, vector) };
  },
  exception: (random) => {
    const vector = random.pick([0, 1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 14, 14, 16, 17, 19]);
    const hasErrorCode = vector === 8 || (vector >= 10 && vector <= 14) || vector === 17;
    u32[FAULT >> 2] = vector + 1;
    u32[FAULT_ERROR >> 2] = hasErrorCode ? random.below(0x1_0000) : 0xffff_ffff;
    u32[(CR + 16) >> 2] = random.u32();
    return {
      short: () => kernels.exceptionShortcut() !== 0,
      body: () => {
        const errorCode = cpu.i32[FAULT_ERROR >> 2]!;
        u32[FAULT >> 2] = 0;
        events.deliverException(vector, errorCode);
      },
    };
  },
  SYSENTER: () => instruction(0x0f, 0x34),
  SYSEXIT: () => instruction(0x0f, 0x35),
  IN: (random) => instruction(...random.pick([[0xe4, 0x60], [0xe5, 0x60], [0xec], [0xed], [0x66, 0xed]])),
  OUT: (random) => instruction(...random.pick([[0xe6, 0x60], [0xe7, 0x60], [0xee], [0xef], [0x66, 0xef]])),
  RDTSC: () => instruction(0x0f, 0x31),
  CLTS: () => instruction(0x0f, 0x06),
  'MOV from CR': (random) => instruction(0x0f, 0x20, 0xc0 | (random.below(6) << 3) | random.below(4)),
  'MOV from Sreg': (random) => instruction(...random.pick([[], [], [], [0x66]]), 0x8c, modRm(random)),
  'MOV to Sreg': (random) => {
    u32[GPR >> 2] = dataSelector(random);
    return instruction(0x8e, modRm(random) & 0xf8);
  },
  'PUSH Sreg': (random) => instruction(...random.pick(STACKED)),
  'POP Sreg': (random) => {
    const at = (cpu.getRegister(4, 32) + u32[(0x200 + SegmentIndex.SS * 0x28) >> 2]!) >>> 0;
    if (at + 4 <= USED && at % 4 === 0) poke(at, dataSelector(random) | (random.oneIn(4) ? 0xdead_0000 : 0));
    return instruction(...random.pick(STACKED).map((byte, i, { length }) => byte + Number(i === length - 1)));
  },
  'MOV to CR': (random) => instruction(0x0f, 0x22, 0xc0 | (random.pick([0, 0, 0, 0, 2, 3, 4, 1]) << 3) | Number(random.oneIn(4))),
};

const state = Buffer.from(memory.memory.buffer, 0, CPU_STATE_END);
const used = Buffer.from(memory.memory.buffer, RAM, USED);
const unmapped = Buffer.from(memory.memory.buffer, RAM + USED, 4 * 0x10_0000 - USED);
const EMPTY = Buffer.alloc(unmapped.length);

interface Outcome {
  readonly state: Buffer;
  readonly used: Buffer;
  readonly ports: string;
  readonly tripleFault: boolean;
}
const outcome = (): Outcome => ({
  state: Buffer.from(state),
  used: Buffer.from(used),
  ports: portLog.join(),
  tripleFault: cpu.tripleFault,
});

/** The first words that differ, for a person. */
function differences(a: Outcome, b: Outcome): string[] {
  const found: string[] = [];
  for (const part of ['state', 'used'] as const) {
    if (a[part].equals(b[part])) continue;
    for (let at = 0; at < a[part].length && found.length < 8; at += 4)
      if (a[part].readUInt32LE(at) !== b[part].readUInt32LE(at))
        found.push(
          `${part} ${at.toString(16)}: ${a[part].readUInt32LE(at).toString(16)}, ${b[part].readUInt32LE(at).toString(16)} expected`,
        );
  }
  if (a.ports !== b.ports) found.push(`ports ${a.ports}, ${b.ports} expected`);
  if (a.tripleFault !== b.tripleFault) found.push('triple fault');
  return found;
}

/** Situations an action; MILLWRIGHT_FUZZ_CASES and MILLWRIGHT_FUZZ_SEED as in verification/compare-tiers.test.ts. */
const CASES = Number(process.env['MILLWRIGHT_FUZZ_CASES'] ?? 500);
const FIRST = Number(process.env['MILLWRIGHT_FUZZ_SEED'] ?? 0);
const MS_A_CASE = 50;

describe('shortcuts do what the TypeScript bodies do', () => {
  for (const [name, act] of Object.entries(ACTIONS)) {
    test(name, { timeout: 20_000 + CASES * MS_A_CASE }, () => {
      let done = 0;
      for (let seed = FIRST; seed < FIRST + CASES; seed++) {
        act(setUp(seed)).body();
        const expected = outcome();

        const action = act(setUp(seed));
        const before = Buffer.from(state);
        const eip = u32[EIP >> 2]!;
        const isDone = action.short();
        if (isDone) done++;
        else {
          u32[EIP >> 2] = eip;
          assert.isTrue(before.equals(state), `seed ${seed}: declined with the state changed`);
          action.body();
        }
        assert.deepEqual(differences(outcome(), expected), [], `seed ${seed}, ${isDone ? 'done' : 'declined'}`);
        if (seed % 64 === 0) assert.isTrue(unmapped.equals(EMPTY), 'memory elsewhere');
      }
      assert.isAbove(done, CASES / 10, 'most situations are nearly in order');
      assert.isBelow(done, CASES, 'not all of them are');
    });
  }
});
