import { assert, beforeEach, describe, test } from 'vitest';
import { CPL, CR, DR, FAULT, FAULT_ERROR, PENDING_DEBUG, RAM, TLB_LIST_COUNT, TLB_WRITE, VIDEO_DIRTY } from '../state.js';
import { flatMachine } from '../support/flat-machine.js';
import { BusMasterMemory } from './bus-master-memory.js';

/* SDM Vol. 3A chapter 4: 32-bit paging. */

const machine = flatMachine();
const { cpu, kernels, peek, poke, map, hooks } = machine;
const { u32, u8 } = cpu;
const DIRECTORY = 0x10_0000;
const TABLE = 0x10_1000;
/** The linear page under test; its table entry. */
const LINEAR = 0x40_5000;
const ENTRY = TABLE + 5 * 4;
const FRAME = 0x5000;
const [P, W, U, A, D, PS, G] = [1, 2, 4, 0x20, 0x40, 0x80, 0x100] as const;
const [WP, PG] = [0x1_0000, 0x8000_0000];

function paging({
  pde = P | W | U,
  pte = P | W | U,
  user = false,
  cr0 = 0,
  cr4 = 0x90,
}: {
  pde?: number;
  pte?: number;
  user?: boolean;
  cr0?: number;
  cr4?: number;
}): void {
  poke(DIRECTORY + 4, TABLE | pde);
  poke(ENTRY, FRAME | pte);
  // The first 4 MiB of linear addresses are the identity.
  poke(DIRECTORY, 0x87);
  u32[CR >> 2] = (PG | 1 | cr0) >>> 0;
  u32[(CR + 24) >> 2] = DIRECTORY;
  u32[(CR + 32) >> 2] = cr4;
  u32[CPL >> 2] = user ? 3 : 0;
  cpu.modeChanged();
  cpu.flushTranslations(true);
}

/** `ok`, or the error code of the page fault. */
function outcome(write: boolean): string | number {
  if (write) kernels.write32(LINEAR + 8, 0x1234);
  else kernels.read32(LINEAR + 8);
  const fault = u32[FAULT >> 2]!;
  u32[FAULT >> 2] = 0;
  if (fault === 0) return 'ok';
  assert.equal(fault, 15, 'a page fault is vector 14');
  assert.equal(u32[(CR + 16) >> 2], LINEAR + 8, 'CR2');
  return u32[FAULT_ERROR >> 2]!;
}

beforeEach(() => machine.clear());

describe('access rights (SDM Vol. 3A 4.6.1, error codes 4.7)', () => {
  // directory entry, table entry, user, CR0 bits -> read, write
  const rows: [string, number, number, boolean, number, string | number, string | number][] = [
    ['supervisor, page for supervisors', P | W, P | W, false, 0, 'ok', 'ok'],
    ['directory entry not present', 0, P | W | U, false, 0, 0, 2],
    ['table entry not present', P | W | U, 0, false, 0, 0, 2],
    ['not present, user', P | W | U, 0, true, 0, 4, 6],
    ['supervisor page, user', P | W | U, P | W, true, 0, 5, 7],
    ['supervisor by the directory, user', P | W, P | W | U, true, 0, 5, 7],
    ['read-only page, user', P | W | U, P | U, true, 0, 'ok', 7],
    ['read-only by the directory, user', P | U, P | W | U, true, 0, 'ok', 7],
    ['read-only page, supervisor, WP = 0', P | W | U, P | U, false, 0, 'ok', 'ok'],
    ['read-only page, supervisor, WP = 1', P | W | U, P | U, false, WP, 'ok', 3],
    ['read-only by the directory, supervisor, WP = 1', P | U, P | W | U, false, WP, 'ok', 3],
    ['writable for everyone, user', P | W | U, P | W | U, true, WP, 'ok', 'ok'],
  ];
  for (const [name, pde, pte, user, cr0, read, write] of rows) {
    test(`${name}: read`, () => {
      paging({ pde, pte, user, cr0 });
      assert.equal(outcome(false), read);
    });
    test(`${name}: write`, () => {
      paging({ pde, pte, user, cr0 });
      assert.equal(outcome(true), write);
    });
    test(`${name}: write after a read has entered the translation`, () => {
      paging({ pde, pte, user, cr0 });
      outcome(false);
      assert.equal(outcome(true), write);
    });
  }
});

