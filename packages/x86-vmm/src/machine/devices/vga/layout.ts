import { MAX_HEIGHT_PX, MAX_WIDTH_PX } from '../../../bus/screen.js';
import type { Dispi } from './dispi.js';
import type { RegisterFile } from './register-file.js';
import {
  ATTR,
  ATTR_MODE,
  CLOCKING,
  CRTC,
  GFX,
  GFX_MISC,
  GFX_MODE,
  MISC,
  MODE_CONTROL,
  OVERFLOW,
  PRESET_ROW,
  SCAN_LINE,
  SEQ,
  UNDERLINE,
} from './registers.js';
import { shownLines } from './timing.js';

/*
 * What the registers say about the picture: its size and, for each scan line (text: each character row), where it comes from in
 * video memory. Source: IBM VGA technical reference, "CRT Controller"; FreeVGA, "VGA Display Generation".
 *
 * The picture is what a monitor draws: doubled lines and doubled dots are there (mode 13h is 640x400). One CRTC address is four bytes
 * of video memory in all addressing modes (see plane-memory.ts). Left out: odd values of the CRTC's count-by-2/4 and cursor skew.
 */

export type PictureKind =
  | 'blank'
  | 'text'
  | 'planar'
  | 'interleaved'
  | 'packed'
  | 'linear8'
  | 'linear15'
  | 'linear16'
  | 'linear24'
  | 'linear32';

/** Before a mode is set: what a monitor shows is black, and this large. */
const UNSET = { WIDTH: 640, HEIGHT: 400, SMALLEST: 64 } as const;
const LEGACY_BYTES = 0x4_0000;

export class Layout {
  kind: PictureKind = 'blank';
  width: number = UNSET.WIDTH;
  height: number = UNSET.HEIGHT;
  /** Picture dots for each pixel. */
  repeat = 1;
  /** Pixels that the picture is shifted left; from `splitLine` on `splitPanning`. */
  panning = 0;
  splitPanning = 0;
  /** First scan line of the lower part of a split screen; `height` without one. */
  splitLine = 0;
  /** Mask of video memory addresses. */
  limit = LEGACY_BYTES - 1;
  /** Byte of video memory where each scan line's pixels begin. */
  readonly lineStart = new Int32Array(MAX_HEIGHT_PX);
  /** Bytes of video memory that a scan line shows. */
  lineBytes = 0;
  /** Bits per dot in linear modes, for damage within a line; 0: a damaged line is damaged as a whole. */
  bitsPerDot = 0;

  columns = 0;
  rows = 0;
  /** Width of a character cell in pixels (8 or 9). */
  cellWidth = 8;
  /** Scan lines each glyph line takes (2 with double scan). */
  linesPerScan = 1;
  readonly rowTop = new Int32Array(MAX_HEIGHT_PX);
  readonly rowLines = new Int32Array(MAX_HEIGHT_PX);
  /** Glyph line of the row's first scan line. */
  readonly rowScan = new Int32Array(MAX_HEIGHT_PX);
  /** CRTC address of the row's first cell. */
  readonly rowAddress = new Int32Array(MAX_HEIGHT_PX);
  underline = 0x1f;

  compute(registers: RegisterFile, dispi: Dispi, vramBytes: number): void {
    if (dispi.enabled) this.#computeLinear(dispi, vramBytes);
    else this.#computeLegacy(registers);
    if (!registers.showing || registers.seq[SEQ.CLOCKING_MODE]! & CLOCKING.SCREEN_OFF) this.kind = 'blank';
  }

  /** Equal for two layouts whose pictures differ at most in where their cells or pixels come from. */
  get shape(): string {
    const { kind, width, height, columns, rows, cellWidth, repeat, linesPerScan, panning, splitPanning, splitLine, underline, rowScan } =
      this;
    return [
      kind,
      width,
      height,
      columns,
      rows,
      cellWidth,
      repeat,
      linesPerScan,
      panning,
      splitPanning,
      splitLine,
      underline,
      rowScan[0],
    ].join();
  }

  /** Panning of the scan line `y`. */
  panningAt(y: number): number {
    return y < this.splitLine ? this.panning : this.splitPanning;
  }

