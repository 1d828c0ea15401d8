/*
 * The console font: readable text tables (src/fonts/*.font) to glyph bytes in the three heights
 * of a VGA (8, 14, 16 lines), code page 437. Box drawing and block characters are computed, because
 * they must meet at the cell's edges in each height.
 */

/** Height of a glyph in scan lines. Every glyph is 8 dots wide, the leftmost dot in bit 7. */
export type GlyphHeight = 8 | 14 | 16;

/** Rows of the 8x16 drawing that the 8x8 font keeps. */
const SMALL_ROWS = [2, 3, 5, 6, 8, 10, 11, 13] as const;
const FULL_HEIGHT = 16;
const GLYPHS = 256;

/** A line of '#' and '.' as a byte; the rest of a short line is empty. */
function rowBits(line: string, where: string): number {
  if (line.length > 8 || /[^#.]/.test(line)) throw new Error(`${where}: "${line}" is not a row of at most 8 dots`);
  let bits = 0;
  for (let x = 0; x < line.length; x++) if (line[x] === '#') bits |= 0x80 >> x;
  return bits;
}

/** Glyphs, marks and compositions of one font file. */
export interface FontSource {
  readonly glyphs: ReadonlyMap<number, readonly number[]>;
  readonly marks: ReadonlyMap<string, readonly number[]>;
  readonly composed: readonly { readonly code: number; readonly letter: number; readonly mark: string }[];
}

/** Reads a `.font` file; `height` is the number of rows of its cells. */
export function parseFont(text: string, height: number, name: string): FontSource {
  const glyphs = new Map<number, number[]>();
  const marks = new Map<string, number[]>();
  const composed: { code: number; letter: number; mark: string }[] = [];
  let rows: number[] | undefined;
  let at = 0;
  text.split('\n').forEach((line, index) => {
    const where = `${name}:${index + 1}`;
    if (line.startsWith('# ')) return;
    const char = /^char ([0-9A-F]{2}) at (\d+)$/.exec(line);
    const mark = /^mark (\w+)$/.exec(line);
    const compose = /^compose ([0-9A-F]{2}) = (.) (\w+)$/.exec(line);
    if (char) {
      rows = new Array<number>(height).fill(0);
      at = Number(char[2]);
      const code = parseInt(char[1]!, 16);
      if (glyphs.has(code)) throw new Error(`${where}: ${char[1]} is drawn twice`);
      glyphs.set(code, rows);
    } else if (mark) {
      rows = [];
      at = 0;
      marks.set(mark[1]!, rows);
    } else if (compose) {
      rows = undefined;
      composed.push({ code: parseInt(compose[1]!, 16), letter: compose[2]!.charCodeAt(0), mark: compose[3]! });
    } else if (rows) {
      const bits = rowBits(line, where);
      if (bits !== 0 && at >= height) throw new Error(`${where}: row ${at} is outside the cell`);
      if (at < height) rows[at] = bits;
      at++;
    } else if (line !== '') throw new Error(`${where}: "${line}" belongs to no glyph`);
  });
  return { glyphs, marks, composed };
}

/** Arms of a box-drawing character: left, right, up, down; 0 none, 1 single, 2 double. From B3h on. */
const BOXES =
  '0011 1011 2011 1022 1002 2001 2022 0022 2002 2020 1020 2010 1001 0110 1110 1101 0111 1100 1111 0211 ' +
  '0122 0220 0202 2220 2202 0222 2200 2222 2210 1120 2201 1102 0120 0210 0201 0102 1122 2211 1010 0101';

/** Draws one box character; `mid` is the row of a single line, double ones lie a row above and below. */
function boxGlyph(arms: readonly number[], height: number): number[] {
  const [left, right, up, down] = arms as [number, number, number, number];
  const mid = (height >> 1) - 1;
  const dots = Array.from({ length: height }, () => new Array<boolean>(8).fill(false));
  const vertical = Math.max(up, down);
  const horizontal = Math.max(left, right);
  const fill = (x0: number, x1: number, y0: number, y1: number): void => {
    for (let y = Math.max(y0, 0); y <= Math.min(y1, height - 1); y++)
      for (let x = Math.max(x0, 0); x <= Math.min(x1, 7); x++) dots[y]![x] = true;
  };
  /* How far past the edge an arm reaches, for the line on the `near` side (an arm may stand there). */
  const reach = (
    own: number,
    opposite: number,
    crossing: number,
    near: number,
    far: number,
    first: number,
    middle: number,
    last: number,
  ): number => {
    if (crossing === 0) return middle;
    if (own === 1 || crossing === 1) {
      if (crossing === 1) return middle;
      if (opposite > 0) return middle;
      return near > 0 && far > 0 ? first : last;
    }
    if (near > 0) return first;
    return opposite > 0 ? middle : last;
  };
  const rowsOf = (weight: number): readonly [number, 'up' | 'down'][] =>
    weight === 1
      ? [[mid, 'up']]
      : [
          [mid - 1, 'up'],
          [mid + 1, 'down'],
        ];
  const columnsOf = (weight: number): readonly [number, 'left' | 'right'][] =>
    weight === 1
      ? [[3, 'left']]
      : [
          [1, 'left'],
          [5, 'right'],
        ];
  const side = { left, right, up, down };
  if (left)
    for (const [y, near] of rowsOf(left)) fill(0, reach(left, right, vertical, side[near], near === 'up' ? down : up, 2, 4, 6), y, y);
  if (right)
    for (const [y, near] of rowsOf(right)) fill(7 - reach(right, left, vertical, side[near], near === 'up' ? down : up, 2, 4, 6), 7, y, y);
  if (up)
    for (const [x, near] of columnsOf(up))
      fill(x, x + 1, 0, reach(up, down, horizontal, side[near], near === 'left' ? right : left, mid - 1, mid, mid + 1));
  if (down) {
    for (const [x, near] of columnsOf(down)) {
      fill(x, x + 1, 2 * mid - reach(down, up, horizontal, side[near], near === 'left' ? right : left, mid - 1, mid, mid + 1), height - 1);
    }
  }
  return dots.map((row) => row.reduce((bits, dot, x) => (dot ? bits | (0x80 >> x) : bits), 0));
}

/** Shades, blocks and boxes (B0h-DFh) in one height. */
function drawnByRule(height: number): Map<number, number[]> {
  const glyphs = new Map<number, number[]>();
  const rows = (row: (y: number) => number): number[] => Array.from({ length: height }, (_, y) => row(y));
  glyphs.set(
    0xb0,
    rows((y) => (y & 1 ? 0x88 : 0x22)),
  );
  glyphs.set(
    0xb1,
    rows((y) => (y & 1 ? 0xaa : 0x55)),
  );
  glyphs.set(
    0xb2,
    rows((y) => (y & 1 ? 0x77 : 0xdd)),
  );
  for (const [index, arms] of BOXES.split(' ').entries()) glyphs.set(0xb3 + index, boxGlyph([...arms].map(Number), height));
  const half = height >> 1;
  glyphs.set(
    0xdb,
    rows(() => 0xff),
  );
  glyphs.set(
    0xdc,
    rows((y) => (y >= half ? 0xff : 0)),
  );
  glyphs.set(
    0xdd,
    rows(() => 0xf0),
  );
  glyphs.set(
    0xde,
    rows(() => 0x0f),
  );
  glyphs.set(
    0xdf,
    rows((y) => (y < half ? 0xff : 0)),
  );
  return glyphs;
}

/** A letter with its mark, 16 rows; the dot of an i gives way. */
function compose(letter: readonly number[], code: number, mark: readonly number[], name: string): number[] {
  const rows = [...letter];
  const isCapital = code < 0x60;
  if (code === 0x69) rows[2] = rows[3] = 0;
  const at = name === 'cedilla' ? 12 : isCapital ? 0 : 2;
  mark.forEach((bits, index) => {
    rows[at + index] = bits;
  });
  return rows;
}

/** The four font files' texts. */
export interface FontTexts {
  readonly ascii: string;
  readonly symbols: string;
  readonly composed: string;
  readonly small: string;
}

/** All three fonts, each 256 glyphs of `height` bytes. Throws where a glyph is missing. */
export function buildFonts(texts: FontTexts): Record<GlyphHeight, Uint8Array> {
  const sources = [parseFont(texts.ascii, FULL_HEIGHT, 'ascii.font'), parseFont(texts.symbols, FULL_HEIGHT, 'symbols.font')];
  const composed = parseFont(texts.composed, FULL_HEIGHT, 'composed.font');
  const small = parseFont(texts.small, 8, 'small.font').glyphs;
  const full = new Map<number, readonly number[]>();
  for (const source of sources) for (const [code, rows] of source.glyphs) full.set(code, rows);
  const shrunk = new Map<number, readonly number[]>();
  for (const [code, rows] of full) shrunk.set(code, small.get(code) ?? SMALL_ROWS.map((y) => rows[y]!));
  for (const { code, letter, mark } of composed.composed) {
    const bits = composed.marks.get(mark);
    const base = full.get(letter);
    if (!bits || !base) throw new Error(`composed.font: ${code.toString(16)} needs ${mark} and a drawn letter`);
    full.set(code, compose(base, letter, bits, mark));
    const low = shrunk.get(letter)!;
    if (mark !== 'cedilla' && letter < 0x60) shrunk.set(code, [bits[1]!, low[0]!, ...low.slice(2)]);
    else if (mark === 'cedilla') shrunk.set(code, [...low.slice(0, 7), bits[1]!]);
    else shrunk.set(code, [bits[0]!, bits[1]!, ...low.slice(2)]);
  }
  const fonts = { 8: new Uint8Array(GLYPHS * 8), 14: new Uint8Array(GLYPHS * 14), 16: new Uint8Array(GLYPHS * 16) };
  for (const height of [8, 14, 16] as const) {
    const ruled = drawnByRule(height);
    for (let code = 0; code < GLYPHS; code++) {
      const drawn = height === 8 ? shrunk.get(code) : full.get(code)?.slice(height === 14 ? 1 : 0);
      const rows = ruled.get(code) ?? drawn;
      if (!rows) throw new Error(`glyph ${code.toString(16)} is not drawn`);
      for (let y = 0; y < height; y++) fonts[height][code * height + y] = rows[y] ?? 0;
    }
  }
  return fonts;
}
