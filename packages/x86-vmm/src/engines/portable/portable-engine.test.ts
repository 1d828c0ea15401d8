import { assert, test } from 'vitest';
import { ExitReason, HALTED } from '../../cpu/state.js';
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
