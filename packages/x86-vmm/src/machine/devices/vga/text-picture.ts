import { type BlinkingCell, MAX_HEIGHT_PX, type TextCursor, type TextScreen } from '../../../bus/screen.js';
import type { LineDamage } from './damage.js';
import type { Layout } from './layout.js';
import type { Palette } from './palette.js';
import type { RegisterFile } from './register-file.js';
import { ATTR, ATTR_MODE, CRTC, CURSOR_END, CURSOR_START, MEMORY_MODE, SEQ } from './registers.js';

/*
 * Text modes: cells from planes 0 (character) and 1 (attribute), glyphs from plane 2. Only cells that differ from what was drawn are
 * drawn. Source: IBM VGA technical reference, "Alphanumeric Modes", "Character Map Select Register"; FreeVGA, "VGA Text Mode Operation".
 */

/** Cells that no mode shows: forces a first drawing. */
const NOTHING_DRAWN = 0x1_0000;
/** 256 columns and one more for panning, in as many rows as a picture has lines. */
const MAX_COLUMNS = 257;
/** Bytes from one glyph to the next in plane 2, whatever the cell's height. */
const GLYPH_BYTES = 32;
/** Start of character maps 0..7 in plane 2 ("Character Map Select Register"). */
const MAP_START = [0x0000, 0x4000, 0x8000, 0xc000, 0x2000, 0x6000, 0xa000, 0xe000] as const;
const NO_CELLS: readonly BlinkingCell[] = [];
/** Attribute bit 7 where the mode blinks. */
const BLINK_ATTRIBUTE = 0x8000;
/** Line-drawing characters: with LINE_GRAPHICS the ninth column repeats the eighth. */
const isLineGraphic = (character: number): boolean => (character & 0xe0) === 0xc0;

export class TextPicture {
  /** Character and attribute drawn at each cell. */
  #drawn = new Uint32Array(0);
  #cells = new Uint8Array(0);
  #mapA = 0;
  #mapB = 0;
  /** Attribute bits 4..7 that choose the background: without the blink bit where that blinks. */
  #backgroundMask = 0xf;
  #lineGraphics = false;
  #blinking = NO_CELLS;
  /** A cell that blinks, or did, was drawn. */
  #blinkingStale = false;
  /** Bit of a drawn cell that makes it blink; 0 in modes without blinking. */
  #blinkBit = 0;

  /** @param words video memory, one CRTC address an element */
  constructor(
    private readonly words: Uint32Array,
    private readonly layout: Layout,
    private readonly palette: Palette,
  ) {}

  /** Registers changed: reads what cells depend on, and returns the same text for the same dependencies. */
  update({ seq, attr }: RegisterFile): string {
    const select = seq[SEQ.CHARACTER_MAP]!;
    this.#mapA = MAP_START[((select >> 2) & 3) | ((select >> 3) & 4)]!;
    this.#mapB = MAP_START[(select & 3) | ((select >> 2) & 4)]!;
    if (!(seq[SEQ.MEMORY_MODE]! & MEMORY_MODE.EXTENDED)) this.#mapA = this.#mapB = 0;
    const mode = attr[ATTR.MODE]!;
    // Attribute bit 3 chooses the character map and is part of the colour as well, as on the adapter.
    this.#blinkBit = mode & ATTR_MODE.BLINK ? BLINK_ATTRIBUTE : 0;
    this.#backgroundMask = this.#blinkBit ? 0x7 : 0xf;
    this.#lineGraphics = (mode & ATTR_MODE.LINE_GRAPHICS) !== 0;
    return `,${this.#mapA},${this.#mapB},${this.#blinkBit},${this.#lineGraphics}`;
  }

