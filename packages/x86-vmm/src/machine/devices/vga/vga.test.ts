import { assert, test } from 'vitest';
import type { Backing } from '../../../bus/guest-memory.js';
import { ManualClock } from '../support/manual-clock.js';
import { MODE_0D, MODE_03, MODE_04, MODE_06, MODE_07, MODE_12, MODE_13, MODE_X, type ModeTable } from '../support/vga-modes.js';
import { Vga } from './vga.js';

const VRAM_BYTES = 16 << 20;

/** A VGA on a bench: ports and window by address, and a frame that `shown` keeps up to date. */
function bench() {
  const clock = new ManualClock();
  const vram = new Uint8Array(VRAM_BYTES);
  const dirty = { dirty: new Uint8Array(VRAM_BYTES >> 12), rearmed: 0, rearm: () => void dirty.rearmed++ };
  const mapped: (Backing | undefined)[] = [];
  const vga = new Vga({ clock, vram, dirty, map: { map: (_base, _length, read) => void mapped.push(read) } });
  const frame = new Uint32Array(1920 * 1200);
  const rangeOf = (port: number) => vga.ports.find(({ base, length }) => port >= base && port < base + length)!;
  const out = (port: number, value: number) => vga.writePort(rangeOf(port), port - rangeOf(port).base, 1, value);
  const input = (port: number) => vga.readPort(rangeOf(port), port - rangeOf(port).base, 1);
  const indexed = (port: number, index: number, value: number) => {
    out(port, index);
    out(port + 1, value);
  };
  const [window] = vga.memory;
  const poke = (address: number, value: number) => vga.writeMemory(window!, address - 0xa0000, 1, value);
  const peek = (address: number) => vga.readMemory(window!, address - 0xa0000, 1);
  const dispiRange = rangeOf(0x1ce);
  const dispi = (index: number, value: number) => {
    vga.writePort(dispiRange, 0, 2, index);
    vga.writePort(dispiRange, 1, 2, value);
  };
  const dispiRead = (index: number) => {
    vga.writePort(dispiRange, 0, 2, index);
    return vga.readPort(dispiRange, 1, 2);
  };
  const color = (index: number, red: number, green: number, blue: number) => {
    out(0x3c8, index);
    for (const component of [red, green, blue]) out(0x3c9, component);
  };
  const attribute = (index: number, value: number) => {
    input(vga.save().registers.misc & 1 ? 0x3da : 0x3ba);
    out(0x3c0, index);
    out(0x3c0, value);
    out(0x3c0, 0x20);
  };
  const mode = (table: ModeTable) => {
    out(0x3c2, table.misc);
    table.seq.forEach((value, index) => void indexed(0x3c4, index, value));
    const crtc = table.misc & 1 ? 0x3d4 : 0x3b4;
    indexed(crtc, 0x11, 0);
    table.crtc.forEach((value, index) => void indexed(crtc, index, value));
    table.gfx.forEach((value, index) => void indexed(0x3ce, index, value));
    table.attr.forEach((value, index) => void attribute(index, value));
    // Grey ramp: entry i is (i, i, i), so that a dot tells its DAC index.
    for (let i = 0; i < 64; i++) color(i, i, i, i);
  };
  const linear = (width: number, height: number, bpp: number, extra = 0) => {
    dispi(4, 0);
    dispi(1, width);
    dispi(2, height);
    dispi(3, bpp);
    dispi(4, 0x41 | extra);
    input(0x3da);
    out(0x3c0, 0x20);
  };
  const store = (at: number, ...bytes: number[]) => {
    vram.set(bytes, at);
    dirty.dirty[at >> 12] = 1;
  };
  const render = () => vga.render(frame, vga.widthPx);
  /** `count` dots of line `y` from `x` on, as 0xRRGGBB. */
  const dots = (x: number, y: number, count: number) =>
    Array.from(frame.subarray(y * vga.widthPx + x, y * vga.widthPx + x + count), (dot) => dot & 0xff_ffff);
  return {
    vga,
    clock,
    vram,
    dirty,
    mapped,
    out,
    input,
    indexed,
    poke,
    peek,
    dispi,
    dispiRead,
    color,
    attribute,
    mode,
    linear,
    store,
    render,
    dots,
  };
}

