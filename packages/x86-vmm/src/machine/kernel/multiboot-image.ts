import type { GuestImage, Placement } from './guest-image.js';
import { KernelImageError } from './image-error.js';

/*
 * Multiboot 1 kernels: ELF32, or any format with the address fields of the header.
 * Source: The Multiboot Specification version 0.6.96, §3.1 (header) and §3.3 (information); ELF: TIS ELF 1.2.
 */
const HEADER_MAGIC = 0x1bad_b002;
/** The header lies within this many bytes of the image, on a 4-byte border (§3.1). */
const HEADER_WITHIN = 8192;
const HeaderFlag = { video: 0x4, addresses: 0x1_0000 } as const;
/** Flags 0..15 say what the kernel demands; these we give (page-aligned modules, memory information). */
const KNOWN_DEMANDS = 0x3;
const ELF_MAGIC = 0x464c_457f;
const PT_LOAD = 1;
const MAX_SEGMENTS = 64;

const INFORMATION_ADDRESS = 0x8000;
const STRINGS_ADDRESS = 0x8100;
const MAX_STRINGS_BYTES = 0xf00;
const InformationFlag = { memory: 0x1, commandLine: 0x4, modules: 0x8 } as const;
const PAGE = 4096;

export function isMultibootImage(image: Uint8Array): boolean {
  return findHeader(image) !== undefined;
}

/** @throws KernelImageError */
export function placeMultibootImage(
  image: Uint8Array,
  module: Uint8Array | undefined,
  commandLine: string,
  memoryBytes: number,
): GuestImage {
  const at = findHeader(image);
  if (at === undefined) throw new KernelImageError('The image has no Multiboot header.');
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const flags = view.getUint32(at + 4, true);
  if ((flags & 0xffff & ~(KNOWN_DEMANDS | HeaderFlag.video)) !== 0)
    throw new KernelImageError('The kernel demands Multiboot features that do not exist.');
  const program = (flags & HeaderFlag.addresses) !== 0 ? byHeader(image, view, at) : byElf(image, view);
  let end = 0;
  for (const { address, bytes, clearBytes } of program.placements) {
    const last = address + bytes.length + (clearBytes ?? 0);
    if (address < 0x10_0000 || last > memoryBytes)
      throw new KernelImageError('The kernel’s segments are not all in the machine’s memory above 1 MiB.');
    end = Math.max(end, last);
  }
  return {
    placements: [...program.placements, ...information(end, module, commandLine, memoryBytes)],
    entry: { kind: 'multiboot', address: program.entry, information: INFORMATION_ADDRESS },
  };
}

interface Program {
  readonly placements: readonly Placement[];
  readonly entry: number;
}

function findHeader(image: Uint8Array): number | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (let at = 0; at + 12 <= Math.min(image.length, HEADER_WITHIN); at += 4) {
    if (view.getUint32(at, true) !== HEADER_MAGIC) continue;
    const sum = HEADER_MAGIC + view.getUint32(at + 4, true) + view.getUint32(at + 8, true);
    if (sum % 2 ** 32 === 0) return at;
  }
  return undefined;
}

function byHeader(image: Uint8Array, view: DataView, at: number): Program {
  if (at + 32 > image.length) throw new KernelImageError('The Multiboot header is cut off.');
  const [header, load, loadEnd, bssEnd, entry] = [12, 16, 20, 24, 28].map((offset) => view.getUint32(at + offset, true)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const start = at - (header - load);
  const length = loadEnd === 0 ? image.length - start : loadEnd - load;
  if (start < 0 || length < 0 || start + length > image.length)
    throw new KernelImageError('The Multiboot header’s addresses do not fit the image.');
  return {
    placements: [{ address: load, bytes: image.subarray(start, start + length), clearBytes: Math.max(0, bssEnd - load - length) }],
    entry,
  };
}

function byElf(image: Uint8Array, view: DataView): Program {
  const bad = (): KernelImageError => new KernelImageError('The kernel is not a sound 32-bit x86 ELF program.');
  if (image.length < 52 || view.getUint32(0, true) !== ELF_MAGIC || view.getUint8(4) !== 1 || view.getUint16(18, true) !== 3) throw bad();
  const table = view.getUint32(28, true);
  const size = view.getUint16(42, true);
  const count = view.getUint16(44, true);
  if (size < 32 || count > MAX_SEGMENTS || table + size * count > image.length) throw bad();
  const placements: Placement[] = [];
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    if (view.getUint32(at, true) !== PT_LOAD) continue;
    const [offset, , physical, fileBytes, memoryBytes] = [4, 8, 12, 16, 20].map((field) => view.getUint32(at + field, true)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (offset + fileBytes > image.length || memoryBytes < fileBytes) throw bad();
    placements.push({ address: physical, bytes: image.subarray(offset, offset + fileBytes), clearBytes: memoryBytes - fileBytes });
  }
  if (placements.length === 0) throw bad();
  return { placements, entry: view.getUint32(24, true) };
}

function information(end: number, module: Uint8Array | undefined, commandLine: string, memoryBytes: number): Placement[] {
  const line = Buffer.from(`${commandLine}\0`, 'latin1');
  if (line.length > MAX_STRINGS_BYTES) throw new KernelImageError('The kernel command line is too long.');
  const info = new DataView(new ArrayBuffer(0x100));
  info.setUint32(0, InformationFlag.memory | InformationFlag.commandLine | (module ? InformationFlag.modules : 0), true);
  info.setUint32(4, 639, true);
  info.setUint32(8, (memoryBytes - 0x10_0000) >>> 10, true);
  info.setUint32(16, STRINGS_ADDRESS, true);
  const placements: Placement[] = [{ address: STRINGS_ADDRESS, bytes: line }];
  if (module) {
    const address = Math.ceil(end / PAGE) * PAGE;
    if (address + module.length > memoryBytes)
      throw new KernelImageError('Kernel and module do not fit into the machine’s memory together.');
    // The module list lies behind the fixed part of the structure (88 bytes).
    info.setUint32(20, 1, true);
    info.setUint32(24, INFORMATION_ADDRESS + 0x60, true);
    info.setUint32(0x60, address, true);
    info.setUint32(0x64, address + module.length, true);
    placements.push({ address, bytes: module });
  }
  placements.push({ address: INFORMATION_ADDRESS, bytes: new Uint8Array(info.buffer) });
  return placements;
}
