/*
 * The translation tables (TLB): four flat tables of page addends with a list of the linear pages that have an entry, for clearing.
 * An entry only says that an access needs no further thought; whatever needs thought has none and takes the slow path of mmu.ts.
 */
import { DR, PHYSICAL_MMIO, TLB, TLB_BYTES, TLB_LIST, TLB_LIST_COUNT, TLB_LIST_ENTRIES } from './state.generated';
import { backingForRead, backingForWrite, hasCode } from './physical';

const SUPERVISOR_READ: u32 = TLB;
const SUPERVISOR_WRITE: u32 = TLB + TLB_BYTES;
const USER_READ: u32 = TLB + 2 * TLB_BYTES;
const USER_WRITE: u32 = TLB + 3 * TLB_BYTES;
const INVALID: u32 = 1;
/** Low bits of a write entry whose page may be written but holds decoded code: odd like any that needs thought, but no walk. */
export const BESIDE_CODE: u32 = 3;

/** Linear pages with a write entry to video memory: 4096 u32 in the kernels' own data area, above their static data. */
const VIDEO_LIST: u32 = 0x1_a000;
const VIDEO_LIST_ENTRIES: u32 = 4096;
/** One byte a 4 MiB region of linear addresses: filled from a large page, so that INVLPG drops the whole region. */
const LARGE_REGIONS: u32 = 0x1_e000;
const VIDEO_LIST_COUNT: u32 = 0x1_e400;

/** What a page walk allows; bits of the `rights` argument below. */
export const USER: u32 = 1;
export const SUPERVISOR_MAY_WRITE: u32 = 2;
export const USER_MAY_WRITE: u32 = 4;
/** The page's dirty bit is set, or it has none. */
export const DIRTY: u32 = 8;
export const GLOBAL: u32 = 16;
export const LARGE: u32 = 32;
/** The access that led here is a write: video memory may be armed, for the write marks it dirty. */
export const WRITING: u32 = 64;

/** Enters a page after a successful walk. Both addresses may have offsets; they are ignored. */
export function fill(linear: u32, physical: u32, rights: u32): void {
  const page = linear & 0xffff_f000;
  const slot = (page >>> 12) << 2;
  const watched = watchedAccesses(page);
  const isNew = (load<u32>(SUPERVISOR_READ + slot) & load<u32>(SUPERVISOR_WRITE + slot) & load<u32>(USER_READ + slot) & load<u32>(USER_WRITE + slot) & 1) != 0;
  let entered = false;
  const readable = backingForRead(physical);
  if (readable != PHYSICAL_MMIO && !(watched & 1)) {
    store<u32>(SUPERVISOR_READ + slot, readable - page);
    if (rights & USER) store<u32>(USER_READ + slot, readable - page);
    entered = true;
  }
  const writable = backingForWrite(physical);
  const isVideo = (writable & 1) != 0 && writable != PHYSICAL_MMIO;
  // Where reads go elsewhere (ROM over shadow RAM) a read-modify-write may not take both from one entry.
  const isSame = (writable & 0xffff_f000) == readable;
  const holdsCode = hasCode(physical);
  const isArmed = isVideo ? !holdsCode && (rights & WRITING) != 0 : true;
  if (isSame && writable != PHYSICAL_MMIO && (rights & DIRTY) && watched == 0 && isArmed) {
    const addend = ((writable & 0xffff_f000) - page) | (holdsCode ? BESIDE_CODE : 0);
    if (rights & SUPERVISOR_MAY_WRITE) store<u32>(SUPERVISOR_WRITE + slot, addend);
    if (rights & USER_MAY_WRITE) store<u32>(USER_WRITE + slot, addend);
    if (rights & (SUPERVISOR_MAY_WRITE | USER_MAY_WRITE)) {
      entered = true;
      if (isVideo) rememberVideo(page);
    }
  }
  if (!entered) return;
  if (rights & LARGE) store<u8>(LARGE_REGIONS + (page >>> 22), 1);
  if (isNew) remember(page, (rights & GLOBAL) != 0);
}

/** Page is in a list that is full: everything is dropped but this page, which is the one just filled. */
function remember(page: u32, global: bool): void {
  let count = load<u32>(TLB_LIST_COUNT);
  if (count == TLB_LIST_ENTRIES) {
    const slot = (page >>> 12) << 2;
    const supervisorRead = load<u32>(SUPERVISOR_READ + slot);
    const supervisorWrite = load<u32>(SUPERVISOR_WRITE + slot);
    const userRead = load<u32>(USER_READ + slot);
    const userWrite = load<u32>(USER_WRITE + slot);
    flushTranslations(true);
    store<u32>(SUPERVISOR_READ + slot, supervisorRead);
    store<u32>(SUPERVISOR_WRITE + slot, supervisorWrite);
    store<u32>(USER_READ + slot, userRead);
    store<u32>(USER_WRITE + slot, userWrite);
    // A flush forgets which regions hold large pages; this page may be of one.
    store<u8>(LARGE_REGIONS + (page >>> 22), 1);
    count = 0;
  }
  store<u32>(TLB_LIST + (count << 2), page | <u32>global);
  store<u32>(TLB_LIST_COUNT, count + 1);
}