/** The dot of grey ramp entry `i`: 6 bits widened to 8. */
const grey = (i: number) => ((i << 2) | (i >> 4)) * 0x01_0101;
const G = (...entries: number[]) => entries.map(grey);

test('mode 3: a 9-dot cell shows its glyph in foreground on background, the ninth column in background', () => {
  const b = bench();
  b.mode(MODE_03);
  b.vram[4 * (0x41 * 32 + 0) + 2] = 0b1010_0001;
  b.poke(0xb8000, 0x41);
  b.poke(0xb8001, 0x17);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [720, 400]);
  assert.deepEqual(b.dots(0, 0, 9), G(7, 1, 7, 1, 1, 1, 1, 7, 1));
});

test('characters C0 to DF repeat the eighth column in the ninth when LINE_GRAPHICS is set (attribute mode bit 2)', () => {
  const b = bench();
  b.mode(MODE_03);
  b.vram[4 * (0xc4 * 32) + 2] = 0x01;
  b.vram[4 * (0xe0 * 32) + 2] = 0x01;
  b.poke(0xb8000, 0xc4);
  b.poke(0xb8001, 0x07);
  b.poke(0xb8002, 0xe0);
  b.poke(0xb8003, 0x07);
  b.render();
  assert.deepEqual(b.dots(7, 0, 2), G(7, 7));
  assert.deepEqual(b.dots(16, 0, 2), G(7, 0));
});

test('text damage is the cells that changed, and nothing when the same cell is written again', () => {
  const b = bench();
  b.mode(MODE_03);
  b.render();
  b.poke(0xb8000 + (160 * 2 + 10), 0x42);
  assert.deepEqual(b.render(), [{ x: 5 * 9, y: 32, width: 9, height: 16 }]);
  b.poke(0xb8000 + (160 * 2 + 10), 0x42);
  assert.deepEqual(b.render(), []);
});

test('a scrolled start address damages only the cells that differ, and the cell array follows', () => {
  const b = bench();
  b.mode(MODE_03);
  b.poke(0xb8000 + 160, 0x5a);
  b.render();
  b.indexed(0x3d4, 0x0d, 80);
  assert.deepEqual(b.render(), [{ x: 0, y: 0, width: 9, height: 32 }]);
  assert.equal(b.vga.text!.cells[0], 0x5a);
  assert.deepEqual([b.vga.text!.columns, b.vga.text!.rows], [80, 25]);
});

test('attribute bit 7 blinks: background is bits 4 to 6, and the cell is listed until it stops', () => {
  const b = bench();
  b.mode(MODE_03);
  b.poke(0xb8001, 0x97);
  b.render();
  assert.deepEqual(b.dots(0, 0, 1), G(1));
  assert.deepEqual(b.vga.blinkingCells, [{ x: 0, y: 0, width: 9, height: 16, background: grey(1) }]);
  assert.strictEqual(b.vga.blinkingCells, b.vga.blinkingCells);
  b.attribute(0x10, 0x04);
  b.render();
  assert.deepEqual(b.dots(0, 0, 1), [grey(9)]);
  assert.deepEqual(b.vga.blinkingCells, []);
});

test('two fonts: attribute bit 3 takes the glyph from character map A (sequencer register 3)', () => {
  const b = bench();
  b.mode(MODE_03);
  b.indexed(0x3c4, 3, 0x04);
  b.vram[4 * (0x4000 + 0x30 * 32) + 2] = 0xff;
  b.poke(0xb8000, 0x30);
  b.poke(0xb8001, 0x0f);
  b.poke(0xb8002, 0x30);
  b.poke(0xb8003, 0x07);
  b.render();
  assert.deepEqual(b.dots(7, 0, 3), [grey(0x0f), grey(0), grey(0)]);
});

test('mode 7 underlines attribute 1 on the underline row', () => {
  const b = bench();
  b.mode(MODE_07);
  b.poke(0xb0000, 0x20);
  b.poke(0xb0001, 0x01);
  b.render();
  assert.deepEqual(b.dots(0, 13, 9), Array(9).fill(grey(8)));
  assert.deepEqual(b.dots(0, 12, 1), [0]);
});

