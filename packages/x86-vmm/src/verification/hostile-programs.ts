import { littleOf } from './random-instruction.js';
import type { RandomProgram } from './random-program.js';
import { descriptorTable, Place } from './random-program.js';

/*
 * Guests that want out, or want to keep their host busy for ever, written by hand. 32-bit flat code at ring 0.
 */
export interface HostileProgram extends RandomProgram {
  readonly name: string;
  /** What the machine must have come to when the program's budget is used up; absent: anything but harm. */
  readonly ends?: 'triple fault' | 'halted' | 'no instruction';
}

const STACK = Place.stack + 0xf00;
const PAGE = 0x1000;
const VECTORS = 256;

interface Options {
  readonly paging?: boolean;
  readonly idtLimit?: number;
  readonly handler?: number;
  readonly pieces?: RandomProgram['pieces'];
  readonly registers?: readonly number[];
  readonly ends?: HostileProgram['ends'];
}

/** The handler for every vector begins the code afresh, with EDX on the next page. */
function program(name: string, code: readonly number[], options: Options = {}): HostileProgram {
  const {
    paging = false,
    idtLimit = VECTORS * 8 - 1,
    handler = Place.handler,
    pieces = [],
    registers = [0, 0, 0, 0, STACK, 0, 0, 0],
  } = options;
  const gate = [handler & 0xff, (handler >> 8) & 0xff, 8, 0, 0, 0x8e, (handler >> 16) & 0xff, (handler >>> 24) & 0xff];
  return {
    name,
    kind: 'bytes',
    entry: Place.code,
    eflags: 2,
    paging,
    registers,
    gdt: { base: Place.gdt, limit: 0x17 },
    idt: { base: Place.idt, limit: idtLimit },
    pieces: [
      { address: Place.idt, bytes: Array.from({ length: VECTORS }, () => gate).flat() },
      { address: Place.gdt, bytes: descriptorTable() },
      // mov esp, STACK; add edx, 4096; jmp code
      {
        address: Place.handler,
        bytes: [0xbc, ...littleOf(STACK), 0x81, 0xc2, ...littleOf(PAGE), 0xe9, ...littleOf(Place.code - Place.handler - 16)],
      },
      ...pieces,
      { address: Place.code, bytes: code },
    ],
    ...(options.ends === undefined ? {} : { ends: options.ends }),
  };
}

/** Pages of 4 MiB: the first where it is, every other linear address leads to where nothing is, `absent` to a fault. */
function bigPages(absent: readonly number[]): RandomProgram['pieces'] {
  const entries = Array.from({ length: 1024 }, (_, i) => littleOf(absent.includes(i) ? 0 : i === 0 ? 0x87 : 0x40_0087));
  return [{ address: Place.pageDirectory, bytes: entries.flat() }];
}
const ABSENT_ENTRY = 0xfc;

export const hostilePrograms: readonly HostileProgram[] = [
  program('writes to every page of 4 GiB', [
    ...[0x89, 0x15, ...littleOf(Place.data)], // mov [data], edx
    ...[0x81, 0xfa, ...littleOf(0x2_0000), 0x72, 0x08, 0x81, 0xfa, ...littleOf(0x4_0000), 0x72, 0x02], // own code and stack stay: cmp edx, …; jb
    ...[0x89, 0x12], // mov [edx], edx
    ...[0x81, 0xc2, ...littleOf(PAGE), 0xe9, ...littleOf(-(6 + 16 + 2 + 6 + 5))],
  ]),
  program('reads and jumps to every page of 4 GiB', [
    0x8b,
    0x02,
    0x81,
    0xc2,
    ...littleOf(PAGE),
    0x81,
    0xfa,
    ...littleOf(0x4_0000),
    0x72,
    0xf0,
    0xff,
    0xe2,
  ]),
  program(
    'a descriptor table and an interrupt table anywhere',
    [
      ...[0x0f, 0x01, 0x15, ...littleOf(Place.data)], // lgdt
      ...[0x0f, 0x01, 0x1d, ...littleOf(Place.data)], // lidt
      ...[0x8e, 0xd8, 0x8e, 0xd0, 0xcd, 0x80],
    ],
    { pieces: [{ address: Place.data, bytes: [0xff, 0xff, ...littleOf(0xffff_f000)] }] },
  ),
  program(
    'every selector into every segment register',
    [0x8e, 0xc0, 0x8e, 0xe0, 0x8e, 0xe8, 0x0f, 0x00, 0xd0, 0x0f, 0x00, 0xd8, 0x40, 0xeb, 0xf1],
  ),
  program('every port, every size', [0x89, 0xca, 0xee, 0xef, 0x66, 0xef, 0xec, 0xed, 0x66, 0xed, 0x6e, 0x6d, 0x41, 0xeb, 0xf1]),
  program('strings as long as memory', [0xfc, 0xb9, ...littleOf(-1), 0xf3, 0xa5, 0xb9, ...littleOf(-1), 0xf3, 0xab, 0xeb, 0xef], {
    registers: [0, 0, 0, 0, STACK, 0, Place.data, 0x4_0000],
  }),
  program('strings that fill the guest, their own code, too', [0xb9, ...littleOf(0x1_0000), 0x31, 0xff, 0xf3, 0xab]),
  program('writes before each of its instructions', [
    0xfe,
    0x05,
    ...littleOf(Place.code + 8),
    0xb0,
    0,
    0x04,
    0,
    0xfe,
    0x05,
    ...littleOf(Place.code + 9),
    0xeb,
    0xee,
  ]),
  program('no interrupt table', [0x0f, 0x0b], { idtLimit: 0, ends: 'triple fault' }),
  program('a fault on a stack that is not there', [0xbc, ...littleOf(-0x1000), 0xcc], {
    paging: true,
    pieces: [
      { address: Place.pageDirectory, bytes: littleOf(Place.pageTable + 7) },
      { address: Place.pageTable, bytes: Array.from({ length: 64 }, (_, i) => littleOf(i * PAGE + 7)).flat() },
    ],
    ends: 'triple fault',
  }),
  // The stack is where writes are lost, the handler's page absent: #PF after #PF for ever, and no instruction ever completes.
  program('a page fault whose handler is not there', [0x0f, 0x0b], {
    paging: true,
    handler: ABSENT_ENTRY * 0x40_0000,
    pieces: bigPages([ABSENT_ENTRY]),
    registers: [0, 0, 0, 0, 0x7f00_0000, 0, 0, 0],
    ends: 'no instruction',
  }),
  program('page tables that are their own pages', [0x31, 0xc0, 0x0f, 0x22, 0xd8, 0x01, 0x00, 0x40, 0xeb, 0xfb], {
    paging: true,
    pieces: bigPages([]),
  }),
  program('every value into control and debug registers', [
    0x0f,
    0x23,
    0xf8,
    0x0f,
    0x22,
    0xe0,
    0x0f,
    0x22,
    0xc0,
    0x05,
    ...littleOf(0x1357_9bdf),
    0xeb,
    0xf0,
  ]),
  program('every model-specific register', [0x0f, 0x32, 0x0f, 0x30, 0x41, 0xeb, 0xf9]),
  program('single-stepping itself', [0x9c, 0x81, 0x0c, 0x24, ...littleOf(0x100), 0x9d, 0x90, 0x90, 0xeb, 0xf3]),
  program('HLT with interrupts off', [0xfa, 0xf4], { ends: 'halted' }),
];
