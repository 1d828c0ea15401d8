import { assert, test } from 'vitest';
import { CR, EIP, ExitReason, HALTED } from '../../cpu/state.js';
import { ENGINE_TIERS } from '../engine.js';
import { BareMachine } from './support/bare-machine.js';

const EAX = 0;

test('from reset, code in ROM jumps, adds and writes to a port, then halts', () => {
  const machine = new BareMachine();
  machine.loadRom(0xfff0, [0xea, 0x00, 0x00, 0x00, 0xf0]); // jmp F000:0000
  machine.loadRom(0, [
    0xb8,
    0x34,
    0x12, // mov ax, 1234h
    0x05,
    0x01,
    0x00, // add ax, 1
    0xeb,
    0x01,
    0x90, // jmp over a nop
    0xe6,
    0x80, // out 80h, al
    0xf4, // hlt
  ]);
  assert.equal(machine.engine.run(100), ExitReason.state);
  assert.deepEqual(machine.written, [{ port: 0x80, value: 0x35 }]);
  assert.equal(machine.register(EAX) & 0xffff, 0x1235);
  assert.equal(machine.memory.u32[HALTED >> 2], 1);
  assert.equal(machine.instructions, 6);
});

test.each(ENGINE_TIERS)('code that is mapped at two linear addresses pushes the address at which it runs (%s)', (tier) => {
  const [DIRECTORY, TABLE, CODE] = [0x1000, 0x2000, 0x8000];
  const ALIAS = 0x9000;
  const machine = new BareMachine(tier, undefined, { samplePeriod: 50 });
  const { u32 } = machine.memory;
  machine.load(CODE, [
    0xb9,
    0xd0,
    0x07,
    0,
    0, // mov ecx, 2000
    0xe8,
    0,
    0,
    0,
    0, // again: call next
    0x58, // next: pop eax
    0xe2,
    0xf8, // loop again
    0xf4, // hlt
  ]);
  machine.write32(DIRECTORY, TABLE | 7);
  for (let page = 0; page < 16; page++) machine.write32(TABLE + 4 * page, (page << 12) | 7);
  machine.write32(TABLE + (ALIAS >> 10), CODE | 7);
  machine.enterFlat(CODE);
  u32[(CR >> 2) + 6] = DIRECTORY;
  u32[CR >> 2]! |= 0x8000_0000;
  machine.cpu.modeChanged();
  for (const at of [CODE, ALIAS, CODE]) {
    u32[EIP >> 2] = at;
    u32[HALTED >> 2] = 0;
    machine.setRegister(4, 0x4000);
    machine.engine.run(1_000_000);
    assert.equal(machine.register(EAX), at + 10);
  }
});

test.each(ENGINE_TIERS)('blocks that begin with what the interpreter must run do not nest their regions (%s)', (tier) => {
  const machine = new BareMachine(tier, undefined, { samplePeriod: 50 });
  const CODE = 0x8000;
  machine.load(CODE, [
    0xb9,
    0x40,
    0x0d,
    0x03,
    0, // mov ecx, 200000
    0xec, // again: in al, dx
    0xec, // in al, dx
    0x49, // dec ecx
    0x75,
    0xfb, // jnz again
    0xf4, // hlt
  ]);
  machine.enterFlat(CODE);
  machine.engine.run(3_000_000);
  assert.equal(machine.memory.u32[HALTED >> 2], 1);
  assert.equal(machine.instructions, 2 + 4 * 200_000);
});

/** Four handlers that a table leads to, as a pseudo-random number tells: the number is kept in EBX, what the handlers make of it in EAX. */
function loadDispatcher(machine: BareMachine, rounds: number): void {
  const [CODE, TABLE, HANDLERS] = [0x8000, 0x9000, 0x8100];
  const NEXT = CODE + 9;
  machine.load(CODE, [
    ...[0xb9, ...bytesOf(rounds)], // mov ecx, rounds
    ...[0x31, 0xc0], // xor eax, eax
    ...[0x31, 0xdb], // xor ebx, ebx
    ...[0x69, 0xdb, ...bytesOf(1_103_515_245)], // next: imul ebx, ebx, 1103515245
    ...[0x81, 0xc3, ...bytesOf(12_345)], // add ebx, 12345
    ...[0x89, 0xda], // mov edx, ebx
    ...[0xc1, 0xea, 16], // shr edx, 16
    ...[0x83, 0xe2, 3], // and edx, 3
    ...[0xff, 0x24, 0x95, ...bytesOf(TABLE)], // jmp [table + 4*edx]
  ]);
  const bodies = [
    [0x40], // inc eax
    [0x83, 0xc0, 3], // add eax, 3
    [0x31, 0xd8], // xor eax, ebx
    [0xd1, 0xc0], // rol eax, 1
  ];
  bodies.forEach((body, i) => {
    const at = HANDLERS + 0x20 * i;
    const behind = at + body.length + 7;
    machine.load(at, [...body, 0x49, 0x0f, 0x85, ...bytesOf(NEXT - behind), 0xf4]); // dec ecx; jnz next; hlt
    machine.write32(TABLE + 4 * i, at);
  });
  machine.enterFlat(CODE);
}
const bytesOf = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff];