test('the cursor is where its location register says, in the colour of its cell, and gone when it is off', () => {
  const b = bench();
  b.mode(MODE_03);
  b.poke(0xb8000 + 2 * 83 + 1, 0x07);
  b.indexed(0x3d4, 0x0a, 13);
  b.indexed(0x3d4, 0x0b, 14);
  b.indexed(0x3d4, 0x0e, 0);
  b.indexed(0x3d4, 0x0f, 83);
  assert.deepEqual(b.vga.cursor, { x: 27, y: 29, width: 9, height: 2, color: grey(7) });
  b.indexed(0x3d4, 0x0a, 0x2d);
  assert.isUndefined(b.vga.cursor);
});

test('40 columns, 43 and 50 rows: half the dot clock doubles dots, a lower cell gives more rows', () => {
  const b = bench();
  b.mode(MODE_03);
  b.indexed(0x3d4, 9, 0x47);
  assert.deepEqual([b.vga.text!.rows, b.vga.heightPx], [50, 400]);
  b.indexed(0x3d4, 0x11, 0);
  b.indexed(0x3d4, 0x12, 0x57);
  b.indexed(0x3d4, 7, 0x1f);
  assert.equal(b.vga.text!.rows, 43);
  b.indexed(0x3d4, 1, 39);
  b.indexed(0x3c4, 1, 0x09);
  assert.deepEqual([b.vga.widthPx, b.vga.text!.columns], [640, 40]);
  b.vram[4 * 0x41 * 32 + 2] = 0x80;
  b.poke(0xb8000, 0x41);
  b.poke(0xb8001, 0x07);
  b.render();
  assert.deepEqual(b.dots(0, 0, 3), G(7, 7, 0));
});

test('mode 12h: write mode 0 through map mask and bit mask, one bit of each plane a dot', () => {
  const b = bench();
  b.mode(MODE_12);
  b.indexed(0x3c4, 2, 0x5);
  b.poke(0xa0000, 0b1100_0000);
  b.indexed(0x3c4, 2, 0x8);
  b.poke(0xa0000, 0b0110_0000);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [640, 480]);
  assert.deepEqual(b.dots(0, 0, 4), G(5, 0xd, 8, 0));
  b.indexed(0x3ce, 8, 0x01);
  b.indexed(0x3c4, 2, 0xf);
  b.peek(0xa0000 + 80);
  b.poke(0xa0000 + 80, 0xff);
  assert.deepEqual(b.render(), [{ x: 0, y: 0, width: 640, height: 13 }], 'one 4 KiB page is lines 0 to 12');
  assert.deepEqual(b.dots(6, 1, 3), G(0, 0xf, 0));
});

test('write mode 0: rotate, set/reset and the logical functions against the latches', () => {
  const b = bench();
  b.mode(MODE_12);
  b.vram.set([0xf0, 0x0f, 0xff, 0x00], 0);
  b.indexed(0x3ce, 3, 0x18 | 4);
  b.peek(0xa0000);
  b.poke(0xa0000, 0x1f);
  assert.deepEqual([...b.vram.subarray(0, 4)], [0x01, 0xfe, 0x0e, 0xf1], '0x1f rotated by 4 is 0xf1, exclusive-or');
  b.indexed(0x3ce, 3, 0x08);
  b.indexed(0x3ce, 0, 0x2);
  b.indexed(0x3ce, 1, 0x3);
  b.poke(0xa0000, 0x81);
  assert.deepEqual([...b.vram.subarray(0, 4)], [0x00, 0x0f, 0x81, 0x00], 'and: planes 0 and 1 from set/reset');
  b.indexed(0x3ce, 3, 0x10);
  b.poke(0xa0000, 0x01);
  assert.deepEqual([...b.vram.subarray(0, 4)], [0xf0, 0xff, 0xff, 0x01], 'or');
});

test('write modes 1, 2 and 3', () => {
  const b = bench();
  b.mode(MODE_12);
  b.vram.set([1, 2, 3, 4], 0);
  b.peek(0xa0000);
  b.indexed(0x3ce, 5, 1);
  b.poke(0xa0001, 0xff);
  assert.deepEqual([...b.vram.subarray(4, 8)], [1, 2, 3, 4]);
  b.indexed(0x3ce, 5, 2);
  b.indexed(0x3ce, 8, 0xf0);
  b.poke(0xa0002, 0x6);
  assert.deepEqual([...b.vram.subarray(8, 12)], [0x01, 0xf2, 0xf3, 0x04]);
  b.indexed(0x3ce, 5, 3);
  b.indexed(0x3ce, 0, 0x9);
  b.poke(0xa0003, 0x3c);
  assert.deepEqual([...b.vram.subarray(12, 16)], [0x31, 0x02, 0x03, 0x34], 'mask 3c and f0, set/reset 1001');
});

