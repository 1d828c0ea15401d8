import { littleOf, pushLittle, randomInstruction, randomValue } from './random-instruction.js';
import type { SeededRandom } from './seeded-random.js';

/*
 * Random programs of 32-bit flat code in the first 256 KiB, made to end nowhere: whatever a program does wrong is delivered to a handler
 * that sets ESP right and goes on at the next entry of a table, so that a run of any length is full of code.
 */

/** Physical addresses; linear ones too, but for remapped pages of code. */
export const Place = {
  idt: 0x1000,
  gdt: 0x1800,
  /** Addresses at which the handler goes on, and the count of what it has handled. */
  resume: 0x1900,
  handled: 0x1a00,
  handler: 0x1b00,
  pageDirectory: 0x2000,
  pageTable: 0x3000,
  code: 0x1_0000,
  data: 0x2_0000,
  stack: 0x3_0000,
} as const;
export const CODE_PAGES = 6;
const PAGE = 0x1000;
const DATA_BYTES = 0x2000;
const STACK_TOP = Place.stack + 0xf00;
const RESUME_ENTRIES = 16;
const Selector = { code: 0x08 } as const;
const VECTORS = 256;

/** Shapes that programs have; each aims at something else. */
export type ProgramKind = 'bytes' | 'straight' | 'graph' | 'self-modifying' | 'paging';
export const PROGRAM_KINDS: readonly ProgramKind[] = ['bytes', 'straight', 'graph', 'self-modifying', 'paging'];

export interface RandomProgram {
  readonly kind: ProgramKind;
  /** Written to physical memory, which is zero elsewhere. */
  readonly pieces: readonly { readonly address: number; readonly bytes: readonly number[] }[];
  readonly entry: number;
  /** EAX..EDI by number. */
  readonly registers: readonly number[];
  readonly eflags: number;
  readonly paging: boolean;
  readonly gdt: { readonly base: number; readonly limit: number };
  readonly idt: { readonly base: number; readonly limit: number };
}

export function randomProgram(random: SeededRandom, kind: ProgramKind = random.pick(PROGRAM_KINDS)): RandomProgram {
  const code = kind === 'bytes' ? randomBytes(random) : new ProgramWriter(random, kind).write();
  const { pieces, entries } = code;
  const resume = Array.from({ length: RESUME_ENTRIES }, () => random.pick(entries));
  const words = (count: number, word: () => number): number[] => {
    const bytes: number[] = [];
    for (let i = 0; i < count; i++) pushLittle(bytes, word(), 4);
    return bytes;
  };
  const dataPointer = (): number => Place.data + 0x100 + random.below(DATA_BYTES - 0x200);
  return {
    kind,
    pieces: [
      { address: Place.idt, bytes: INTERRUPT_TABLE },
      { address: Place.gdt, bytes: descriptorTable() },
      { address: Place.resume, bytes: resume.flatMap((address) => littleOf(address)) },
      { address: Place.handler, bytes: HANDLER },
      ...(kind === 'paging' ? pageTables(random) : []),
      { address: Place.data, bytes: words(DATA_BYTES / 4, () => randomValue(random)) },
      // A return without a call leads to a block, too.
      { address: STACK_TOP - 0x80, bytes: words(0x90 / 4, () => random.pick(entries)) },
      ...pieces,
    ],
    entry: entries[0]!,
    registers: [
      randomValue(random),
      random.oneIn(2) ? random.below(40) : randomValue(random),
      randomValue(random),
      dataPointer(),
      STACK_TOP,
      dataPointer(),
      dataPointer(),
      dataPointer(),
    ],
    eflags: 2 | (random.u32() & 0xcd5 & (random.oneIn(4) ? -1 : ~0x400)),
    paging: kind === 'paging',
    gdt: { base: Place.gdt, limit: 0x17 },
    idt: { base: Place.idt, limit: VECTORS * 8 - 1 },
  };
}

