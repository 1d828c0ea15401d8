/*
 * Guest-physical memory as the processor reaches it: RAM, ROM and video memory through the page tables of the chipset's map,
 * anything else through the bus. Physical addresses here have the A20 mask applied already.
 */
import { CODE_GRANULES, PAGE_HAS_CODE, PHYSICAL_MMIO, PHYSICAL_READ, PHYSICAL_WRITE, VIDEO_DIRTY, VIDEO_RAM } from './state.generated';

/** A device's register or open bus; 1, 2 or 4 bytes inside one page. */
@external("env", "mmioRead")
declare function mmioRead(physical: u32, bytes: u32): u32;
@external("env", "mmioWrite")
declare function mmioWrite(physical: u32, value: u32, bytes: u32): void;
/** Bytes that decoded code was taken from have just been written. */
@external("env", "codeWritten")
declare function codeWritten(physical: u32, bytes: u32): void;

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function backingForRead(physical: u32): u32 {
  return load<u32>(PHYSICAL_READ + ((physical >>> 12) << 2));
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function backingForWrite(physical: u32): u32 {
  return load<u32>(PHYSICAL_WRITE + ((physical >>> 12) << 2));
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function hasCode(physical: u32): bool {
  return load<u8>(PAGE_HAS_CODE + (physical >>> 12)) != 0;
}

/** 1 to 8 bytes that do not leave their page. */
export function loadPhysical(physical: u32, bytes: u32): u64 {
  const backing = backingForRead(physical);
  if (backing != PHYSICAL_MMIO) {
    const host = backing + (physical & 0xfff);
    if (bytes == 4) return load<u32>(host);
    if (bytes == 1) return load<u8>(host);
    if (bytes == 2) return load<u16>(host);
    if (bytes == 8) return load<u64>(host);
    let value: u64 = 0;
    for (let i: u32 = 0; i < bytes; i++) value |= (<u64>load<u8>(host + i)) << (i << 3);
    return value;
  }
  if (bytes <= 2 || bytes == 4) return mmioRead(physical, bytes);
  if (bytes == 8) {
    const low: u64 = mmioRead(physical, 4);
    return low | ((<u64>mmioRead(physical + 4, 4)) << 32);
  }
  let value: u64 = 0;
  for (let i: u32 = 0; i < bytes; i++) value |= (<u64>mmioRead(physical + i, 1)) << (i << 3);
  return value;
}

/** 1 to 8 bytes that do not leave their page. */
export function storePhysical(physical: u32, value: u64, bytes: u32): void {
  const backing = backingForWrite(physical);
  if (backing == PHYSICAL_MMIO) {
    storeMmio(physical, value, bytes);
    return;
  }
  const host = (backing & ~0xfff) + (physical & 0xfff);
  storeBytes(host, value, bytes);
  markVideo(physical);
  if (meetsCode(physical, bytes)) codeWritten(physical, bytes);
}

/** Notes a write to video memory, whose pages a screen update looks at. */
export function markVideo(physical: u32): void {
  const backing = backingForWrite(physical);
  if (backing & 1) store<u8>(VIDEO_DIRTY + (((backing & ~0xfff) - VIDEO_RAM) >>> 12), 1);
}

/** 1 to 8 bytes, at an address of this memory. */
export function storeBytes(host: u32, value: u64, bytes: u32): void {
  if (bytes == 4) store<u32>(host, <u32>value);
  else if (bytes == 1) store<u8>(host, <u8>value);
  else if (bytes == 2) store<u16>(host, <u16>value);
  else if (bytes == 8) store<u64>(host, value);
  else for (let i: u32 = 0; i < bytes; i++) store<u8>(host + i, <u8>(value >> (i << 3)));
}

function storeMmio(physical: u32, value: u64, bytes: u32): void {
  if (bytes <= 2 || bytes == 4) mmioWrite(physical, <u32>value, bytes);
  else if (bytes == 8) {
    mmioWrite(physical, <u32>value, 4);
    mmioWrite(physical + 4, <u32>(value >> 32), 4);
  } else for (let i: u32 = 0; i < bytes; i++) mmioWrite(physical + i, <u32>(value >> (i << 3)) & 0xff, 1);
}

/** Whether a write of `bytes` would change code that was decoded: see `storePhysical`. */
export function meetsCode(physical: u32, bytes: u32): bool {
  return hasCode(physical) && granulesHaveCode(physical, bytes);
}

function granulesHaveCode(physical: u32, bytes: u32): bool {
  const granules = load<u64>(CODE_GRANULES + ((physical >>> 12) << 3));
  const first = (physical & 0xfff) >>> 6;
  const last = ((physical & 0xfff) + bytes - 1) >>> 6;
  return ((granules >> first) & 1) != 0 || ((granules >> last) & 1) != 0;
}

/** Marks `bytes` of one page as decoded code. Returns whether the page had none before: its write translations must go then. */
export function markGranules(physical: u32, bytes: u32): bool {
  const at = CODE_GRANULES + ((physical >>> 12) << 3);
  let granules = load<u64>(at);
  const last = ((physical & 0xfff) + bytes - 1) >>> 6;
  for (let granule = (physical & 0xfff) >>> 6; granule <= last && granule < 64; granule++) granules |= (<u64>1) << granule;
  store<u64>(at, granules);
  if (hasCode(physical)) return false;
  store<u8>(PAGE_HAS_CODE + (physical >>> 12), 1);
  return true;
}