describe('accessed and dirty bits (SDM Vol. 3A 4.8)', () => {
  test('a read sets accessed in both entries and dirty in none', () => {
    paging({});
    outcome(false);
    assert.equal(peek(DIRECTORY + 4) & 0xfff, P | W | U | A);
    assert.equal(peek(ENTRY) & 0xfff, P | W | U | A);
  });
  test('a write sets dirty in the table entry only', () => {
    paging({});
    outcome(true);
    assert.equal(peek(DIRECTORY + 4) & 0xfff, P | W | U | A);
    assert.equal(peek(ENTRY) & 0xfff, P | W | U | A | D);
  });
  test('a write after a read still sets dirty', () => {
    paging({});
    outcome(false);
    outcome(true);
    assert.equal(peek(ENTRY) & 0xfff, P | W | U | A | D);
  });
  test('a refused access sets nothing', () => {
    paging({ pte: P | U, user: true });
    outcome(true);
    assert.equal(peek(DIRECTORY + 4) & 0xfff, P | W | U);
    assert.equal(peek(ENTRY) & 0xfff, P | U);
  });
  test('a write through a large page sets accessed and dirty in its directory entry', () => {
    paging({});
    poke(DIRECTORY + 4, P | W | U | PS);
    kernels.write8(0x40_0123, 0x5a);
    assert.equal(peek(DIRECTORY + 4), P | W | U | PS | A | D);
    assert.equal(u8[RAM + 0x123], 0x5a);
  });
});

describe('large pages (SDM Vol. 3A table 4-4)', () => {
  test('bits 31..22 come from the entry, 21..0 from the address', () => {
    paging({});
    poke(DIRECTORY + 4, P | W | U | PS);
    poke(0x2_3454, 0xcafe);
    assert.equal(kernels.read32(0x42_3454), 0xcafe);
  });
  test('PS is ignored while CR4.PSE is clear', () => {
    paging({ cr4: 0 });
    poke(DIRECTORY + 4, TABLE | P | W | U | PS);
    poke(FRAME + 8, 0xbeef);
    assert.equal(kernels.read32(LINEAR + 8), 0xbeef);
  });
  test('INVLPG drops the whole 4 MiB region of a large page', () => {
    paging({});
    poke(DIRECTORY + 4, P | W | U | PS);
    kernels.read32(0x40_0000);
    kernels.read32(0x50_0000);
    poke(DIRECTORY + 4, 0);
    cpu.invalidatePage(0x50_0000);
    kernels.read32(0x40_0000);
    assert.equal(u32[FAULT >> 2], 15);
  });
});

describe('translations live as long as they may (SDM Vol. 3A 4.10)', () => {
  const unmap = () => poke(ENTRY, 0);
  test('without a flush the old translation is used', () => {
    paging({});
    outcome(false);
    unmap();
    assert.equal(outcome(false), 'ok');
  });
  test('INVLPG drops one page', () => {
    paging({});
    outcome(false);
    unmap();
    cpu.invalidatePage(LINEAR);
    assert.equal(outcome(false), 0);
  });
  test('a CR3 load drops a page that is not global', () => {
    paging({});
    outcome(false);
    unmap();
    cpu.flushTranslations(false);
    assert.equal(outcome(false), 0);
  });
  test('a CR3 load keeps a global page', () => {
    paging({ pte: P | W | U | G });
    outcome(false);
    unmap();
    cpu.flushTranslations(false);
    assert.equal(outcome(false), 'ok');
    cpu.flushTranslations(true);
    assert.equal(outcome(false), 0);
  });
  test('G means nothing while CR4.PGE is clear', () => {
    paging({ pte: P | W | U | G, cr4: 0x10 });
    outcome(false);
    unmap();
    cpu.flushTranslations(false);
    assert.equal(outcome(false), 0);
  });
  test('more pages than the list holds drop the oldest and stay right', () => {
    machine.clear();
    for (let page = 0; page < 70_000; page++) kernels.read8((page * 0x1000) % 0x40_0000);
    assert.isBelow(u32[TLB_LIST_COUNT >> 2]!, 0x1_0001);
    poke(0x3_0000, 0x77);
    assert.equal(kernels.read32(0x3_0000), 0x77);
  });
  test('a user access does not use a supervisor translation', () => {
    paging({ pte: P | W });
    outcome(false);
    u32[CPL >> 2] = 3;
    cpu.modeChanged();
    assert.equal(outcome(false), 5);
  });
});

