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