test('read mode 0 takes the selected map, read mode 1 compares colours of the planes that count', () => {
  const b = bench();
  b.mode(MODE_12);
  b.vram.set([0b1100, 0b1010, 0xff, 0x00], 0);
  b.indexed(0x3ce, 4, 1);
  assert.equal(b.peek(0xa0000), 0b1010);
  b.indexed(0x3ce, 5, 0x08);
  b.indexed(0x3ce, 2, 0x3);
  b.indexed(0x3ce, 7, 0x3);
  assert.equal(b.peek(0xa0000), 0b1000);
});

test('mode 0Dh: 320x200 in 16 colours is 640x400 dots', () => {
  const b = bench();
  b.mode(MODE_0D);
  b.indexed(0x3c4, 2, 0x2);
  b.poke(0xa0000 + 40, 0x80);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [640, 400]);
  assert.deepEqual([b.dots(0, 1, 1), b.dots(0, 2, 3), b.dots(0, 3, 2)], [G(0), G(2, 2, 0), G(2, 2)]);
});

test('mode 4: two bits a pixel, odd lines from the second 8 KiB', () => {
  const b = bench();
  b.mode(MODE_04);
  b.poke(0xb8000, 0b00_01_10_11);
  b.poke(0xb8001, 0b11_00_00_00);
  b.poke(0xba000, 0b10_00_00_00);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [640, 400]);
  assert.deepEqual(b.dots(0, 0, 10), G(0, 0, 0x13, 0x13, 0x15, 0x15, 0x17, 0x17, 0x17, 0x17));
  assert.deepEqual(b.dots(0, 2, 3), G(0x15, 0x15, 0));
});

test('mode 6: 640x200 in two colours with the interleave of the CGA', () => {
  const b = bench();
  b.mode(MODE_06);
  b.poke(0xb8000, 0x81);
  b.poke(0xba000, 0x40);
  b.poke(0xb8000 + 80, 0x20);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [640, 400]);
  assert.deepEqual(b.dots(0, 1, 8), G(0x17, 0, 0, 0, 0, 0, 0, 0x17));
  assert.deepEqual(b.dots(0, 2, 2), G(0, 0x17));
  assert.deepEqual(b.dots(0, 4, 3), G(0, 0, 0x17));
});

test('mode 13h: chain-4 bytes are pixels of two dots and two lines, and A0000 is mapped for direct stores', () => {
  const b = bench();
  b.mode(MODE_13);
  assert.deepEqual(b.mapped.at(-1), { region: 'vram', offset: 0 });
  b.store(0, 5, 6);
  b.store(320 * 199 + 319, 7);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [640, 400]);
  assert.deepEqual([b.dots(0, 0, 5), b.dots(0, 1, 2), b.dots(638, 399, 2)], [G(5, 5, 6, 6, 0), G(5, 5), G(7, 7)]);
});

test('mode X: unchained planes, 320x240, and no direct mapping', () => {
  const b = bench();
  b.mode(MODE_13);
  b.mode(MODE_X);
  assert.isUndefined(b.mapped.at(-1));
  b.indexed(0x3c4, 2, 0x4);
  b.poke(0xa0000 + 80, 9);
  b.indexed(0x3c4, 2, 0xf);
  b.poke(0xa0001, 3);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [640, 480]);
  assert.deepEqual(b.dots(4, 2, 4), G(9, 9, 0, 0));
  assert.deepEqual(b.dots(6, 0, 10), G(0, 0, 3, 3, 3, 3, 3, 3, 3, 3));
});

