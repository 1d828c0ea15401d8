import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assemble } from './assemble.js';
import { assetsInclude } from './assets.js';

const SECTOR = 512;
/** A 1.44 MB diskette's size: the image boots as a hard disk and as a diskette. */
const IMAGE_BYTES = 1_474_560;
/** The program lies from 10000h to 7FFFFh. */
const LARGEST_PROGRAM = 0x70000;

/** The disk image from the assembly sources in `folder`: boot sector, program, zeros. */
export function buildImage(folder: string, assemble: Assemble): Uint8Array {
  const includes = new Map<string, string>([['assets.inc', assetsInclude()]]);
  for (const name of readdirSync(folder)) if (name.endsWith('.asm')) includes.set(name, readFileSync(join(folder, name), 'utf8'));
  const program = assemble(includes.get('line3.asm')!, includes);
  if (program.length > LARGEST_PROGRAM) throw new Error(`the program's ${program.length} bytes do not fit below 80000h`);
  const sectors = Math.ceil(program.length / SECTOR);
  const boot = assemble(`%define PANEL_SECTORS ${sectors}\n${includes.get('boot.asm')!}`, includes);
  if (boot.length !== SECTOR) throw new Error(`the boot sector has ${boot.length} bytes`);
  const image = new Uint8Array(IMAGE_BYTES);
  image.set(boot);
  image.set(program, SECTOR);
  return image;
}