  /** Every cell counts as changed: palette, font or geometry did. */
  forget(): void {
    const cells = this.layout.rows * Math.min(MAX_COLUMNS, this.layout.columns + 1);
    if (this.#drawn.length < cells) this.#drawn = new Uint32Array(Math.min(cells, MAX_COLUMNS * MAX_HEIGHT_PX));
    this.#drawn.fill(NOTHING_DRAWN);
    this.#blinkingStale = true;
  }

  /** Draws the changed cells of row `row` and marks them. */
  drawRow(row: number, frame: Uint32Array, stride: number, damage: LineDamage): void {
    const { layout, words } = this;
    const panning = layout.panningAt(layout.rowTop[row]!);
    const columns = layout.columns + (panning > 0 ? 1 : 0);
    const at = row * (layout.columns + 1);
    const address = layout.rowAddress[row]!;
    const pitch = layout.cellWidth * layout.repeat;
    let first = -1;
    let last = -1;
    for (let column = 0; column < columns; column++) {
      const cell = words[(address + column) & 0xffff]! & 0xffff;
      if (cell === this.#drawn[at + column]) continue;
      if ((cell | this.#drawn[at + column]!) & this.#blinkBit) this.#blinkingStale = true;
      this.#drawn[at + column] = cell;
      this.#drawCell(cell, row, column * pitch - panning * layout.repeat, frame, stride);
      if (first < 0) first = column;
      last = column;
    }
    if (first < 0) return;
    const from = Math.max(0, first * pitch - panning * layout.repeat);
    const to = Math.min(layout.width, (last + 1) * pitch - panning * layout.repeat);
    const top = layout.rowTop[row]!;
    for (let y = top; y < top + layout.rowLines[row]!; y++) damage.mark(y, from, to);
  }

  /** The cells as bytes; the array is used again by the next call. */
  screen(): TextScreen {
    const { columns, rows, rowAddress } = this.layout;
    if (this.#cells.length !== columns * rows * 2) this.#cells = new Uint8Array(columns * rows * 2);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const cell = this.words[(rowAddress[row]! + column) & 0xffff]!;
        this.#cells[at++] = cell & 0xff;
        this.#cells[at++] = (cell >> 8) & 0xff;
      }
    }
    return { columns, rows, cells: this.#cells };
  }

  /** The cursor, unless it is off, empty or outside the picture. */
  cursor(crtc: Uint8Array): TextCursor | undefined {
    const start = crtc[CRTC.CURSOR_START]!;
    const firstScan = start & CURSOR_START.SCAN;
    const lastScan = crtc[CRTC.CURSOR_END]! & CURSOR_START.SCAN;
    if (start & CURSOR_START.OFF || firstScan > lastScan) return undefined;
    const { layout } = this;
    const skew = (crtc[CRTC.CURSOR_END]! >> CURSOR_END.SKEW_SHIFT) & 3;
    const location = (crtc[CRTC.CURSOR_HIGH]! << 8) | crtc[CRTC.CURSOR_LOW]!;
    for (let row = 0; row < layout.rows; row++) {
      const column = ((location - layout.rowAddress[row]!) & 0xffff) + skew;
      if (column >= layout.columns) continue;
      const pitch = layout.cellWidth * layout.repeat;
      const x = column * pitch - layout.panningAt(layout.rowTop[row]!) * layout.repeat;
      const scan = layout.rowScan[row]!;
      const from = Math.max(0, (firstScan - scan) * layout.linesPerScan);
      const to = Math.min(layout.rowLines[row]!, (lastScan + 1 - scan) * layout.linesPerScan);
      if (x < 0 || x + pitch > layout.width || from >= to) return undefined;
      const attribute = (this.words[(layout.rowAddress[row]! + column) & 0xffff]! >> 8) & 0xff;
      const color = this.palette.colors16[attribute & 0xf]! & 0xff_ffff;
      return { x, y: layout.rowTop[row]! + from, width: pitch, height: to - from, color };
    }
    return undefined;
  }

  /** The blinking cells of what was drawn last; the same array as long as there is no change. */
  blinkingCells(): readonly BlinkingCell[] {
    if (!this.#blinkingStale) return this.#blinking;
    this.#blinkingStale = false;
    const { layout } = this;
    const found: BlinkingCell[] = [];
    const pitch = layout.cellWidth * layout.repeat;
    for (let row = 0; row < layout.rows && this.#blinkBit; row++) {
      const panning = layout.panningAt(layout.rowTop[row]!) * layout.repeat;
      for (let column = 0; column <= layout.columns; column++) {
        const cell = this.#drawn[row * (layout.columns + 1) + column]!;
        const x = Math.max(0, column * pitch - panning);
        const right = Math.min(layout.width, (column + 1) * pitch - panning);
        if (!(cell & this.#blinkBit) || x >= right) continue;
        const background = this.palette.colors16[(cell >> 12) & this.#backgroundMask]! & 0xff_ffff;
        found.push({ x, y: layout.rowTop[row]!, width: right - x, height: layout.rowLines[row]!, background });
      }
    }
    this.#blinking = found.length === 0 ? NO_CELLS : found;
    return this.#blinking;
  }

  #drawCell(cell: number, row: number, left: number, frame: Uint32Array, stride: number): void {
    const { layout, words } = this;
    const { repeat, cellWidth, width } = layout;
    const character = cell & 0xff;
    const attribute = cell >> 8;
    const foreground = this.palette.colors16[attribute & 0xf]!;
    const background = this.palette.colors16[(attribute >> 4) & this.#backgroundMask]!;
    const glyph = (attribute & 8 ? this.#mapA : this.#mapB) + character * GLYPH_BYTES;
    const repeatsEighth = this.#lineGraphics && isLineGraphic(character);
    const underlined = (attribute & 7) === 1;
    const lines = layout.rowLines[row]!;
    let out = layout.rowTop[row]! * stride;
    for (let line = 0; line < lines; line++, out += stride) {
      const scan = layout.rowScan[row]! + (layout.linesPerScan === 2 ? line >> 1 : line);
      let bits = ((words[glyph + scan]! >>> 16) & 0xff) << 1;
      if (repeatsEighth) bits |= (bits >> 1) & 1;
      if (underlined && scan === layout.underline) bits = 0x1ff;
      for (let dot = 0, x = left; dot < cellWidth; dot++) {
        const color = bits & (0x100 >> dot) ? foreground : background;
        for (let i = 0; i < repeat; i++, x++) if (x >= 0 && x < width) frame[out + x] = color;
      }
    }
  }
}