describe('accesses across pages', () => {
  const END = LINEAR + 0xffe;
  const second = (flags: number) => poke(ENTRY + 4, 0x9000 | flags);
  test('a read joins the bytes of both frames', () => {
    paging({});
    second(P | W | U);
    u8.set([0x11, 0x22], RAM + FRAME + 0xffe);
    u8.set([0x33, 0x44], RAM + 0x9000);
    assert.equal(kernels.read32(END), 0x4433_2211);
    assert.equal(kernels.read16(END + 1), 0x3322);
    u8.set([0x55, 0x66, 0x77, 0x88], RAM + 0x9002);
    assert.equal(BigInt.asUintN(64, kernels.read64(END)), 0x8877_6655_4433_2211n);
  });
  test('a write that faults on its second page has written nothing, and CR2 is that page', () => {
    paging({});
    second(0);
    kernels.write32(END, 0x1234_5678);
    assert.equal(u32[FAULT >> 2], 15);
    assert.equal(u32[(CR + 16) >> 2], LINEAR + 0x1000);
    assert.equal(peek(FRAME + 0xffc), 0);
  });
  test('a write goes to both frames', () => {
    paging({});
    second(P | W | U);
    kernels.write64(END, 0x8877_6655_4433_2211n);
    assert.deepEqual([...u8.subarray(RAM + FRAME + 0xffe, RAM + FRAME + 0x1000)], [0x11, 0x22]);
    assert.deepEqual([...u8.subarray(RAM + 0x9000, RAM + 0x9006)], [0x33, 0x44, 0x55, 0x66, 0x77, 0x88]);
  });
  test('the last byte of the address space is followed by the first', () => {
    u8[RAM] = 0x42;
    assert.equal(kernels.read16(0xffff_ffff), 0x42ff);
  });
});

test('A20 closed: bit 20 of physical addresses is 0, of table walks too', () => {
  poke(0x1234, 0x11);
  poke(0x10_1234, 0x22);
  assert.equal(kernels.read32(0x10_1234), 0x22);
  cpu.setA20(false);
  assert.equal(kernels.read32(0x10_1234), 0x11);
  cpu.setA20(true);
  assert.equal(kernels.read32(0x10_1234), 0x22);
});

test('accesses without memory behind them go to the bus, 8 bytes as two', () => {
  const seen: string[] = [];
  hooks.mmioRead = (physical, bytes) => {
    seen.push(`r${physical.toString(16)}/${bytes}`);
    return 0x80;
  };
  hooks.mmioWrite = (physical, value, bytes) => void seen.push(`w${physical.toString(16)}/${bytes}=${value.toString(16)}`);
  assert.equal(kernels.read8(0xfee0_0020), 0x80);
  kernels.write32(0xfee0_0030, -1);
  kernels.write64(0xfee0_0040, 0x1_0000_0002n);
  assert.deepEqual(seen, ['rfee00020/1', 'wfee00030/4=ffffffff', 'wfee00040/4=2', 'wfee00044/4=1']);
});

test('translateFetch gives the host address and the physical one, or the fault of a fetch', () => {
  paging({});
  assert.equal(kernels.translateFetch(LINEAR + 0x10) >>> 0, RAM + FRAME + 0x10);
  assert.equal(u32[0x640 >> 2], FRAME + 0x10);
  assert.equal(kernels.translateFetch(0x7fff_0000), 0);
  assert.equal(u32[FAULT_ERROR >> 2], 0);
});

