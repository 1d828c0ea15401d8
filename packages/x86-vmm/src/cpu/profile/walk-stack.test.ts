import fc from 'fast-check';
import { assert, describe, test } from 'vitest';
import { BareMachine } from '../../engines/portable/support/bare-machine.js';
import { CR, GPR, PHYSICAL_MMIO, PHYSICAL_READ } from '../state.js';
import { GuestProfiler } from './guest-profiler.js';
import { PeekMemory } from './peek-memory.js';
import { walkStack } from './walk-stack.js';

/** Memory as a list of doublewords; anything else is not there. */
const memory = (words: Readonly<Record<number, number>>) => ({ read32: (linear: number): number | undefined => words[linear] });

describe('the chain of frame pointers', () => {
  test.each([
    ['two callers, the second has none', { 256: 0x120, 260: 7, 288: 0, 292: 8 }, [7, 8]],
    ['nothing there', {}, []],
    ['the return address is not there', { 256: 0x120 }, []],
    ['a chain that leads downwards', { 256: 0x80, 260: 7, 128: 0x100, 132: 8 }, [7]],
    ['a frame that is its own caller', { 256: 0x100, 260: 7 }, [7]],
    ['a frame too large', { 256: 0x2_0000, 260: 7, 131072: 0, 131076: 8 }, [7]],
    ['no return address', { 256: 0x120, 260: 0, 288: 0, 292: 8 }, []],
  ])('%s', (_name, words, returns) => assert.deepEqual(walkStack(memory(words), 0x100), returns));

  test('it is bounded, at the top of memory, too', () => {
    assert.lengthOf(walkStack({ read32: (linear) => linear + 8 }, 0x1000), 64);
    assert.deepEqual(walkStack({ read32: () => 0xffff_ffff }, 0xffff_fffc), []);
    assert.deepEqual(walkStack({ read32: () => 0xffff_ffff }, 0), []);
  });

  test('whatever memory and EBP hold, it ends', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.infiniteStream(fc.option(fc.nat(0xffff_ffff), { nil: undefined })), (frame, words) => {
        const found = walkStack({ read32: () => words.next().value }, frame);
        assert.isAtMost(found.length, 64);
        for (const address of found) assert.isTrue(Number.isInteger(address) && address > 0 && address <= 0xffff_ffff);
      }),
    );
  });
});

describe('looking at memory', () => {
  const [DIRECTORY, TABLE] = [0x1000, 0x2000];

  function paged(): { machine: BareMachine; peek: PeekMemory } {
    const machine = new BareMachine();
    machine.enterFlat(0x8000);
    const { u32 } = machine.memory;
    u32[(CR >> 2) + 6] = DIRECTORY;
    u32[CR >> 2]! |= 0x8000_0000;
    machine.cpu.modeChanged();
    return { machine, peek: new PeekMemory(u32, machine.cpu.kernels) };
  }

  test('goes through the page tables and leaves no accessed bit', () => {
    const { machine, peek } = paged();
    machine.write32(DIRECTORY + 4 * 0x300, TABLE | 3);
    machine.write32(TABLE + 4 * 5, 0x9000 | 3);
    machine.write32(0x9010, 0x1234_5678);
    assert.equal(peek.read32(0xc000_5010), 0x1234_5678);
    assert.deepEqual([machine.read32(DIRECTORY + 4 * 0x300), machine.read32(TABLE + 4 * 5)], [TABLE | 3, 0x9000 | 3]);
    for (const linear of [0xc000_5011, 0xc000_6000, 0xc040_0000, 0]) assert.isUndefined(peek.read32(linear), linear.toString(16));
  });

  test('never asks a device, not even where the tables are said to be', () => {
    const { machine, peek } = paged();
    machine.write32(DIRECTORY + 4 * 0x300, 0xe000_0000 | 3);
    machine.write32(DIRECTORY + 4 * 0x301, TABLE | 3);
    machine.write32(TABLE, 0xfec0_0000 | 3);
    assert.isUndefined(peek.read32(0xc000_0000), 'a page table in a device');
    assert.isUndefined(peek.read32(0xc040_0000), 'a page in a device');
    machine.memory.u32[(CR >> 2) + 6] = 0xfee0_0000;
    assert.isUndefined(peek.read32(0xc000_0000), 'a page directory in a device');
    assert.equal(machine.memory.u32[(PHYSICAL_READ >> 2) + 0xfee00], PHYSICAL_MMIO);
  });

  test('whatever tables, CR3 and EBP a guest makes, a sample is taken and the guest does not change', () => {
    const { machine } = paged();
    const { u32, u8 } = machine.memory;
    const profiler = new GuestProfiler(machine.memory, machine.cpu.kernels, 1000);
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), fc.array(fc.nat(0xffff_ffff), { maxLength: 64 }), (cr3, ebp, entries) => {
        for (const [i, entry] of entries.entries()) machine.write32(DIRECTORY + 4 * ((i * 37) % 1024), entry);
        u32[(CR >> 2) + 6] = cr3;
        u32[(GPR >> 2) + 10] = ebp;
        const before = u8.slice(0, 0x900);
        profiler.sample(1000, 1);
        assert.deepEqual(u8.slice(0, 0x900), before);
        const [stack] = profiler.take();
        assert.equal(stack!.addresses[0], 0x8000);
        assert.isAtMost(stack!.addresses.length, 65);
      }),
    );
  });

  test('more stacks than there is room for are one without addresses', () => {
    const { machine } = paged();
    const profiler = new GuestProfiler(machine.memory, machine.cpu.kernels, 1000);
    for (let i = 0; i < 20_000; i++) {
      machine.memory.u32[(CR >> 2) + 6] = i << 12;
      profiler.sample(10, 1);
    }
    const stacks = profiler.take();
    assert.lengthOf(stacks, 16_385);
    assert.equal(stacks.at(-1)!.instructions, 10 * (20_000 - 16_384));
    assert.deepEqual(profiler.take(), []);
  });
});