  #computeLinear(dispi: Dispi, vramBytes: number): void {
    this.width = dispi.width;
    this.height = this.splitLine = dispi.height;
    this.repeat = 1;
    this.panning = this.splitPanning = dispi.panning;
    this.limit = vramBytes - 1;
    const { depth, pitch, start } = dispi;
    this.kind = LINEAR_KINDS[depth] ?? 'planar';
    this.bitsPerDot = depth === 4 ? 0 : ((depth + 7) >> 3) * 8;
    this.lineBytes = depth === 4 ? (this.width >> 1) + (this.panning ? 4 : 0) : (this.width * this.bitsPerDot) >> 3;
    for (let y = 0; y < this.height; y++) this.lineStart[y] = (start + y * pitch) & this.limit;
  }

  #computeLegacy({ crtc, seq, gfx, attr, misc }: RegisterFile): void {
    const clocking = seq[SEQ.CLOCKING_MODE]!;
    const graphics = (gfx[GFX.MISCELLANEOUS]! & GFX_MISC.GRAPHICS) !== 0;
    const halfClock = clocking & CLOCKING.HALF_DOT_CLOCK ? 2 : 1;
    const mode = gfx[GFX.MODE]!;
    const packed = graphics && (mode & GFX_MODE.SHIFT_256) !== 0;
    this.limit = LEGACY_BYTES - 1;
    this.bitsPerDot = 0;
    this.cellWidth = graphics || clocking & CLOCKING.EIGHT_DOTS ? 8 : 9;
    this.repeat = halfClock * (packed ? 2 : 1);
    this.columns = crtc[CRTC.HORIZONTAL_DISPLAY_END]! + 1;
    this.width = Math.min(MAX_WIDTH_PX, this.columns * this.cellWidth * halfClock);
    this.height = shownLines(crtc);
    this.kind = !graphics ? 'text' : packed ? 'packed' : mode & GFX_MODE.SHIFT_INTERLEAVE ? 'interleaved' : 'planar';
    if (this.width < UNSET.SMALLEST || this.height < UNSET.SMALLEST || !(misc & MISC.RAM_ENABLE)) {
      this.kind = 'blank';
      this.width = UNSET.WIDTH;
      this.height = UNSET.HEIGHT;
    }
    const lineCompare =
      crtc[CRTC.LINE_COMPARE]! +
      (crtc[CRTC.OVERFLOW]! & OVERFLOW.LINE_COMPARE_8 ? 0x100 : 0) +
      (crtc[CRTC.MAXIMUM_SCAN_LINE]! & SCAN_LINE.LINE_COMPARE_9 ? 0x200 : 0);
    this.splitLine = Math.min(this.height, lineCompare + 1);
    this.#computePanning(attr, packed);
    this.lineBytes = (this.columns + (this.panning || this.splitPanning ? 1 : 0)) * 4;
    this.underline = crtc[CRTC.UNDERLINE]! & UNDERLINE.SCAN;
    if (this.kind === 'text') this.#placeRows(crtc);
    else this.#placeLines(crtc);
  }

  /** Pixel panning (attribute register 13): in 9-dot cells 8 means none and 0 one pixel; 256-colour modes count in half pixels. */
  #computePanning(attr: Uint8Array, packed: boolean): void {
    const value = attr[ATTR.PIXEL_PANNING]!;
    this.panning = packed ? (value >> 1) & 3 : this.cellWidth === 9 ? (value >= 8 ? 0 : value + 1) : value & 7;
    this.splitPanning = attr[ATTR.MODE]! & ATTR_MODE.PANNING_STOPS_AT_SPLIT ? 0 : this.panning;
  }

  #placeLines(crtc: Uint8Array): void {
    const maximum = crtc[CRTC.MAXIMUM_SCAN_LINE]!;
    const last = maximum & SCAN_LINE.HEIGHT;
    const doubled = maximum & SCAN_LINE.DOUBLE_SCAN ? 1 : 0;
    const control = crtc[CRTC.MODE_CONTROL]!;
    // Address line 13 of the memory: bit 13 of the counter in byte mode, one less in word mode, two less in doubleword mode.
    const line13 = crtc[CRTC.UNDERLINE]! & UNDERLINE.DOUBLE_WORD ? 11 : control & MODE_CONTROL.BYTE_MODE ? 13 : 12;
    let address = startAddress(crtc);
    let scan = crtc[CRTC.PRESET_ROW_SCAN]! & PRESET_ROW.SCAN;
    for (let y = 0; y < this.height; y++) {
      if (y === this.splitLine) address = scan = 0;
      let at = address;
      if (!(control & MODE_CONTROL.NO_CGA_INTERLEAVE)) at = (at & ~(1 << line13)) | ((scan & 1) << line13);
      if (!(control & MODE_CONTROL.NO_HERCULES_INTERLEAVE)) at = (at & ~(2 << line13)) | ((scan & 2) << line13);
      this.lineStart[y] = (at * 4) & this.limit;
      if (doubled && !((y < this.splitLine ? y : y - this.splitLine) & 1)) continue;
      if (scan === last) {
        scan = 0;
        address += crtc[CRTC.OFFSET]! * 2;
      } else scan = (scan + 1) & PRESET_ROW.SCAN;
    }
  }

  #placeRows(crtc: Uint8Array): void {
    const maximum = crtc[CRTC.MAXIMUM_SCAN_LINE]!;
    const glyphLines = (maximum & SCAN_LINE.HEIGHT) + 1;
    this.linesPerScan = maximum & SCAN_LINE.DOUBLE_SCAN ? 2 : 1;
    let address = startAddress(crtc);
    let scan = Math.min(crtc[CRTC.PRESET_ROW_SCAN]! & PRESET_ROW.SCAN, glyphLines - 1);
    let row = 0;
    for (let y = 0; y < this.height; row++) {
      const end = y < this.splitLine ? this.splitLine : this.height;
      const lines = Math.min((glyphLines - scan) * this.linesPerScan, end - y);
      this.rowTop[row] = y;
      this.rowLines[row] = lines;
      this.rowScan[row] = scan;
      this.rowAddress[row] = address;
      y += lines;
      scan = 0;
      address = y === this.splitLine ? 0 : (address + crtc[CRTC.OFFSET]! * 2) & 0xffff;
    }
    this.rows = row;
  }
}

const LINEAR_KINDS: Readonly<Record<number, PictureKind>> = {
  8: 'linear8',
  15: 'linear15',
  16: 'linear16',
  24: 'linear24',
  32: 'linear32',
};

/** CRTC address of the first character clock: start address plus byte panning. */
function startAddress(crtc: Uint8Array): number {
  const start = (crtc[CRTC.START_HIGH]! << 8) | crtc[CRTC.START_LOW]!;
  return (start + ((crtc[CRTC.PRESET_ROW_SCAN]! >> PRESET_ROW.BYTE_PANNING_SHIFT) & 3)) & 0xffff;
}
