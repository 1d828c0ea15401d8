import { assert, test } from 'vitest';
import { BareMachine } from '../../engines/portable/support/bare-machine.js';
import { Rights } from '../architecture.js';
import { setSegment } from '../mmu/segmentation.js';
import { CR, EIP, ExitReason, HALTED, SegmentIndex } from '../state.js';

const [EAX, ECX, EDX, EBX, ESP, ESI, EDI] = [0, 1, 2, 3, 4, 6, 7];
const HLT = 0xf4;
const PAGE_FAULT = 14;
const GENERAL_PROTECTION = 13;
const STACK_FAULT = 12;
const INVALID_OPCODE = 6;

const dword = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];

/** A flat machine with code at an address, run until HLT or a first fault. */
function ran(at: number, code: readonly number[], prepare: (machine: BareMachine) => void = () => {}): BareMachine {
  const machine = new BareMachine();
  machine.load(at, code);
  machine.enterFlat(at);
  machine.setRegister(ESP, 0x9_0000);
  prepare(machine);
  machine.engine.run(10_000);
  return machine;
}

/** Paging on with identity tables at 100000h; `entries` overrides page-table entries by linear page number below 1024. */
function withPaging(machine: BareMachine, entries: Readonly<Record<number, number>>): void {
  machine.write32(0x10_0000, 0x10_1007);
  for (let page = 0; page < 1024; page++) machine.write32(0x10_1000 + page * 4, (page << 12) | 7);
  for (const [page, entry] of Object.entries(entries)) machine.write32(0x10_1000 + Number(page) * 4, entry);
  machine.memory.u32[(CR + 3 * 8) >> 2] = 0x10_0000;
  machine.memory.u32[CR >> 2]! |= 0x8000_0000;
  machine.cpu.flushTranslations(true);
  machine.cpu.modeChanged();
}

test('a store into the running block takes effect before its next instruction', () => {
  const machine = ran(0x1000, [
    0xc6,
    0x05,
    ...dword(0x1008),
    0x07, // mov byte [1008h], 7: the immediate of the next instruction
    0xb0,
    0x01, // mov al, 1
    HLT,
  ]);
  assert.equal(machine.register(EAX) & 0xff, 7);
  assert.equal(machine.instructions, 3);
});

test('a patched subroutine is decoded again each time it is called, through the same links', () => {
  const machine = ran(
    0x1000,
    [
      0xb9,
      ...dword(50), // mov ecx, 50
      0x88,
      0x0d,
      ...dword(0x2001), // loop: mov [2001h], cl
      0xe8,
      ...dword(0x2000 - 0x1010), // call 2000h
      0xe2,
      0xf3, // loop
      HLT,
    ],
    (fresh) => fresh.load(0x2000, [0xb2, 0x00, 0x00, 0xd3, 0xc3]),
  ); // mov dl, 0; add bl, dl; ret
  assert.equal(machine.register(EBX) & 0xff, ((50 * 51) / 2) & 0xff);
});

test('code that became data is invalidated once, not at each write, and runs again when it is called', () => {
  const machine = ran(
    0x1000,
    [
      0xb9,
      ...dword(1000), // mov ecx, 1000
      0xe8,
      ...dword(0x2000 - 0x100a), // call 2000h
      0xc6,
      0x05,
      ...dword(0x2000),
      0x43, // loop: mov byte [2000h], 43h: inc ebx
      0xe2,
      0xf7, // loop
      0xe8,
      ...dword(0x2000 - 0x1018), // call 2000h
      HLT,
    ],
    (fresh) => {
      fresh.load(0x2000, [0x42, 0xc3]); // inc edx; ret
      fresh.setRegister(EDX, 0);
    },
  );
  assert.deepEqual([machine.register(EDX), machine.register(EBX)], [1, 1]);
  assert.isBelow(machine.engine.blocks.invalidated, 50);
});

test('data beside code in another 64-byte granule does not invalidate it', () => {
  const machine = ran(0x1000, [0xb9, ...dword(100), 0xff, 0x05, ...dword(0x1080), 0xe2, 0xf8, HLT]); // inc dword [1080h]; loop
  assert.equal(machine.read32(0x1080), 100);
  assert.equal(machine.engine.blocks.invalidated, 0);
});

