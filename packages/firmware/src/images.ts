/*
 * Puts the ROM images together: fonts and ACPI tables are made here, the rest is assembled.
 * Layout of bios.bin (128 KiB): E0000 data (video BIOS at 10h, ACPI area at 8100h; offsets shared with
 * src/bios/bios.asm), F0000 the system BIOS.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAcpiArea } from './acpi/tables.js';
import { buildFonts } from './font.js';

export const HALF_BYTES = 0x10000;
export const VIDEO_BIOS_BYTES = 0x8000;
const LOW_VIDEO_BIOS = 0x0010;
const LOW_ACPI = 0x8100;
const BYTES_PER_LINE = 16;

export type Assemble = (source: string, includeFolders: readonly string[]) => Uint8Array;

function dataLines(bytes: Uint8Array, title: string): string {
  const lines = [`; ${title}. Made by the build from src/fonts; do not edit.`];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    lines.push(
      `        db ${[...bytes.subarray(at, at + BYTES_PER_LINE)].map((b) => `0x${b.toString(16).padStart(2, '0').toUpperCase()}`).join(', ')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Writes the include files that the sources expect into `folder`. */
export function writeFontIncludes(sourceFolder: string, folder: string): void {
  const read = (file: string): string => readFileSync(join(sourceFolder, 'fonts', file), 'utf8');
  const fonts = buildFonts({
    ascii: read('ascii.font'),
    symbols: read('symbols.font'),
    composed: read('composed.font'),
    small: read('small.font'),
  });
  mkdirSync(folder, { recursive: true });
  for (const height of [8, 14, 16] as const) {
    writeFileSync(join(folder, `font-8x${height}.inc`), dataLines(fonts[height], `Code page 437, 8x${height}`));
  }
  writeFileSync(join(folder, 'font-8x8-low.inc'), dataLines(fonts[8].subarray(0, 128 * 8), 'Code page 437, 8x8, first half'));
}

/** Sets the last byte so that the bytes add up to zero, as an option ROM's must. */
function setChecksum(rom: Uint8Array): void {
  rom[rom.length - 1] = 0;
  rom[rom.length - 1] = -rom.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

export interface Images {
  readonly bios: Uint8Array;
  readonly videoBios: Uint8Array;
  readonly kernelLoader: Uint8Array;
}

/** The ROMs from `sourceFolder`, with generated includes in `includeFolder`. */
export function buildImages(sourceFolder: string, includeFolder: string, assemble: Assemble): Images {
  writeFontIncludes(sourceFolder, includeFolder);
  const videoBios = assemble(join(sourceFolder, 'video-bios', 'video-bios.asm'), [includeFolder]);
  if (videoBios.length !== VIDEO_BIOS_BYTES) throw new Error(`the video BIOS has ${videoBios.length} bytes, not ${VIDEO_BIOS_BYTES}`);
  setChecksum(videoBios);
  const kernelLoader = assemble(join(sourceFolder, 'kernel-loader', 'kernel-loader.asm'), []);
  setChecksum(kernelLoader);

  const system = assemble(join(sourceFolder, 'bios', 'bios.asm'), [includeFolder]);
  if (system.length !== HALF_BYTES) throw new Error(`the system BIOS has ${system.length} bytes, not ${HALF_BYTES}`);
  const acpi = buildAcpiArea();
  if (LOW_ACPI + acpi.length > HALF_BYTES) throw new Error(`the ACPI area of ${acpi.length} bytes does not fit`);
  const bios = new Uint8Array(2 * HALF_BYTES).fill(0xff);
  bios.set(videoBios, LOW_VIDEO_BIOS);
  bios.set(acpi, LOW_ACPI);
  bios.set(system, HALF_BYTES);
  return { bios, videoBios, kernelLoader };
}
