import { glyphSequence } from './font/glyphs.js';
import { ICONS } from './font/icons.js';
import { type Mask, type Pen, rasterizeGlyph } from './font/rasterize.js';

/*
 * Fonts, icons and round corners as assembly data: what the panel's asm/line3.asm includes as "assets.inc".
 * A font is a table of 8-byte records from code 32 on: width, height, top (signed), advance, address of the coverage mask.
 */

const FONTS: readonly (readonly [label: string, pen: Pen])[] = [
  ['font_small', { scale: 1, weight: 1.35, spacing: 2 }],
  ['font_bold', { scale: 1, weight: 2, spacing: 1 }],
  ['font_medium', { scale: 1.4, weight: 2, spacing: 2 }],
  ['font_large', { scale: 2, weight: 3, spacing: 2 }],
];
/** Largest radius that `round_rect` may be given. */
const LARGEST_CORNER = 28;
const BYTES_PER_LINE = 24;

/** The whole include file. */
export function assetsInclude(): string {
  const lines = ['; Made by the build from src/font; not edited.'];
  for (const [label, pen] of FONTS) {
    const masks = glyphSequence().map((glyph) => rasterizeGlyph(glyph, pen));
    lines.push(...maskTable(label, masks));
  }
  lines.push(...maskTable('font_icons', ICONS), ...corners());
  return `${lines.join('\n')}\n`;
}

function maskTable(label: string, masks: readonly Mask[]): string[] {
  const lines = ['align 4', `${label}:`];
  for (const [index, { width, height, top, advance }] of masks.entries()) {
    lines.push(`db ${width}, ${height}, ${top}, ${advance}`, `dd ${label}_${index}`);
  }
  for (const [index, { alpha }] of masks.entries()) lines.push(`${label}_${index}:`, ...data(alpha));
  return lines;
}

/** `corners`: address per radius of a radius x radius mask, the top left quarter of a disc. */
function corners(): string[] {
  const radii = Array.from({ length: LARGEST_CORNER }, (_, index) => index + 1);
  const lines = ['align 4', 'corners:', 'dd 0', ...radii.map((radius) => `dd corner_${radius}`)];
  for (const radius of radii) {
    const alpha = new Uint8Array(radius * radius);
    for (let i = 0; i < alpha.length; i++) {
      const distance = Math.hypot(radius - (i % radius) - 0.5, radius - Math.floor(i / radius) - 0.5);
      alpha[i] = Math.round(255 * Math.min(1, Math.max(0, radius - distance + 0.5)));
    }
    lines.push(`corner_${radius}:`, ...data(alpha));
  }
  return lines;
}

function data(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) lines.push(`db ${bytes.subarray(at, at + BYTES_PER_LINE).join(',')}`);
  return lines;
}
