import { readFileSync } from 'node:fs';
import { buildFonts } from '../../packages/firmware/dist/font.js';

/*
 * Reads a text screen from its pixels, as a person does: cells of 9x16 in which the video BIOS's own font is drawn.
 */
const CELL = { width: 9, height: 16 } as const;
/** Columns of a cell that carry the glyph; the ninth is the gap. */
const GLYPH_COLUMNS = 8;

const font = (name: string): string => readFileSync(new URL(`../../packages/firmware/src/fonts/${name}.font`, import.meta.url), 'utf8');
const glyphs = buildFonts({ ascii: font('ascii'), symbols: font('symbols'), composed: font('composed'), small: font('small') })[16];

const characterOf = new Map<string, string>();
for (let code = 0x20; code < 0x7f; code++)
  characterOf.set([...glyphs.subarray(code * CELL.height, (code + 1) * CELL.height)].join(), String.fromCharCode(code));

/** @param pixels RGBA, black where nothing is drawn @returns rows without the blanks at their ends; `\ufffd` for what is no ASCII character */
export function readConsole(pixels: Uint8Array, widthPx: number, heightPx: number): string {
  const rows: string[] = [];
  for (let top = 0; top + CELL.height <= heightPx; top += CELL.height) {
    let row = '';
    for (let left = 0; left + CELL.width <= widthPx; left += CELL.width) row += characterAt(pixels, widthPx, left, top);
    rows.push(row.trimEnd());
  }
  return rows.join('\n');
}

function characterAt(pixels: Uint8Array, widthPx: number, left: number, top: number): string {
  const bits = Array.from({ length: CELL.height }, (_, y) => {
    let row = 0;
    for (let x = 0; x < GLYPH_COLUMNS; x++) {
      const at = ((top + y) * widthPx + left + x) * 4;
      row = (row << 1) | (pixels[at]! + pixels[at + 1]! + pixels[at + 2]! > 0 ? 1 : 0);
    }
    return row;
  });
  return characterOf.get(bits.join()) ?? '\ufffd';
}
