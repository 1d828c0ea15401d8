import { readFileSync } from 'node:fs';

/**
 * Our PC BIOS, 128 KiB. The last byte belongs at FFFFFFFFh and, through the PAM registers' reset
 * state, at FFFFFh. It carries the video BIOS and copies it to C0000 itself.
 */
export function readBios(): Uint8Array {
  return new Uint8Array(readFileSync(new URL('./bios.bin', import.meta.url)));
}

/** The VGA BIOS alone, a 32 KiB option ROM for C0000 or for the expansion ROM of 1234:1111. */
export function readVideoBios(): Uint8Array {
  return new Uint8Array(readFileSync(new URL('./vgabios.bin', import.meta.url)));
}

/** The option ROM (512 bytes) that starts what the board's loader device put into memory; belongs at D0000. */
export function readKernelLoader(): Uint8Array {
  return new Uint8Array(readFileSync(new URL('./kernel-loader.bin', import.meta.url)));
}
