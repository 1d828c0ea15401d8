import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { V86 } from 'v86';

/*
 * v86 as a program: COM1 on standard input and output. The one argument is JSON: memoryMiB, and floppy, or kernel with initrd and append.
 * Debian's SeaBIOS and its VGA BIOS are the firmware.
 */

const SEABIOS = '/usr/share/seabios';
const wasm = createRequire(import.meta.url).resolve('v86/build/v86.wasm');

const { memoryMiB, floppy, kernel, initrd, append } = JSON.parse(process.argv[2]);
const file = (path) => ({ buffer: Uint8Array.from(readFileSync(path)).buffer });
const emulator = new V86({
  wasm_path: wasm,
  bios: file(`${SEABIOS}/bios.bin`),
  vga_bios: file(`${SEABIOS}/vgabios-stdvga.bin`),
  memory_size: memoryMiB << 20,
  disable_speaker: true,
  autostart: true,
  ...(floppy && { fda: file(floppy) }),
  ...(kernel && { bzimage: file(kernel), initrd: file(initrd), cmdline: append }),
});

let line = [];
emulator.add_listener('serial0-output-byte', (byte) => {
  line.push(byte);
  if (byte !== 10) return;
  process.stdout.write(Buffer.from(line));
  line = [];
});
process.stdin.on('data', (bytes) => emulator.serial_send_bytes(0, bytes));
process.stdin.on('end', () => process.exit(0));
