import { assert, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { MODE_0D, MODE_03, MODE_04, MODE_12, MODE_13, MODE_X, type ModeTable } from '../support/vga-modes.js';
import { Vga } from './vga.js';

const VRAM_BYTES = 1 << 20;

/** xorshift32: the same sequence for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function adapter(vram = new Uint8Array(VRAM_BYTES)) {
  const dirty = new Uint8Array(VRAM_BYTES >> 12);
  const vga = new Vga({ clock: new ManualClock(), vram, dirty: { dirty, rearm: () => {} }, map: { map: () => {} } });
  const write = (port: number, value: number, size: 1 | 2 = 1) => {
    const range = vga.ports.find(({ base, length }) => port >= base && port < base + length)!;
    vga.writePort(range, port - range.base, size, value);
  };
  const read = (port: number) => {
    const range = vga.ports.find(({ base, length }) => port >= base && port < base + length)!;
    return vga.readPort(range, port - range.base, 1);
  };
  return { vga, vram, dirty, write, read };
}

function setMode({ write, read }: ReturnType<typeof adapter>, table: ModeTable): void {
  write(0x3c2, table.misc);
  table.seq.forEach((value, index) => {
    write(0x3c4, index);
    write(0x3c5, value);
  });
  write(0x3d4, 0x11);
  write(0x3d5, 0);
  table.crtc.forEach((value, index) => {
    write(0x3d4, index);
    write(0x3d5, value);
  });
  table.gfx.forEach((value, index) => {
    write(0x3ce, index);
    write(0x3cf, value);
  });
  for (const [index, value] of table.attr.entries()) {
    read(0x3da);
    write(0x3c0, index);
    write(0x3c0, value);
  }
  write(0x3c0, 0x20);
  for (let i = 0; i < 768; i++) write(0x3c9, (i * 7) & 0x3f);
}

/** The whole picture, drawn by a new adapter from the same registers and video memory. */
function drawnAfresh(from: ReturnType<typeof adapter>): Uint32Array {
  const copy = adapter(from.vram);
  copy.vga.restore(structuredClone(from.vga.save()));
  const frame = new Uint32Array(copy.vga.widthPx * copy.vga.heightPx);
  copy.vga.render(frame, copy.vga.widthPx);
  return frame;
}

const linear = (bpp: number) => (a: ReturnType<typeof adapter>) => {
  for (const [index, value] of [
    [4, 0],
    [1, 320],
    [2, 200],
    [3, bpp],
    [4, 0x41],
  ] as const) {
    a.write(0x1ce, index, 2);
    a.write(0x1cf, value, 2);
  }
  a.read(0x3da);
  a.write(0x3c0, 0x20);
};
const legacy = (table: ModeTable) => (a: ReturnType<typeof adapter>) => setMode(a, table);

test.each([
  ['text', legacy(MODE_03), 0x18000],
  ['CGA', legacy(MODE_04), 0x18000],
  ['0Dh', legacy(MODE_0D), 0],
  ['12h', legacy(MODE_12), 0],
  ['13h', legacy(MODE_13), 0],
  ['X', legacy(MODE_X), 0],
  ['linear 4', linear(4), 0],
  ['linear 8', linear(8), 0],
  ['linear 16', linear(16), 0],
  ['linear 24', linear(24), 0],
  ['linear 32', linear(32), 0],
])('%s: a picture kept up by damage equals one drawn afresh, and everything that changed is inside the damage', (_name, enter, window) => {
  const a = adapter();
  const next = random(0x2545_f491);
  enter(a);
  const { widthPx, heightPx } = a.vga;
  const frame = new Uint32Array(widthPx * heightPx);
  a.vga.render(frame, widthPx);
  const [range] = a.vga.memory;
  for (let round = 0; round < 25; round++) {
    for (let i = next(6); i >= 0; i--) {
      if (next(3) > 0) a.vga.writeMemory(range!, window + next(0x4000), 1, next(256));
      else {
        const at = next(0x40000);
        a.vram[at] = next(256);
        a.dirty[at >> 12] = 1;
      }
    }
    const before = frame.slice();
    const damage = a.vga.render(frame, widthPx);
    const outside = before.findIndex((dot, i) => dot !== frame[i] && !damage.some((r) => inside(r, i % widthPx, Math.floor(i / widthPx))));
    assert.equal(outside, -1);
    assert.deepEqual(frame, drawnAfresh(a));
  }
});

const inside = (r: { x: number; y: number; width: number; height: number }, x: number, y: number) =>
  x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;

test('a guest that writes anything anywhere gets a picture within bounds, and the damage stays in it', () => {
  const next = random(0x1234_5677);
  const a = adapter();
  const ports = a.vga.ports.flatMap(({ base, length }) => Array.from({ length }, (_, i) => base + i));
  const [range] = a.vga.memory;
  const frame = new Uint32Array(1920 * 1200);
  for (let round = 0; round < 400; round++) {
    for (let i = 0; i < 60; i++) {
      const port = ports[next(ports.length)]!;
      a.write(port, next(port < 0x1d1 ? 0x800 : 256), port < 0x1d1 ? 2 : 1);
      a.read(ports[next(ports.length)]!);
      a.vga.writeMemory(range!, next(0x1fffd), 4, next(0xffff_ffff));
      a.vga.readMemory(range!, next(0x1fffd), 4);
      a.dirty[next(a.dirty.length)] = 1;
    }
    const { widthPx, heightPx } = a.vga;
    assert.isTrue(widthPx > 0 && widthPx <= 1920 && heightPx > 0 && heightPx <= 1200);
    for (const { x, y, width, height } of a.vga.render(frame, widthPx)) {
      assert.isTrue(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= widthPx && y + height <= heightPx);
    }
    for (const { x, width } of a.vga.blinkingCells) assert.isTrue(x >= 0 && x + width <= widthPx);
    const { cursor } = a.vga;
    assert.isTrue(!cursor || cursor.y + cursor.height <= heightPx);
    assert.isTrue((a.vga.text?.cells.length ?? 0) <= 256 * 1200 * 2);
  }
});