function rememberVideo(page: u32): void {
  let count = load<u32>(VIDEO_LIST_COUNT);
  if (count == VIDEO_LIST_ENTRIES) {
    // Drop the oldest half: those pages only take the slow path once more.
    for (let i: u32 = 0; i < VIDEO_LIST_ENTRIES / 2; i++) dropWrite(load<u32>(VIDEO_LIST + (i << 2)));
    count = VIDEO_LIST_ENTRIES / 2;
    memory.copy(VIDEO_LIST, VIDEO_LIST + VIDEO_LIST_ENTRIES * 2, VIDEO_LIST_ENTRIES * 2);
  }
  store<u32>(VIDEO_LIST + (count << 2), page);
  store<u32>(VIDEO_LIST_COUNT, count + 1);
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function dropWrite(page: u32): void {
  const slot = (page >>> 12) << 2;
  store<u32>(SUPERVISOR_WRITE + slot, INVALID);
  store<u32>(USER_WRITE + slot, INVALID);
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function drop(page: u32): void {
  const slot = (page >>> 12) << 2;
  store<u32>(SUPERVISOR_READ + slot, INVALID);
  store<u32>(USER_READ + slot, INVALID);
  dropWrite(page);
}

/** CR3 load (global pages stay) or a change of CR0, CR4, A20 or the physical map (nothing stays). */
export function flushTranslations(includingGlobal: bool): void {
  const count = load<u32>(TLB_LIST_COUNT);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const entry = load<u32>(TLB_LIST + (i << 2));
    if (!includingGlobal && (entry & 1)) store<u32>(TLB_LIST + (kept++ << 2), entry);
    else drop(entry);
  }
  store<u32>(TLB_LIST_COUNT, kept);
  if (includingGlobal) {
    memory.fill(LARGE_REGIONS, 0, 1024);
    store<u32>(VIDEO_LIST_COUNT, 0);
  }
}

/** INVLPG: the page, or all of its 4 MiB region when a large page has filled part of it (SDM Vol. 3A 4.10.4.1). */
export function invalidatePage(linear: u32): void {
  const region = LARGE_REGIONS + (linear >>> 22);
  if (load<u8>(region) == 0) {
    drop(linear);
    return;
  }
  store<u8>(region, 0);
  const first = linear & 0xffc0_0000;
  for (let i: u32 = 0; i < 1024; i++) drop(first + (i << 12));
}

/** Drops the write translations to video memory: the next write to each page marks it dirty again. */
export function disarmVideoWrites(): void {
  const count = load<u32>(VIDEO_LIST_COUNT);
  for (let i: u32 = 0; i < count; i++) dropWrite(load<u32>(VIDEO_LIST + (i << 2)));
  store<u32>(VIDEO_LIST_COUNT, 0);
}

/** Drops every write translation to one physical page, by whatever linear address: it has become code. */
export function dropWritesTo(physical: u32): void {
  const backing = backingForWrite(physical);
  if (backing == PHYSICAL_MMIO) return;
  const host = backing & 0xffff_f000;
  const count = load<u32>(TLB_LIST_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const page = load<u32>(TLB_LIST + (i << 2)) & 0xffff_f000;
    const slot = (page >>> 12) << 2;
    if (load<u32>(SUPERVISOR_WRITE + slot) + page == host || load<u32>(USER_WRITE + slot) + page == host) dropWrite(page);
  }
}

/** Data breakpoints on a page: bit 0, reads are watched; bit 1, writes are (SDM Vol. 3B 17.2.4). */
function watchedAccesses(page: u32): u32 {
  const dr7 = load<u32>(DR + 7 * 8);
  if ((dr7 & 0xff) == 0) return 0;
  let watched: u32 = 0;
  for (let i: u32 = 0; i < 4; i++) {
    if (((dr7 >>> (i << 1)) & 3) == 0) continue;
    const kind = (dr7 >>> (16 + (i << 2))) & 3;
    if ((kind & 1) == 0 || (load<u32>(DR + (i << 3)) & 0xffff_f000) != page) continue;
    watched |= kind == 3 ? 3 : 2;
  }
  return watched;
}
