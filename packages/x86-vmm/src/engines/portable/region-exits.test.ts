import { assert, beforeEach, describe, test } from 'vitest';
import { createLinearMemory, type LinearMemory } from '../../cpu/mmu/linear-memory.js';
import { REGION_EXITS, REGION_EXITS_COUNT, REGION_EXITS_ENTRIES } from '../../cpu/state.js';
import { RegionExits } from './region-exits.js';

const [REGION, SITE] = [7, 0x1000];
const isLive = (region: number): boolean => region === REGION;

describe('exits of regions', () => {
  let memory: LinearMemory;
  let exits: RegionExits;
  beforeEach(() => {
    memory = createLinearMemory(1);
    exits = new RegionExits(memory);
  });

  /** As a region writes them (region-builder.ts). */
  function leave(target: number, times: number, region = REGION): void {
    const { u32 } = memory;
    for (let i = 0; i < times; i++) {
      const at = (REGION_EXITS >> 2) + 4 * (u32[REGION_EXITS_COUNT >> 2]! % REGION_EXITS_ENTRIES);
      u32.set([region, SITE, target], at);
      u32[REGION_EXITS_COUNT >> 2]!++;
    }
  }

  test('a region that is left often is named once, with its targets by frequency', () => {
    const named: number[] = [];
    for (let i = 0; i < 8; i++) {
      leave(0x2000, 10);
      leave(0x3000, 30);
      named.push(...exits.read(1000, isLive));
    }
    assert.deepEqual(named, [REGION]);
    assert.deepEqual([...exits.take(REGION)], [[SITE, [0x3000, 0x2000]]]);
    assert.deepEqual([...exits.take(REGION)], []);
  });

  test('targets that hardly ever occur are left out', () => {
    for (let i = 0; i < 6; i++) {
      leave(0x4000 + i, 1);
      leave(0x2000, 60);
      exits.read(1000, isLive);
    }
    assert.deepEqual([...exits.take(REGION)], [[SITE, [0x2000]]]);
  });

  test('exits that are rare for the work between them are no reason for new code', () => {
    for (let i = 0; i < 20; i++) {
      leave(0x2000, 20);
      assert.deepEqual(exits.read(1_000_000, isLive), []);
    }
  });

  test('exits of a region that is gone are not counted', () => {
    for (let i = 0; i < 10; i++) {
      leave(0x2000, 60, REGION + 1);
      assert.deepEqual(exits.read(1000, isLive), []);
    }
    assert.deepEqual([...exits.take(REGION + 1)], []);
  });

  test('more exits than the ring holds, and a count that wraps', () => {
    memory.u32[REGION_EXITS_COUNT >> 2] = 0xffff_fff0;
    exits = new RegionExits(memory);
    const named: number[] = [];
    for (let i = 0; i < 4; i++) {
      leave(0x2000, 500);
      named.push(...exits.read(5000, isLive));
    }
    assert.deepEqual(named, [REGION]);
    assert.deepEqual([...exits.take(REGION)], [[SITE, [0x2000]]]);
  });
});