describe('decoded code', () => {
  const writes: [number, number][] = [];
  beforeEach(() => {
    writes.length = 0;
    hooks.codeWritten = (physical, bytes) => void writes.push([physical, bytes]);
    u8.fill(0, 0x0200_0000, 0x0290_0000);
  });
  test('a page that becomes code loses its write translation, and only writes to code granules are told', () => {
    kernels.write32(0x6000, 1);
    assert.equal(u32[(u32[TLB_WRITE >> 2]! + 6 * 4) >> 2]! & 1, 0);
    kernels.markCode(0x6040, 10);
    assert.equal(u32[(u32[TLB_WRITE >> 2]! + 6 * 4) >> 2]! & 1, 1);
    kernels.write32(0x6000, 2);
    kernels.write32(0x6080, 3);
    assert.deepEqual(writes, []);
    kernels.write16(0x607e, 4);
    kernels.write32(0x603e, 5);
    assert.deepEqual(writes, [
      [0x607e, 2],
      [0x603e, 4],
    ]);
    assert.equal(peek(0x6000), 2);
  });
  test('a bus master tells of code too', () => {
    kernels.markCode(0x7000, 64);
    const dma = new BusMasterMemory(machine.memory, hooks.codeWritten);
    dma.write(0x6ff0, new Uint8Array(0x20).fill(9));
    assert.deepEqual(writes, [[0x7000, 0x10]]);
    dma.write(0x7040, new Uint8Array(4));
    assert.equal(writes.length, 1);
    const into = new Uint8Array(4);
    dma.read(0x6ffe, into);
    assert.deepEqual([...into], [9, 9, 9, 9]);
    dma.read(0xf000_0000, into);
    assert.deepEqual([...into], [255, 255, 255, 255]);
  });
});

test('video memory: the first write of each page marks it dirty, again after disarming', () => {
  map.map(0xe000_0000, 0x2000, { region: 'vram', offset: 0 }, { region: 'vram', offset: 0 });
  u8.fill(0, VIDEO_DIRTY, VIDEO_DIRTY + 2);
  kernels.read8(0xe000_1000);
  assert.equal(u8[VIDEO_DIRTY + 1], 0);
  kernels.write8(0xe000_1000, 7);
  assert.equal(u8[VIDEO_DIRTY + 1], 1);
  u8[VIDEO_DIRTY + 1] = 0;
  kernels.write8(0xe000_1001, 7);
  assert.equal(u8[VIDEO_DIRTY + 1], 0, 'armed: the write is direct');
  kernels.disarmVideoWrites();
  kernels.write8(0xe000_1002, 7);
  assert.equal(u8[VIDEO_DIRTY + 1], 1);
  assert.equal(u8[VIDEO_DIRTY], 0);
});

describe('data breakpoints (SDM Vol. 3B 17.2.4, 17.2.5)', () => {
  const watch = (address: number, kind: number, length: number) => {
    u32[DR >> 2] = address;
    u32[(DR + 56) >> 2] = 0x401 | (kind << 16) | (length << 18);
    cpu.modeChanged();
    cpu.flushTranslations(true);
    u32[PENDING_DEBUG >> 2] = 0;
  };
  // kind (1 write, 3 access), length code, accessed address and bytes, write -> met
  const rows: [string, number, number, number, number, boolean, number][] = [
    ['write watched, write hits', 1, 3, 0x6104, 4, true, 1],
    ['write watched, read passes', 1, 3, 0x6104, 4, false, 0],
    ['access watched, read hits', 3, 3, 0x6104, 4, false, 1],
    ['byte watched, neighbour passes', 3, 0, 0x6105, 1, false, 0],
    ['four bytes watched, write over the front hits', 1, 3, 0x6102, 4, true, 1],
    ['four bytes watched, write before passes', 1, 3, 0x6100, 4, true, 0],
    ['two bytes watched, last byte hits', 1, 1, 0x6105, 1, true, 1],
  ];
  for (const [name, kind, length, address, bytes, write, met] of rows)
    test(name, () => {
      watch(0x6104, kind, length);
      // Twice: the first access must not enter a translation that hides the second.
      for (let i = 0; i < 2; i++) {
        u32[PENDING_DEBUG >> 2] = 0;
        if (write) bytes === 4 ? kernels.write32(address, 1) : kernels.write8(address, 1);
        else bytes === 4 ? kernels.read32(address) : kernels.read8(address);
      }
      assert.equal(u32[PENDING_DEBUG >> 2], met);
    });
});