/** mov esp, STACK_TOP; inc dword [handled]; mov eax, [handled]; and eax, 15; jmp [resume + eax * 4] */
const HANDLER: readonly number[] = [
  0xbc,
  ...littleOf(STACK_TOP),
  0xff,
  0x05,
  ...littleOf(Place.handled),
  0xa1,
  ...littleOf(Place.handled),
  0x83,
  0xe0,
  RESUME_ENTRIES - 1,
  0xff,
  0x24,
  0x85,
  ...littleOf(Place.resume),
];

const GATE: readonly number[] = [...littleOf(Place.handler).slice(0, 2), Selector.code, 0, 0, 0x8e, 0, 0];
const INTERRUPT_TABLE: readonly number[] = Array.from({ length: VECTORS }, () => GATE).flat();

/** Flat code and data at ring 0. */
export function descriptorTable(): number[] {
  const flat = (type: number): number[] => [0xff, 0xff, 0, 0, 0, type, 0xcf, 0];
  return [0, 0, 0, 0, 0, 0, 0, 0, ...flat(0x9b), ...flat(0x93)];
}

/** The first mebibyte as it is, but for some pages: code pages exchanged, pages of data read-only or not present. */
function pageTables(random: SeededRandom): { address: number; bytes: number[] }[] {
  const entries = Array.from({ length: 256 }, (_, page) => page * PAGE + 7);
  const at = (address: number): number => address / PAGE;
  if (random.oneIn(2)) {
    const [a, b] = [at(Place.code) + random.below(CODE_PAGES), at(Place.code) + random.below(CODE_PAGES)];
    [entries[a], entries[b]] = [entries[b]!, entries[a]!];
  }
  if (random.oneIn(3)) entries[at(Place.data) + 1]! &= ~(random.oneIn(2) ? 1 : 2);
  if (random.oneIn(4)) entries[at(Place.code) + random.below(CODE_PAGES)]! &= ~1;
  return [
    { address: Place.pageDirectory, bytes: littleOf(Place.pageTable + 7) },
    { address: Place.pageTable, bytes: entries.flatMap(littleOf) },
  ];
}

interface ProgramCode {
  readonly pieces: { readonly address: number; readonly bytes: readonly number[] }[];
  /** Beginnings of instructions. */
  readonly entries: readonly number[];
}

function randomBytes(random: SeededRandom): ProgramCode {
  const length = 0x200 + random.below(0x400);
  const bytes = Array.from({ length }, () => random.below(256));
  const address = Place.code + PAGE - random.below(0x200);
  return { pieces: [{ address, bytes }], entries: Array.from({ length: 8 }, () => address + random.below(length)) };
}

const MOST_BLOCKS = 14;

/** Blocks of instructions and the jumps between them, placed over several pages. */
class ProgramWriter {
  readonly #starts: number[];
  /** Bytes between blocks that code writes as its data. */
  readonly #gaps: number[] = [];