test('an instruction across two pages runs, and is decoded again when the second page is mapped elsewhere', () => {
  // mov eax, imm32 with its immediate on the next page, which is at 3000h first and at 5000h later.
  const at = 0x1ffe;
  const machine = new BareMachine();
  machine.load(at, [0xb8, 0x11]);
  machine.load(0x3000, [0x22, 0x33, 0x44, HLT]);
  machine.load(0x5000, [0x55, 0x66, 0x77, HLT]);
  machine.enterFlat(at);
  withPaging(machine, { 2: 0x3007 });
  machine.engine.run(100);
  assert.equal(machine.register(EAX), 0x4433_2211);
  machine.write32(0x10_1008, 0x5007);
  machine.cpu.invalidatePage(0x2000);
  machine.memory.u32[HALTED >> 2] = 0;
  machine.memory.u32[EIP >> 2] = at;
  machine.engine.run(100);
  assert.equal(machine.register(EAX), 0x7766_5511);
});

test('a jump into a page follows the page when it is mapped to other code', () => {
  const machine = new BareMachine();
  machine.load(0x1000, [0xe8, ...dword(0x2000 - 0x1005), HLT]); // call 2000h
  machine.load(0x3000, [0xb0, 1, 0xc3]);
  machine.load(0x5000, [0xb0, 2, 0xc3]);
  machine.enterFlat(0x1000);
  machine.setRegister(ESP, 0x9_0000);
  withPaging(machine, { 2: 0x3007 });
  machine.engine.run(100);
  assert.equal(machine.register(EAX) & 0xff, 1);
  machine.write32(0x10_1008, 0x5007);
  machine.cpu.invalidatePage(0x2000);
  machine.memory.u32[HALTED >> 2] = 0;
  machine.memory.u32[EIP >> 2] = 0x1000;
  machine.engine.run(100);
  assert.equal(machine.register(EAX) & 0xff, 2);
});

test('one decoded block serves two linear addresses, and CALL pushes the address it runs at', () => {
  const machine = new BareMachine();
  machine.load(0x1000, [0xe8, ...dword(0), 0x58, HLT]); // call next; pop eax; hlt
  machine.enterFlat(0x1000);
  machine.setRegister(ESP, 0x9_0000);
  withPaging(machine, { 7: 0x1007 });
  machine.engine.run(100);
  assert.equal(machine.register(EAX), 0x1005);
  const decoded = machine.engine.blocks.decoded;
  machine.memory.u32[HALTED >> 2] = 0;
  machine.memory.u32[EIP >> 2] = 0x7000;
  machine.engine.run(100);
  assert.equal(machine.register(EAX), 0x7005);
  assert.equal(machine.engine.blocks.decoded, decoded);
});

test('a page fault in mid-block leaves EIP, registers and the count at the faulting instruction', () => {
  const machine = ran(
    0x1000,
    [
      0x40, // inc eax
      0x43, // inc ebx
      0x87,
      0x05,
      ...dword(0x4000), // xchg [4000h], eax: not present
      0x41, // inc ecx
    ],
    (fresh) => withPaging(fresh, { 4: 0 }),
  );
  assert.equal(machine.firstFault, PAGE_FAULT);
  assert.equal(machine.memory.u32[(CR + 2 * 8) >> 2], 0x4000);
  assert.deepEqual([machine.register(EAX), machine.register(EBX), machine.register(ECX)], [1, 1, 0]);
});

test('a read-modify-write of a page that may not be written faults as a write and changes nothing', () => {
  const machine = ran(0x1000, [0x01, 0x05, ...dword(0x4000), HLT], (fresh) => {
    withPaging(fresh, { 4: 0x4005 });
    fresh.memory.u32[CR >> 2]! |= 0x1_0000; // WP
    fresh.setRegister(EAX, 5);
    fresh.write32(0x4000, 7);
  });
  assert.equal(machine.firstFault, PAGE_FAULT);
  assert.equal(machine.firstErrorCode, 3);
  assert.equal(machine.read32(0x4000), 7);
});

test('a PUSH or CALL that faults leaves ESP', () => {
  const machine = ran(0x1000, [0x50], (fresh) => {
    withPaging(fresh, { 8: 0 });
    fresh.setRegister(ESP, 0x9000);
  });
  assert.equal(machine.firstFault, PAGE_FAULT);
  assert.equal(machine.firstStackPointer, 0x9000);
});

test('the fetch of a missing page faults at the instruction whose bytes are there', () => {
  const machine = ran(0x2fff, [0x90], (fresh) => withPaging(fresh, { 3: 0 }));
  assert.equal(machine.firstFault, PAGE_FAULT);
  assert.equal(machine.firstEip, 0x3000);
  assert.equal(machine.memory.u32[(CR + 2 * 8) >> 2], 0x3000);
});

