import type { BlinkingCell, Rectangle, TextCursor, TextScreen, VideoDirtyPages } from '../../../bus/screen.js';
import { LineDamage } from './damage.js';
import type { Dispi } from './dispi.js';
import { drawLine, type VideoMemory } from './draw-lines.js';
import { Layout } from './layout.js';
import { Palette } from './palette.js';
import type { PlaneMemory } from './plane-memory.js';
import { CHANGE, type RegisterFile } from './register-file.js';
import { TextPicture } from './text-picture.js';
import { PAGE_SHIFT, VideoPages } from './video-pages.js';

/*
 * The adapter's picture, kept up to date in the frame of whoever shows it. Registers mark what they changed; layout and palette are
 * worked out when they are next needed. Work is proportional to the damage: an unchanged screen costs a look at the page marks.
 */

const BLACK = 0xff00_0000;
const NO_BLINKING: readonly BlinkingCell[] = [];
const NO_DAMAGE: readonly Rectangle[] = [];
/** Glyphs live in the first 256 KiB, interleaved with the cells. */
const FONT_PAGES = 0x4_0000 >> PAGE_SHIFT;

export class Picture {
  readonly #layout = new Layout();
  readonly #palette = new Palette();
  readonly #text: TextPicture;
  readonly #memory: VideoMemory;
  readonly #pages: VideoPages;
  readonly #damage = new LineDamage();
  #layoutStale = true;
  #paletteStale = true;
  #everything = true;
  /** Text cells come from other addresses than when they were drawn. */
  #moved = false;
  #shape = '';
  /** Pages of video memory that the picture shows. */
  #firstPage = 0;
  #lastPage = 0;

  constructor(
    private readonly registers: RegisterFile,
    private readonly dispi: Dispi,
    private readonly planes: PlaneMemory,
    private readonly vram: Uint8Array,
    dirty: VideoDirtyPages,
  ) {
    this.#memory = {
      bytes: vram,
      halves: new Uint16Array(vram.buffer, vram.byteOffset, vram.length >> 1),
      words: new Uint32Array(vram.buffer, vram.byteOffset, vram.length >> 2),
    };
    this.#text = new TextPicture(this.#memory.words, this.#layout, this.#palette);
    this.#pages = new VideoPages(dirty, planes, vram.length >> PAGE_SHIFT);
  }

  get width(): number {
    this.#update();
    return this.#layout.width;
  }
  get height(): number {
    this.#update();
    return this.#layout.height;
  }
  get cursor(): TextCursor | undefined {
    this.#update();
    return this.#layout.kind === 'text' ? this.#text.cursor(this.registers.crtc) : undefined;
  }
  get text(): TextScreen | undefined {
    this.#update();
    return this.#layout.kind === 'text' ? this.#text.screen() : undefined;
  }

  get blinkingCells(): readonly BlinkingCell[] {
    this.#update();
    return this.#layout.kind === 'text' ? this.#text.blinkingCells() : NO_BLINKING;
  }

  /** Registers were written: bits of `CHANGE`. */
  changed(what: number): void {
    if (what & CHANGE.LAYOUT) this.#layoutStale = true;
    if (what & CHANGE.PALETTE) this.#paletteStale = true;
  }

  /** As in ScreenSource. */
  render(frame: Uint32Array, stride: number): readonly Rectangle[] {
    this.#update();
    const { width, height, kind } = this.#layout;
    if (stride < width || frame.length < stride * (height - 1) + width) throw new RangeError('frame smaller than the picture');
    if (this.#everything) return this.#drawEverything(frame, stride);
    if (kind === 'blank' || !(this.#pages.take(this.#firstPage, this.#lastPage) || this.#moved)) return NO_DAMAGE;
    this.#moved = false;
    this.#damage.clear();
    if (kind === 'text') this.#drawChangedRows(frame, stride);
    else this.#drawChangedLines(frame, stride);
    return this.#damage.rectangles(height);
  }

  #update(): void {
    if (this.#layoutStale) {
      this.#layout.compute(this.registers, this.dispi, this.vram.length);
      this.#findPages();
      // Text that only scrolled (start address) is compared cell by cell.
      const shape = this.#layout.shape + this.#text.update(this.registers);
      if (this.#layout.kind === 'text' && shape === this.#shape) this.#moved = true;
      else this.#everything = true;
      this.#shape = shape;
    }
    if (this.#paletteStale) {
      this.#palette.compute(this.registers);
      this.#everything = true;
    }
    this.#layoutStale = this.#paletteStale = false;
  }

  #drawEverything(frame: Uint32Array, stride: number): readonly Rectangle[] {
    const { kind, width, height, rows } = this.#layout;
    this.#everything = this.#moved = false;
    this.#pages.take(this.#firstPage, this.#lastPage);
    this.planes.fontWritten = false;
    if (kind === 'text') {
      this.#text.forget();
      for (let row = 0; row < rows; row++) this.#text.drawRow(row, frame, stride, this.#damage);
    } else if (kind === 'blank') {
      for (let y = 0; y < height; y++) frame.fill(BLACK, y * stride, y * stride + width);
    } else {
      for (let y = 0; y < height; y++) drawLine(this.#layout, this.#palette, this.#memory, y, 0, width, frame, y * stride);
    }
    return [{ x: 0, y: 0, width, height }];
  }

  #drawChangedRows(frame: Uint32Array, stride: number): void {
    // A direct store may have hit a glyph: cells and glyphs share pages.
    if (this.planes.fontWritten || this.#pages.directly) this.#text.forget();
    this.planes.fontWritten = false;
    for (let row = 0; row < this.#layout.rows; row++) this.#text.drawRow(row, frame, stride, this.#damage);
  }

  #drawChangedLines(frame: Uint32Array, stride: number): void {
    const { changed } = this.#pages;
    const { lineStart, lineBytes, bitsPerDot, limit, width, height } = this.#layout;
    const pageLimit = limit >> PAGE_SHIFT;
    for (let y = 0; y < height; y++) {
      const start = lineStart[y]!;
      const first = start >> PAGE_SHIFT;
      const last = (start + lineBytes - 1) >> PAGE_SHIFT;
      let from = -1;
      let to = -1;
      for (let page = first; page <= last; page++) {
        if (!changed[page & pageLimit]) continue;
        if (from < 0) from = page;
        to = page + 1;
      }
      if (from < 0) continue;
      const left = bitsPerDot === 0 ? 0 : Math.max(0, Math.floor((((from << PAGE_SHIFT) - start) * 8) / bitsPerDot));
      const right = bitsPerDot === 0 ? width : Math.min(width, Math.ceil((((to << PAGE_SHIFT) - start) * 8) / bitsPerDot));
      drawLine(this.#layout, this.#palette, this.#memory, y, left, right, frame, y * stride);
      this.#damage.mark(y, left, right);
    }
  }

  /** Where to look for marks. A picture that wraps around the end of its memory, or text with its glyphs, looks everywhere it could be. */
  #findPages(): void {
    const { kind, lineStart, lineBytes, limit, height } = this.#layout;
    this.#firstPage = 0;
    this.#lastPage = FONT_PAGES - 1;
    if (kind === 'text' || kind === 'blank') return;
    let first = lineStart[0]!;
    let last = first;
    for (let y = 1; y < height; y++) {
      first = Math.min(first, lineStart[y]!);
      last = Math.max(last, lineStart[y]!);
    }
    const end = last + lineBytes + 4;
    this.#firstPage = end > limit ? 0 : first >> PAGE_SHIFT;
    this.#lastPage = Math.min(limit, end) >> PAGE_SHIFT;
  }
}