  constructor(
    private readonly random: SeededRandom,
    private readonly kind: ProgramKind,
  ) {
    const count = 2 + random.below(MOST_BLOCKS - 1);
    let at = Place.code + random.below(0x100);
    this.#starts = Array.from({ length: count }, () => {
      const start = at;
      at += 0xa0 + random.below(0x40);
      this.#gaps.push(at - 8);
      // Some blocks begin so near to a page's end that an instruction crosses it.
      if (random.oneIn(4)) at = (at | (PAGE - 1)) + 1 - (1 + random.below(14));
      return start;
    });
  }

  write(): ProgramCode {
    const pieces = this.#starts.map((address, index) => ({ address, bytes: this.#block(address, index) }));
    return { pieces, entries: this.#starts };
  }

  #block(address: number, index: number): number[] {
    const { random } = this;
    const bytes: number[] = [];
    const count = 1 + random.below(8);
    for (let i = 0; i < count; i++) bytes.push(...this.#instruction());
    this.#end(bytes, address, index);
    return bytes;
  }

  #instruction(): number[] {
    const { random, kind } = this;
    const choice = random.below(16);
    // Pointers come back to the data, so that most accesses go there.
    if (choice === 0) return [0xb8 + random.pick([3, 5, 6, 7]), ...littleOf(Place.data + random.below(DATA_BYTES))];
    if (choice === 1) return [0xbc, ...littleOf(STACK_TOP - 4 * random.below(24))];
    if (choice === 2) return [0x80, 0x05, ...littleOf(random.pick(this.#gaps)), random.below(256)]; // add byte [gap], imm8
    if (kind === 'self-modifying' && choice < 5) return this.#writeCode();
    if (kind === 'paging' && choice < 4) return this.#remap();
    return randomInstruction(random, { start: Place.data, bytes: DATA_BYTES });
  }

  /** mov byte or dword [code], something: an immediate, an opcode, the running block itself. */
  #writeCode(): number[] {
    const { random } = this;
    const target = random.pick(this.#starts) + random.below(random.oneIn(3) ? 12 : 60);
    if (random.oneIn(2)) return [0xc6, 0x05, ...littleOf(target), random.below(256)];
    if (random.oneIn(2)) return [0xfe, 0x05, ...littleOf(target)];
    const bytes = [...randomInstruction(random, { start: Place.data, bytes: DATA_BYTES }), 0x90, 0x90, 0x90, 0x90].slice(0, 4);
    return [0xc7, 0x05, ...littleOf(target), ...bytes];
  }

  /** Exchanges two code pages' entries; the processor learns of it by INVLPG or a write of CR3. */
  #remap(): number[] {
    const { random } = this;
    const [a, b] = [random.below(CODE_PAGES), random.below(CODE_PAGES)];
    const entry = (page: number): number[] => littleOf(Place.pageTable + (Place.code / PAGE + page) * 4);
    const flush = random.oneIn(2)
      ? [0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8]
      : [a, b].flatMap((page) => [0x0f, 0x01, 0x3d, ...littleOf(Place.code + page * PAGE)]);
    return [0xa1, ...entry(a), 0x87, 0x05, ...entry(b), 0xa3, ...entry(a), ...flush];
  }

  /** A block's last instructions: everywhere else in the program, likely near. */
  #end(bytes: number[], address: number, index: number): void {
    const { random } = this;
    const starts = this.#starts;
    const near = (): number => starts[Math.min(starts.length - 1, Math.max(0, index + random.below(5) - 3))]!;
    const target = (): number => (random.oneIn(2) ? near() : random.pick(starts));
    const relative = (opcode: readonly number[], to: number): void => {
      bytes.push(...opcode);
      pushLittle(bytes, to - (address + bytes.length + 4), 4);
    };
    const jumpsOn = (): void => relative([0xe9], random.oneIn(2) ? starts[(index + 1) % starts.length]! : target());
    if (this.kind === 'straight') {
      // A counted loop over the block, then the next one.
      const distance = -(bytes.length + 2);
      if (distance >= -128 && random.oneIn(2)) bytes.push(0xe2, distance & 0xff);
      return jumpsOn();
    }
    switch (random.below(9)) {
      case 0:
        return jumpsOn();
      case 1:
        relative([0xe8], target());
        return jumpsOn();
      case 2:
        bytes.push(0xc3);
        return;
      case 3: // jmp eax
        bytes.push(0xb8, ...littleOf(target()), ...(random.oneIn(2) ? [0xff, 0xe0] : [0x50, 0xc3]));
        return;
      case 4: // call [resume + ecx * 4], ecx small
        bytes.push(0x83, 0xe1, RESUME_ENTRIES - 1, 0xff, random.oneIn(2) ? 0x14 : 0x24, 0x8d, ...littleOf(Place.resume));
        return;
      case 5: // loop or jecxz over a jump
        bytes.push(random.pick([0xe0, 0xe1, 0xe2, 0xe3]), 5);
        relative([0xe9], target());
        return jumpsOn();
      default:
        relative([0x0f, 0x80 + random.below(16)], target());
        return jumpsOn();
    }
  }
}
