import type { GuestImage, Placement } from './guest-image.js';
import { KernelImageError } from './image-error.js';

/*
 * Linux bzImage and zImage, entered at the real-mode set-up code.
 * Source: Documentation/arch/x86/boot.rst of the Linux kernel, "The Real-Mode Kernel Header"; offsets are the document's.
 */
const Header = {
  setupSects: 0x1f1,
  vidMode: 0x1fa,
  bootFlag: 0x1fe,
  signature: 0x202,
  version: 0x206,
  typeOfLoader: 0x210,
  loadFlags: 0x211,
  ramdiskImage: 0x218,
  ramdiskSize: 0x21c,
  heapEndPtr: 0x224,
  cmdLinePtr: 0x228,
  initrdAddrMax: 0x22c,
  cmdlineSize: 0x238,
} as const;
const SIGNATURE = 0x5372_6448; // "HdrS"
const LoadFlag = { loadedHigh: 0x01, canUseHeap: 0x80 } as const;
/** "Undefined" loader: ours has no number. */
const LOADER_TYPE = 0xff;

/** Where the real-mode code goes: the traditional place, below the EBDA. */
const SETUP_ADDRESS = 0x9_0000;
const HEAP_END = 0xde00;
const COMMAND_LINE_ADDRESS = 0x9_e000;
/** Up to the lowest EBDA that our firmware makes (9FC00h). */
const COMMAND_LINE_BYTES = 0x1c00;
const HIGH_ADDRESS = 0x10_0000;
const LOW_ADDRESS = 0x1_0000;
/** Default of initrd_addr_max before protocol 2.03. */
const INITRD_MAX_OLD = 0x37ff_ffff;
/** The firmware keeps its tables in the last MiB of RAM. */
const TOP_RESERVE = 0x10_0000;

export function isLinuxImage(image: Uint8Array): boolean {
  if (image.length < 0x260) return false;
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  return view.getUint16(Header.bootFlag, true) === 0xaa55 && view.getUint32(Header.signature, true) === SIGNATURE;
}

/** @param memoryBytes guest RAM from address 0 @throws KernelImageError */
export function placeLinuxImage(image: Uint8Array, initrd: Uint8Array | undefined, commandLine: string, memoryBytes: number): GuestImage {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const setupBytes = ((view.getUint8(Header.setupSects) || 4) + 1) * 512;
  const version = view.getUint16(Header.version, true);
  if (version < 0x200) throw new KernelImageError(`The kernel speaks boot protocol ${version.toString(16)}; 2.00 or later is needed.`);
  if (setupBytes >= image.length || setupBytes > 0x8000) throw new KernelImageError('The kernel’s set-up code does not fit its image.');
  const high = (view.getUint8(Header.loadFlags) & LoadFlag.loadedHigh) !== 0;
  const system = image.subarray(setupBytes);
  const systemAddress = high ? HIGH_ADDRESS : LOW_ADDRESS;
  if (systemAddress + system.length > (high ? memoryBytes : SETUP_ADDRESS))
    throw new KernelImageError('The kernel does not fit into the machine’s memory.');

  const setup = image.slice(0, setupBytes);
  const header = new DataView(setup.buffer);
  const mode = videoModeOf(commandLine);
  if (mode !== undefined) header.setUint16(Header.vidMode, mode, true);
  header.setUint8(Header.typeOfLoader, LOADER_TYPE);
  header.setUint8(Header.loadFlags, header.getUint8(Header.loadFlags) | LoadFlag.canUseHeap);
  header.setUint16(Header.heapEndPtr, HEAP_END - 0x200, true);
  const placements: Placement[] = [{ address: systemAddress, bytes: system }];

  const limit = version >= 0x206 ? Math.min(header.getUint32(Header.cmdlineSize, true), COMMAND_LINE_BYTES - 1) : 255;
  const line = Buffer.from(commandLine, 'latin1');
  if (line.length > limit) throw new KernelImageError(`The kernel command line has ${line.length} characters; this kernel takes ${limit}.`);
  if (version >= 0x202) header.setUint32(Header.cmdLinePtr, COMMAND_LINE_ADDRESS, true);
  else {
    header.setUint16(0x20, 0xa33f, true);
    header.setUint16(0x22, COMMAND_LINE_ADDRESS - SETUP_ADDRESS, true);
  }
  placements.push({ address: COMMAND_LINE_ADDRESS, bytes: Buffer.concat([line, Buffer.alloc(1)]) });

  if (initrd !== undefined && initrd.length > 0) {
    const maximum = version >= 0x203 ? header.getUint32(Header.initrdAddrMax, true) : INITRD_MAX_OLD;
    const top = Math.min(maximum + 1, memoryBytes - TOP_RESERVE);
    const address = (top - initrd.length) & ~0xfff;
    if (address < systemAddress + system.length)
      throw new KernelImageError('Kernel and initial RAM disk do not fit into the machine’s memory together.');
    header.setUint32(Header.ramdiskImage, address, true);
    header.setUint32(Header.ramdiskSize, initrd.length, true);
    placements.push({ address, bytes: initrd });
  }
  placements.push({ address: SETUP_ADDRESS, bytes: setup });
  return { placements, entry: { kind: 'linux', segment: SETUP_ADDRESS >>> 4, stackPointer: HEAP_END } };
}

/** `vga=` is the loader's to obey: words or a mode number (boot.rst, "Special Command Line Options"). */
function videoModeOf(commandLine: string): number | undefined {
  const value = /(?:^|\s)vga=(\S+)/.exec(commandLine)?.[1];
  const words: Readonly<Record<string, number>> = { normal: 0xffff, ext: 0xfffe, ask: 0xfffd };
  const mode = value === undefined ? Number.NaN : (words[value] ?? Number(value));
  return Number.isInteger(mode) && mode >= 0 && mode <= 0xffff ? mode : undefined;
}