test('line compare shows address 0 below it, and panning stops there when the attribute mode says so', () => {
  const b = bench();
  b.mode(MODE_12);
  b.vram[4 * 8000] = 0x80;
  b.vram[0] = 0x80;
  b.indexed(0x3d4, 0x0c, 8000 >> 8);
  b.indexed(0x3d4, 0x0d, 8000 & 0xff);
  b.indexed(0x3d4, 0x18, 99);
  b.indexed(0x3d4, 0x07, 0x2e);
  b.indexed(0x3d4, 0x09, 0x00);
  b.attribute(0x13, 0);
  b.render();
  assert.deepEqual([b.dots(0, 0, 1), b.dots(0, 99, 1), b.dots(0, 100, 1)], [G(1), G(0), G(1)]);
  b.vram[4 * 8000] = 0x40;
  b.attribute(0x13, 1);
  b.attribute(0x10, 0x21);
  b.render();
  assert.deepEqual([b.dots(0, 0, 1), b.dots(0, 100, 1)], [G(1), G(1)]);
});

test('the offset register gives the distance of lines', () => {
  const b = bench();
  b.mode(MODE_12);
  b.indexed(0x3d4, 0x13, 50);
  b.vram[4 * 100] = 0x80;
  b.render();
  assert.deepEqual(b.dots(0, 1, 1), G(1));
});

test('a palette change damages all; the pixel mask is applied to the DAC index', () => {
  const b = bench();
  b.mode(MODE_13);
  b.store(0, 0x15);
  b.render();
  b.color(0x15, 63, 0, 0);
  assert.deepEqual(b.render(), [{ x: 0, y: 0, width: 640, height: 400 }]);
  assert.deepEqual(b.dots(0, 0, 1), [0xff0000]);
  b.out(0x3c6, 0x0f);
  b.render();
  assert.deepEqual(b.dots(0, 0, 1), G(5));
});

test('vertical retrace follows guest time: line 412 of 449 at 25.175 MHz', () => {
  const b = bench();
  b.mode(MODE_13);
  assert.equal(b.input(0x3da) & 0x08, 0);
  b.clock.advance(413 * 31_778);
  assert.equal(b.input(0x3da) & 0x09, 0x09);
  b.clock.advance(3 * 31_778);
  assert.equal(b.input(0x3da) & 0x09, 0x01);
  b.clock.advance(35 * 31_778);
  assert.equal(b.input(0x3da) & 0x08, 0);
});

test('CRTC registers 0 to 7 are protected by bit 7 of register 11h, except line compare bit 8', () => {
  const b = bench();
  b.mode(MODE_12);
  b.indexed(0x3d4, 0x11, 0x8c);
  b.indexed(0x3d4, 0x01, 0x10);
  b.indexed(0x3d4, 0x07, 0x00);
  b.out(0x3d4, 1);
  assert.equal(b.input(0x3d5), 0x4f);
  b.out(0x3d4, 7);
  assert.equal(b.input(0x3d5), 0x2e);
  assert.equal(b.input(0x3b5), 0xff, 'the monochrome address is silent');
});

test.each([
  [8, [7], grey(7)],
  [15, [0x1f, 0x7c], 0xff00ff],
  [16, [0xe0, 0x87], 0x84ff00],
  [24, [1, 2, 3], 0x030201],
  [32, [4, 5, 6, 0x77], 0x060504],
])('a linear mode of %i bits: bytes to a pixel', (bpp, bytes, expected) => {
  const b = bench();
  for (let i = 0; i < 64; i++) b.color(i, i, i, i);
  b.linear(800, 600, bpp);
  const size = bytes.length;
  b.store((800 * 3 + 5) * size, ...bytes);
  b.render();
  assert.deepEqual([b.vga.widthPx, b.vga.heightPx], [800, 600]);
  assert.deepEqual(b.dots(4, 3, 3).slice(1, 2), [expected]);
});

test('a linear mode of 4 bits is planar with a bank', () => {
  const b = bench();
  b.mode(MODE_12);
  b.linear(800, 600, 4);
  b.poke(0xa0000 + 100, 0x01);
  b.render();
  assert.deepEqual(b.dots(6, 1, 3), G(0, 0xf, 0));
  b.dispi(5, 1);
  b.poke(0xa0000, 0xff);
  assert.equal(b.vram[4 * 0x10000], 0xff);
});

test('damage of a linear mode is the dirty page, and nothing without one', () => {
  const b = bench();
  b.linear(1024, 768, 32);
  b.render();
  assert.deepEqual(b.render(), []);
  b.store(4096 * 10, 1, 2, 3);
  assert.deepEqual(b.render(), [{ x: 0, y: 10, width: 1024, height: 1 }]);
  assert.equal(b.dirty.dirty[10], 0);
  b.linear(1920, 1080, 32);
  b.render();
  b.store(4096, 1);
  assert.deepEqual(b.render(), [
    { x: 1024, y: 0, width: 896, height: 1 },
    { x: 0, y: 1, width: 128, height: 1 },
  ]);
});