function dispatched(rounds: number): number {
  let [eax, ebx] = [0, 0];
  for (let i = 0; i < rounds; i++) {
    ebx = (Math.imul(ebx, 1_103_515_245) + 12_345) | 0;
    eax = [eax + 1, eax + 3, eax ^ ebx, (eax << 1) | (eax >>> 31)][(ebx >>> 16) & 3]! | 0;
  }
  return eax;
}

test.each(ENGINE_TIERS)('a jump with four targets goes to the right ones (%s)', (tier) => {
  const rounds = 400_000;
  const machine = new BareMachine(tier, undefined, { samplePeriod: 500 });
  loadDispatcher(machine, rounds);
  machine.engine.run(20_000_000);
  assert.equal(machine.memory.u32[HALTED >> 2], 1);
  assert.equal(machine.register(EAX) | 0, dispatched(rounds));
});

test('a region that is left by a jump again and again is made anew and then holds the targets', () => {
  const machine = new BareMachine('auto', undefined, { samplePeriod: 500 });
  loadDispatcher(machine, 2_000_000);
  machine.engine.run(2_000_000);
  const { regionsRemade, regionEntries: before } = machine.engine.counters();
  const { instructions } = machine;
  machine.engine.run(2_000_000);
  assert.isAtLeast(regionsRemade!, 1);
  const entries = machine.engine.counters()['regionEntries']! - before!;
  assert.isBelow(entries, (machine.instructions - instructions) / 200);
});

test.each(ENGINE_TIERS)('a loop that is also entered in its middle (%s)', (tier) => {
  const machine = new BareMachine(tier, undefined, { samplePeriod: 50 });
  const CODE = 0x8000;
  machine.load(CODE, [
    ...[0xb9, ...bytesOf(30_000)], // mov ecx, 30000
    ...[0x31, 0xc0], // xor eax, eax
    ...[0xa8, 1], // again: test al, 1
    ...[0x75, 2], // jnz middle
    ...[0x04, 2], // top: add al, 2
    ...[0x40], // middle: inc eax
    ...[0x49], // dec ecx
    ...[0x74, 7], // jz end
    ...[0xf6, 0xc1, 3], // test cl, 3
    ...[0x75, 0xf5], // jnz top
    ...[0xeb, 0xef], // jmp again
    ...[0xf4], // end: hlt
  ]);
  machine.enterFlat(CODE);
  machine.engine.run(3_000_000);
  assert.equal(machine.memory.u32[HALTED >> 2], 1);
  let eax = 0;
  let isTop = false;
  for (let ecx = 30_000; ecx > 0; ) {
    if (isTop || !(eax & 1)) eax = (eax & ~0xff) | ((eax + 2) & 0xff);
    eax++;
    ecx--;
    isTop = (ecx & 3) !== 0;
  }
  assert.equal(machine.register(EAX), eax);
});

test('two targets that no table tells apart: the region is not entered for ever without coming forward', () => {
  const [HERE, FAR] = [0x8000, 0x8000 + 0x80_0000];
  const program = (machine: BareMachine): void => {
    machine.load(HERE, [
      ...[0x43], // inc ebx
      ...[0xf6, 0xc3, 7], // test bl, 7
      ...[0x0f, 0x94, 0xc0], // setz al
      ...[0x0f, 0xb6, 0xc0], // movzx eax, al
      ...[0xc1, 0xe0, 23], // shl eax, 23
      ...[0x05, ...bytesOf(HERE)], // add eax, here
      ...[0xff, 0xe0], // jmp eax
    ]);
    machine.load(FAR, [0xb8, ...bytesOf(HERE), 0xff, 0xe0]); // mov eax, here; jmp eax
    machine.enterFlat(HERE);
  };
  const [auto, interpreter] = [new BareMachine('auto', undefined, { samplePeriod: 500 }), new BareMachine('interpreter')];
  for (const machine of [auto, interpreter]) {
    program(machine);
    assert.equal(machine.engine.run(4_000_000), ExitReason.budget);
  }
  assert.isAtLeast(auto.engine.counters()['regionsRemade']!, 1);
  assert.closeTo(auto.register(3), interpreter.register(3), 100);
});
