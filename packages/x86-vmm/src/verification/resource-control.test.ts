import { assert, describe, test } from 'vitest';
import { RAM, ROM, TLB, VIDEO_RAM } from '../cpu/state.js';
import { ENGINE_TIERS } from '../engines/engine.js';
import { hostilePrograms } from './hostile-programs.js';
import { RAM_BYTES } from './program-machine.js';
import { GuardedMachine } from './resource-control.js';

describe.each(ENGINE_TIERS)('hostile guests (%s)', (tier) => {
  const guarded = new GuardedMachine(tier);
  test.each(hostilePrograms.map((program) => ({ name: program.name, program })))('$name', ({ program }) => {
    assert.deepEqual(guarded.runHostile(program), []);
  });
  test('random bytes', () => {
    for (let seed = 1; seed <= 200; seed++) assert.deepEqual(guarded.runRandom(seed), [], `seed ${seed}`);
  });
});

test('what gets out is seen', () => {
  const guarded = new GuardedMachine('interpreter');
  const { u8, u32 } = guarded.machine.bare.memory;
  assert.deepEqual(guarded.violations(), []);
  for (const offset of [VIDEO_RAM + 5, ROM + 7, RAM + RAM_BYTES]) {
    u8[offset]! ^= 1;
    assert.lengthOf(guarded.violations(), 1);
    u8[offset]! ^= 1;
  }
  u32[TLB >> 2] = 0x10_0000;
  assert.deepEqual(guarded.violations(), ['translation supervisor read 0 leads to 100000']);
});
