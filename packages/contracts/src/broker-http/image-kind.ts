import type { ImageKind } from './images.js';

/** The usual floppy sizes in bytes, 160 KiB to 2.88 MB. */
const FLOPPY_SIZES = [163_840, 184_320, 327_680, 368_640, 737_280, 1_228_800, 1_474_560, 1_720_320, 2_949_120];
/** A shorter image is one whose end was left away, as GRUB's own; the drive reads zeros there. */
export const MAX_FLOPPY_BYTES = 2_949_120;

/** The likely place of a file in a machine, by its name (without folders) and size; the person may say otherwise, and the host checks. */
export function guessImageKind(fileName: string, sizeBytes: number): ImageKind {
  if (/\.(iso|cdr)$/i.test(fileName)) return 'cdrom';
  const isFloppy = /floppy|\.(flp|ima|vfd)$/i.test(fileName) || FLOPPY_SIZES.includes(sizeBytes);
  return isFloppy && sizeBytes <= MAX_FLOPPY_BYTES ? 'floppy' : 'disk';
}