test.each([
  ['an access beyond the limit of DS', [0xa1, ...dword(0x1000)], GENERAL_PROTECTION],
  ['an access that only begins within the limit', [0xa1, ...dword(0xffd)], GENERAL_PROTECTION],
  ['an access through EBP beyond the limit of SS', [0x8b, 0x45, 0x00], STACK_FAULT],
  ['a push below offset 0 of a small stack', [0x68, ...dword(1)], STACK_FAULT],
] as const)('%s raises its fault with error code 0', (_name, code, vector) => {
  const machine = ran(0x1000, code, (fresh) => {
    const data = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG;
    for (const segment of [SegmentIndex.DS, SegmentIndex.SS]) setSegment(fresh.cpu, segment, 0x10, 0, 0xfff, data);
    fresh.cpu.modeChanged();
    fresh.setRegister(5, 0x1000);
    fresh.setRegister(ESP, 2);
  });
  assert.equal(machine.firstFault, vector);
  assert.equal(machine.firstErrorCode, 0);
});

test('code that runs off the end of its segment raises #GP(0) there, not before', () => {
  const machine = new BareMachine();
  machine.load(0x1000, [0x40, 0x40, 0x40, 0x40]);
  machine.enterFlat(0);
  const code = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG | Rights.CODE;
  setSegment(machine.cpu, SegmentIndex.CS, 8, 0x1000, 2, code);
  machine.cpu.modeChanged();
  machine.engine.run(10);
  assert.equal(machine.firstFault, GENERAL_PROTECTION);
  assert.equal(machine.firstEip, 3);
  assert.equal(machine.register(EAX), 3);
});

test('more than 15 bytes of instruction raise #GP(0)', () => {
  const machine = ran(0x1000, [...Array<number>(15).fill(0x66), 0x90]);
  assert.equal(machine.firstFault, GENERAL_PROTECTION);
});

test.each([
  ['LOCK before an instruction that does not take it', [0xf0, 0x8b, 0x05, ...dword(0x2000)]],
  ['LOCK before a register destination', [0xf0, 0x01, 0xd8]],
  ['UD2', [0x0f, 0x0b]],
  ['LEA of a register', [0x8d, 0xc0]],
] as const)('%s raises #UD', (_name, code) => {
  assert.equal(ran(0x1000, code).firstFault, INVALID_OPCODE);
});

test('REP MOVS across pages stops at the missing page with its registers at the element, and goes on after', () => {
  const machine = ran(0x1000, [0xf3, 0xa5, HLT], (fresh) => {
    withPaging(fresh, { 34: 0 });
    fresh.setRegister(ESI, 0x3_0000);
    fresh.setRegister(EDI, 0x2_1ff8);
    fresh.setRegister(ECX, 6);
  });
  assert.equal(machine.firstFault, PAGE_FAULT);
  assert.deepEqual([machine.register(ECX), machine.register(ESI), machine.register(EDI)], [4, 0x3_0008, 0x2_2000]);
});

test('a forward REP MOVSB onto its own source repeats the pattern', () => {
  const machine = ran(0x1000, [0xf3, 0xa4, HLT], (fresh) => {
    fresh.load(0x5000, [1, 2, 3]);
    fresh.setRegister(ESI, 0x5000);
    fresh.setRegister(EDI, 0x5003);
    fresh.setRegister(ECX, 7);
  });
  assert.deepEqual(
    Array.from({ length: 10 }, (_, i) => machine.read8(0x5000 + i)),
    [1, 2, 3, 1, 2, 3, 1, 2, 3, 1],
  );
});

test('a REP STOSD longer than the slice is left at an element and resumed', () => {
  const machine = new BareMachine();
  machine.load(0x1000, [0xf3, 0xab, HLT]);
  machine.enterFlat(0x1000);
  machine.setRegister(ECX, 5000);
  machine.setRegister(EDI, 0x1_0000);
  machine.setRegister(EAX, 0x1234_5678);
  assert.equal(machine.engine.run(100), ExitReason.budget);
  assert.equal(machine.eip, 0x1000);
  assert.isAbove(machine.register(ECX), 4000);
  machine.engine.run(10_000);
  assert.equal(machine.register(ECX), 0);
  assert.equal(machine.read32(0x1_0000 + 4999 * 4), 0x1234_5678);
  assert.equal(machine.read32(0x1_0000 + 5000 * 4), 0);
});