test('offsets and virtual width choose the part shown; one that leaves video memory is refused', () => {
  const b = bench();
  b.linear(640, 480, 32);
  b.dispi(6, 1024);
  b.dispi(8, 3);
  b.dispi(9, 2);
  b.store((2 * 1024 + 3) * 4, 9, 8, 7);
  b.render();
  assert.deepEqual(b.dots(0, 0, 1), [0x070809]);
  assert.equal(b.dispiRead(7), VRAM_BYTES / 4096);
  b.dispi(9, 4000);
  assert.equal(b.dispiRead(9), 2);
});

test('the Bochs interface: ids, capabilities, memory size, banks, clearing and the 8-bit DAC', () => {
  const b = bench();
  b.dispi(0, 0xb0c2);
  assert.equal(b.dispiRead(0), 0xb0c2);
  b.dispi(0, 0x1234);
  assert.equal(b.dispiRead(0), 0xb0c2);
  b.dispi(4, 0x02);
  assert.deepEqual([b.dispiRead(1), b.dispiRead(2), b.dispiRead(3), b.dispiRead(10)], [1920, 1200, 32, 256]);
  b.vram[100] = 1;
  b.linear(640, 480, 8, 0x80);
  assert.equal(b.vram[100], 1, 'NOCLEARMEM');
  b.linear(640, 480, 8, 0x20);
  assert.equal(b.vram[100], 0);
  b.color(1, 0x81, 0x42, 0xff);
  b.store(0, 1);
  b.render();
  assert.deepEqual(b.dots(0, 0, 1), [0x8142ff]);
  b.dispi(5, 3);
  assert.deepEqual(b.mapped.at(-1), { region: 'vram', offset: 0x30000 });
  b.dispi(4, 0);
  b.dispi(1, 1921);
  assert.equal(b.dispiRead(1), 640);
  b.dispi(1, 1366);
  assert.equal(b.dispiRead(1), 1360);
});

test('the picture is black while the sequencer or the attribute controller blanks it', () => {
  const b = bench();
  b.mode(MODE_13);
  b.store(0, 5);
  b.indexed(0x3c4, 1, 0x21);
  b.render();
  assert.deepEqual(b.dots(0, 0, 1), [0]);
  b.indexed(0x3c4, 1, 0x01);
  b.render();
  assert.deepEqual(b.dots(0, 0, 1), G(5));
});

test('the register window of the PCI function reaches VGA ports at 400h and DISPI at 500h', () => {
  const b = bench();
  b.vga.placeRegisterWindow(0xfebf_0000);
  const range = b.vga.memory[1]!;
  b.vga.writeMemory(range, 0x400 + 0x0e, 2, 0x5508);
  b.out(0x3ce, 8);
  assert.equal(b.input(0x3cf), 0x55);
  b.vga.writeMemory(range, 0x502, 2, 1280);
  assert.equal(b.vga.readMemory(range, 0x502, 2), 1280);
  assert.equal(b.vga.readMemory(range, 0x604, 4), 0x1e1e1e1e);
  b.vga.placeRegisterWindow(undefined);
  assert.equal(b.vga.memory.length, 1);
});

test('a restored adapter shows the same picture from the same video memory', () => {
  const a = bench();
  a.mode(MODE_12);
  a.poke(0xa0000, 0x5a);
  a.peek(0xa0000);
  const b = bench();
  b.vram.set(a.vram.subarray(0, 0x40000));
  b.vga.restore(structuredClone(a.vga.save()));
  b.render();
  a.render();
  assert.deepEqual(b.dots(0, 0, 16), a.dots(0, 0, 16));
  assert.deepEqual(b.vga.save(), a.vga.save());
  b.indexed(0x3ce, 5, 1);
  b.poke(0xa0005, 0);
  assert.equal(b.vram[20], 0x5a, 'the latches came along');
});

test('reset is the state of a new adapter', () => {
  const b = bench();
  const fresh = b.vga.save();
  b.linear(640, 480, 32);
  b.mode(MODE_12);
  b.vga.reset();
  assert.deepEqual(b.vga.save(), fresh);
});
