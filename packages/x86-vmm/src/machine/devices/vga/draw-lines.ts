import type { Layout } from './layout.js';
import type { Palette } from './palette.js';

/*
 * Scan lines of all graphics modes, from video memory to 0xffRRGGBB dots. One function a pixel format; none allocates.
 * Formats: IBM VGA technical reference, "Video Memory Organization" (planar, interleaved, packed); VBE 3.0 direct-colour layouts.
 */

/** Video memory seen in the three sizes the formats need. */
export interface VideoMemory {
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
}

const BLACK = 0xff00_0000;
const widen5 = (v: number): number => (v << 3) | (v >> 2);
const widen6 = (v: number): number => (v << 2) | (v >> 4);

/** Draws the dots `[from, to)` of scan line `y` at `out` of `frame` (the line's dot 0). Legacy formats draw the whole line. */
export function drawLine(
  layout: Layout,
  palette: Palette,
  memory: VideoMemory,
  y: number,
  from: number,
  to: number,
  frame: Uint32Array,
  out: number,
): void {
  const start = layout.lineStart[y]!;
  switch (layout.kind) {
    case 'planar':
      return drawPlanar(layout, palette.colors16, memory.words, start, layout.panningAt(y), frame, out);
    case 'interleaved':
      return drawInterleaved(layout, palette.colors16, memory.words, start, layout.panningAt(y), frame, out);
    case 'packed':
      return drawPacked(layout, palette.colors256, memory.bytes, start + layout.panningAt(y), frame, out);
    case 'linear8':
      return draw8(palette.colors256, memory.bytes, start, layout.limit, from, to, frame, out);
    case 'linear15':
      return draw15(memory.halves, start >> 1, layout.limit >> 1, from, to, frame, out);
    case 'linear16':
      return draw16(memory.halves, start >> 1, layout.limit >> 1, from, to, frame, out);
    case 'linear24':
      return draw24(memory.bytes, start, layout.limit, from, to, frame, out);
    case 'linear32':
      return draw32(memory.words, start >> 2, layout.limit >> 2, from, to, frame, out);
    default:
      frame.fill(BLACK, out + from, out + to);
  }
}

/** Four planes, most significant bit first: 8 pixels a CRTC address. */
function drawPlanar(
  layout: Layout,
  colors: Uint32Array,
  words: Uint32Array,
  start: number,
  panning: number,
  frame: Uint32Array,
  out: number,
): void {
  const { width, repeat } = layout;
  const limit = layout.limit >> 2;
  let at = start >> 2;
  let word = words[at & limit]!;
  let bit = 7 - panning;
  for (let x = 0; x < width; bit--) {
    if (bit < 0) {
      bit = 7;
      word = words[++at & limit]!;
    }
    const v = word >>> bit;
    const color = colors[(v & 1) | ((v >> 7) & 2) | ((v >> 14) & 4) | ((v >> 21) & 8)]!;
    for (let i = 0; i < repeat && x < width; i++) frame[out + x++] = color;
  }
}

/** Shift register interleave: two bits a pixel from planes 0 (first four) and 1, with planes 2 and 3 as the upper two bits. */
function drawInterleaved(
  layout: Layout,
  colors: Uint32Array,
  words: Uint32Array,
  start: number,
  panning: number,
  frame: Uint32Array,
  out: number,
): void {
  const { width, repeat } = layout;
  const limit = layout.limit >> 2;
  let at = start >> 2;
  let word = words[at & limit]!;
  let pixel = panning;
  for (let x = 0; x < width; pixel++) {
    if (pixel > 7) {
      pixel = 0;
      word = words[++at & limit]!;
    }
    const v = word >>> ((pixel & 4) * 2 + 6 - 2 * (pixel & 3));
    const color = colors[(v & 3) | ((v >>> 14) & 0xc)]!;
    for (let i = 0; i < repeat && x < width; i++) frame[out + x++] = color;
  }
}

/** One byte a pixel, planes 0 to 3 in turn: bytes in a row here. */
function drawPacked(layout: Layout, colors: Uint32Array, bytes: Uint8Array, start: number, frame: Uint32Array, out: number): void {
  const { width, repeat, limit } = layout;
  let at = start;
  for (let x = 0; x < width; at++) {
    const color = colors[bytes[at & limit]!]!;
    for (let i = 0; i < repeat && x < width; i++) frame[out + x++] = color;
  }
}

function draw8(
  colors: Uint32Array,
  bytes: Uint8Array,
  start: number,
  limit: number,
  from: number,
  to: number,
  frame: Uint32Array,
  out: number,
): void {
  for (let x = from; x < to; x++) frame[out + x] = colors[bytes[(start + x) & limit]!]!;
}

function draw15(halves: Uint16Array, start: number, limit: number, from: number, to: number, frame: Uint32Array, out: number): void {
  for (let x = from; x < to; x++) {
    const v = halves[(start + x) & limit]!;
    frame[out + x] = BLACK | (widen5((v >> 10) & 0x1f) << 16) | (widen5((v >> 5) & 0x1f) << 8) | widen5(v & 0x1f);
  }
}

function draw16(halves: Uint16Array, start: number, limit: number, from: number, to: number, frame: Uint32Array, out: number): void {
  for (let x = from; x < to; x++) {
    const v = halves[(start + x) & limit]!;
    frame[out + x] = BLACK | (widen5(v >> 11) << 16) | (widen6((v >> 5) & 0x3f) << 8) | widen5(v & 0x1f);
  }
}

function draw24(bytes: Uint8Array, start: number, limit: number, from: number, to: number, frame: Uint32Array, out: number): void {
  for (let x = from, at = start + from * 3; x < to; x++, at += 3) {
    frame[out + x] = BLACK | (bytes[(at + 2) & limit]! << 16) | (bytes[(at + 1) & limit]! << 8) | bytes[at & limit]!;
  }
}

function draw32(words: Uint32Array, start: number, limit: number, from: number, to: number, frame: Uint32Array, out: number): void {
  for (let x = from; x < to; x++) frame[out + x] = BLACK | words[(start + x) & limit]!;
}