test('slices end at block borders with every instruction counted, and give the same result as one run', () => {
  const code = [0xb9, ...dword(1000), 0x01, 0xc8, 0x69, 0xc0, ...dword(0x10dcd), 0xe2, 0xf6, HLT]; // add eax, ecx; imul eax, eax, 69069; loop
  const whole = ran(0x1000, code);
  const sliced = new BareMachine();
  sliced.load(0x1000, code);
  sliced.enterFlat(0x1000);
  while (sliced.engine.run(7) === ExitReason.budget);
  assert.equal(sliced.register(EAX), whole.register(EAX));
  assert.equal(sliced.instructions, 3002);
  assert.equal(whole.instructions, 3002);
});

test('a full record arena is emptied and the guest does not notice', () => {
  const machine = new BareMachine();
  // Each a block of its own: inc eax; jmp next.
  const blocks = 300_000;
  for (let i = 0; i < blocks; i++) machine.load(0x20_0000 + i * 4, [0x40, 0xeb, 0x01, 0x90]);
  machine.load(0x20_0000 + blocks * 4, [0xf4]);
  machine.enterFlat(0x20_0000);
  while (machine.engine.run(1_000_000) === ExitReason.budget);
  assert.equal(machine.register(EAX), blocks);
  machine.memory.u32[HALTED >> 2] = 0;
  machine.memory.u32[EIP >> 2] = 0x20_0000;
  machine.engine.run(1_000_000);
  assert.equal(machine.register(EAX), 2 * blocks);
  assert.isAbove(machine.engine.blocks.resets, 0);
});

test('a 16-bit target wraps at 64 KiB, and a stack pointer of 16 bits keeps the upper half of ESP', () => {
  const machine = new BareMachine();
  machine.loadRom(0xfff0, [0xea, 0x00, 0x10, 0x00, 0x00]); // jmp 0000:1000
  machine.load(0x1000, [0xe9, 0xed, 0xef]); // jmp 0000:FFF0
  machine.load(0xfff0, [0x50, 0xe9, 0x0c, 0x00]); // push ax; jmp 0000:0000 (beyond FFFFh)
  machine.load(0, [0xf4]);
  machine.setRegister(ESP, 0xabcd_0000);
  machine.engine.run(100);
  assert.equal(machine.eip, 1);
  assert.equal(machine.register(ESP), 0xabcd_fffe);
});

test('an instruction that is patched in place runs as it is now, and every instruction is counted once', () => {
  const machine = ran(0x1000, [
    0xb9,
    ...dword(20), // mov ecx, 20
    0x88,
    0x0d,
    ...dword(0x100e), // loop: mov [100Eh], cl: the immediate below, in this block
    0x04,
    0x00, // add al, 0 (left alone)
    0x04,
    0x00, // add al, cl's value
    0xe2,
    0xf4, // loop
    HLT,
  ]);
  assert.equal(machine.register(EAX) & 0xff, (20 * 21) / 2);
  assert.equal(machine.instructions, 1 + 20 * 4 + 1);
});

test('a patch that changes an instruction into a branch is decoded anew', () => {
  const machine = ran(0x1000, [
    0x66,
    0xc7,
    0x05,
    ...dword(0x1009),
    0xeb,
    0x01, // mov word [1009h], jmp +1
    0x90,
    0x90, // two NOPs until then
    0xf4, // skipped by the jump
    0x40, // inc eax
    HLT,
  ]);
  assert.equal(machine.register(EAX), 1);
  assert.equal(machine.instructions, 4);
});

test('an instruction behind STI that was patched since it last ran alone is decoded again', () => {
  const machine = new BareMachine();
  machine.load(0x1000, [
    0xb9,
    ...dword(2), // mov ecx, 2
    0xfa,
    0xfb, // loop: cli; sti
    0xb0,
    0x01, // mov al, 1: runs in STI's shadow
    0x00,
    0xc3, // add bl, al
    0xc6,
    0x05,
    ...dword(0x1008),
    0x10, // the immediate becomes 10h
    0xe2,
    0xf1, // loop
    HLT,
  ]);
  machine.enterFlat(0x1000);
  for (let slice = 0; slice < 50; slice++) machine.engine.run(100);
  assert.equal(machine.memory.u32[HALTED >> 2], 1);
  assert.equal(machine.register(EBX), 0x11);
});
