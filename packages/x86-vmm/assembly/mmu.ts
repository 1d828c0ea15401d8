/*
 * Linear addresses to bytes: 32-bit paging with 4 KiB and 4 MiB pages (SDM Vol. 3A chapter 4.3, 4.6-4.10), A20, accesses that cross
 * pages, exact page faults, data breakpoints. Every function that can fault notes it in FAULT, FAULT_ERROR and CR2 and returns 0;
 * a store that faults has written nothing.
 *
 * PSE-36, PAE and the page-attribute table are not offered by CPUID; the bits they would use are ignored.
 */
import {
  A20_MASK,
  ACCESS_BUFFER,
  CPL,
  CR,
  DR,
  FAULT,
  FAULT_ERROR,
  PENDING_DEBUG,
  PHYSICAL_MMIO,
  RAM,
  SCRATCH,
  TLB,
  TLB_BYTES,
  TLB_READ,
  TLB_WRITE,
  WALK_PERIOD,
  WALKS_LEFT,
  WALKS_TIMED,
  WALKS_TIMED_MS,
} from './state.generated';
import { backingForRead, loadPhysical, markGranules, markVideo, meetsCode, storeBytes, storePhysical } from './physical';
import { BESIDE_CODE, DIRTY, dropWritesTo, fill, GLOBAL, LARGE, SUPERVISOR_MAY_WRITE, USER, USER_MAY_WRITE, WRITING } from './translations';
export { disarmVideoWrites, flushTranslations, invalidatePage } from './translations';

const PAGE_FAULT: u32 = 14;
const CR0_WP: u32 = 0x0001_0000;
const CR0_PG: u32 = 0x8000_0000;
const CR4_PSE: u32 = 0x10;
const CR4_PGE: u32 = 0x80;
/** Bits of page-directory and page-table entries (SDM Vol. 3A tables 4-4 to 4-6). */
const P: u32 = 1;
const RW: u32 = 2;
const US: u32 = 4;
const A: u32 = 0x20;
const D: u32 = 0x40;
const PS: u32 = 0x80;
const G: u32 = 0x100;

/** Result of `translate`, A20 applied. */
let translated: u32 = 0;

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function isUser(): bool {
  return load<u32>(CPL) == 3;
}

/** Error code bits: present 0, write 1, user 2 (SDM Vol. 3A 4.7). */
function pageFault(linear: u32, present: u32, write: bool, user: bool): bool {
  store<u32>(FAULT_ERROR, present | ((<u32>write) << 1) | ((<u32>user) << 2));
  store<u64>(CR + 2 * 8, linear);
  store<u32>(FAULT, PAGE_FAULT + 1);
  return false;
}

/** The host's clock, ms. */
@external("env", "now")
declare function now(): f64;
/** A walk that took longer, ms, was interrupted by the host: multiplied it would be a lie. */
const LONGEST_WALK_MS: f64 = 0.05;

/** Walks the tables, sets accessed and dirty bits, enters the translation. False: fault noted. */
function translate(linear: u32, write: bool, user: bool): bool {
  const left = load<u32>(WALKS_LEFT);
  if (left != 0) {
    store<u32>(WALKS_LEFT, left - 1);
    return walk(linear, write, user);
  }
  store<u32>(WALKS_LEFT, WALK_PERIOD - 1);
  const before = now();
  const isMapped = walk(linear, write, user);
  store<f64>(WALKS_TIMED_MS, load<f64>(WALKS_TIMED_MS) + min<f64>(now() - before, LONGEST_WALK_MS));
  store<u32>(WALKS_TIMED, load<u32>(WALKS_TIMED) + 1);
  return isMapped;
}

/** What two looks at the clock around nothing take, ms: part of every timed walk. */
export function clockCost(): f64 {
  let least = LONGEST_WALK_MS;
  for (let i = 0; i < 20; i++) {
    const before = now();
    for (let n = 0; n < 19; n++) now();
    least = min<f64>(least, (now() - before) / 20);
  }
  return least;
}

function walk(linear: u32, write: bool, user: bool): bool {
  const a20 = load<u32>(A20_MASK);
  const cr0 = load<u32>(CR);
  if (!(cr0 & CR0_PG)) {
    translated = linear & a20;
    fill(linear, translated, USER | SUPERVISOR_MAY_WRITE | USER_MAY_WRITE | DIRTY | (write ? WRITING : 0));
    return true;
  }
  const cr4 = load<u32>(CR + 4 * 8);
  const directoryEntry = ((load<u32>(CR + 3 * 8) & 0xffff_f000) | ((linear >>> 20) & 0xffc)) & a20;
  const pde = <u32>loadPhysical(directoryEntry, 4);
  if (!(pde & P)) return pageFault(linear, 0, write, user);
  const isLarge = (pde & PS) != 0 && (cr4 & CR4_PSE) != 0;
  let leafEntry = directoryEntry;
  let leaf = pde;
  let allowed = pde;
  if (!isLarge) {
    leafEntry = ((pde & 0xffff_f000) | ((linear >>> 10) & 0xffc)) & a20;
    leaf = <u32>loadPhysical(leafEntry, 4);
    if (!(leaf & P)) return pageFault(linear, 0, write, user);
    allowed &= leaf;
  }
  const userAllowed = (allowed & US) != 0;
  const supervisorMayWrite = (allowed & RW) != 0 || !(cr0 & CR0_WP);
  const userMayWrite = userAllowed && (allowed & RW) != 0;
  if (user ? !userAllowed || (write && !userMayWrite) : write && !supervisorMayWrite) return pageFault(linear, 1, write, user);

  const used = leaf | A | (write ? D : 0);
  if (!isLarge && !(pde & A)) storePhysical(directoryEntry, pde | A, 4);
  if (used != leaf) storePhysical(leafEntry, used, 4);
  translated = (isLarge ? (leaf & 0xffc0_0000) | (linear & 0x003f_ffff) : (leaf & 0xffff_f000) | (linear & 0xfff)) & a20;
  let rights: u32 = 0;
  if (userAllowed) rights |= USER;
  if (supervisorMayWrite) rights |= SUPERVISOR_MAY_WRITE;
  if (userMayWrite) rights |= USER_MAY_WRITE;
  if (used & D) rights |= DIRTY;
  if (write) rights |= WRITING;
  if ((leaf & G) != 0 && (cr4 & CR4_PGE) != 0) rights |= GLOBAL;
  if (isLarge) rights |= LARGE;
  fill(linear, translated, rights);
  return true;
}

/** Notes data breakpoints that an access meets (SDM Vol. 3B 17.2.4, 17.2.5); a trap for after the instruction. */
function noteBreakpoints(linear: u32, bytes: u32, write: bool): void {
  const dr7 = load<u32>(DR + 7 * 8);
  let met: u32 = 0;
  let enabledMet = false;
  for (let i: u32 = 0; i < 4; i++) {
    const kind = (dr7 >>> (16 + (i << 2))) & 3;
    if ((kind & 1) == 0 || (kind == 1 && !write)) continue;
    const length: u32 = lengthOf((dr7 >>> (18 + (i << 2))) & 3);
    const start = load<u32>(DR + (i << 3)) & ~(length - 1);
    // Differences instead of ends: neither range may wrap the comparison.
    if (linear - start >= length && start - linear >= bytes) continue;
    met |= 1 << i;
    if (((dr7 >>> (i << 1)) & 3) != 0) enabledMet = true;
  }
  if (enabledMet) store<u32>(PENDING_DEBUG, load<u32>(PENDING_DEBUG) | met);
}

function lengthOf(code: u32): u32 {
  if (code == 0) return 1;
  if (code == 1) return 2;
  return code == 2 ? 8 : 4;
}

function slowRead(linear: u32, bytes: u32, user: bool): u64 {
  let value: u64;
  const inFirst: u32 = 0x1000 - (linear & 0xfff);
  if (bytes <= inFirst) {
    if (!translate(linear, false, user)) return 0;
    value = loadPhysical(translated, bytes);
  } else {
    if (!translate(linear, false, user)) return 0;
    const first = translated;
    if (!translate(linear + inFirst, false, user)) return 0;
    const second = translated;
    value = loadPhysical(first, inFirst) | (loadPhysical(second, bytes - inFirst) << (inFirst << 3));
  }
  if (load<u8>(DR + 7 * 8)) noteBreakpoints(linear, bytes, false);
  return value;
}

/** Where bytes are that lie in a page beside decoded code and may be written without a thought of it; 0: more thought is needed. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function hostBesideCode(linear: u32, bytes: u32, user: bool): u32 {
  const addend = entryOf(linear, true, user);
  if ((addend & BESIDE_CODE) != BESIDE_CODE || !stays(linear, bytes)) return 0;
  const host = linear + (addend - BESIDE_CODE);
  return host < RAM || meetsCode(host - RAM, bytes) ? 0 : host;
}

function slowWrite(linear: u32, value: u64, bytes: u32, user: bool): void {
  const host = hostBesideCode(linear, bytes, user);
  if (host != 0) {
    storeBytes(host, value, bytes);
    return;
  }
  const inFirst: u32 = 0x1000 - (linear & 0xfff);
  if (!translate(linear, true, user)) return;
  if (bytes <= inFirst) storePhysical(translated, value, bytes);
  else {
    const first = translated;
    if (!translate(linear + inFirst, true, user)) return;
    const second = translated;
    storePhysical(first, value, inFirst);
    storePhysical(second, value >> (inFirst << 3), bytes - inFirst);
  }
  if (load<u8>(DR + 7 * 8)) noteBreakpoints(linear, bytes, true);
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function entry(table: u32, linear: u32): u32 {
  return load<u32>(load<u32>(table) + ((linear >>> 12) << 2));
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function stays(linear: u32, bytes: u32): bool {
  return (linear & 0xfff) <= 0x1000 - bytes;
}

/** Data reads at the current privilege. */
export function read8(linear: u32): u32 {
  const addend = entry(TLB_READ, linear);
  return addend & 1 ? <u32>slowRead(linear, 1, isUser()) : load<u8>(linear + addend);
}
export function read16(linear: u32): u32 {
  const addend = entry(TLB_READ, linear);
  return addend & 1 || !stays(linear, 2) ? <u32>slowRead(linear, 2, isUser()) : load<u16>(linear + addend);
}
export function read32(linear: u32): u32 {
  const addend = entry(TLB_READ, linear);
  return addend & 1 || !stays(linear, 4) ? <u32>slowRead(linear, 4, isUser()) : load<u32>(linear + addend);
}
export function read64(linear: u32): u64 {
  const addend = entry(TLB_READ, linear);
  return addend & 1 || !stays(linear, 8) ? slowRead(linear, 8, isUser()) : load<u64>(linear + addend);
}

/** A vector, aligned or not, in two halves where its translation does not serve. */
export function read128(linear: u32): v128 {
  const addend = entry(TLB_READ, linear);
  if (!(addend & 1) && stays(linear, 16)) return v128.load(linear + addend);
  if (!stays(linear, 16) && !probe(linear, 16, false, isUser())) return i64x2.splat(0);
  const low = slowRead(linear, 8, isUser());
  if (load<u32>(FAULT) != 0) return i64x2.splat(0);
  return i64x2.replace_lane(i64x2.splat(low), 1, slowRead(linear + 8, 8, isUser()));
}

/**
 * For accesses of generated code that take no short way. The addend under which the bytes at `linear` can be loaded: of their page, now that
 * its translation is entered, or of a buffer where they were put. Odd: a fault is noted.
 */
export function readAddend(linear: u32, bytes: u32): u32 {
  if (stays(linear, bytes)) {
    const addend = entry(TLB_READ, linear);
    if (!(addend & 1)) return addend;
    if (!translate(linear, false, isUser())) return 1;
    const entered = entry(TLB_READ, linear);
    if (!(entered & 1)) return entered;
  }
  return buffer(linear, bytes);
}
function buffer(linear: u32, bytes: u32): u32 {
  // As odd as the linear address: an odd addend would be a fault.
  const at = ACCESS_BUFFER + (linear & 1);
  if (bytes == 16) v128.store(at, read128(linear));
  else store<u64>(at, slowRead(linear, bytes, isUser()));
  return load<u32>(FAULT) != 0 ? 1 : at - linear;
}
/**
 * The same of bytes that will be written after they were read, with all faults of the write. In the buffer, they must be written by `write8` and
 * its like afterwards.
 */
export function writeAddend(linear: u32, bytes: u32): u32 {
  const addend = pageForWrite(linear, bytes);
  if (!(addend & 1)) return addend;
  return load<u32>(FAULT) != 0 || !probe(linear, bytes, true, isUser()) ? 1 : buffer(linear, bytes);
}
/** Odd also where the bytes meet decoded code: see `tryWrite`. */
export function tryWriteAddend(linear: u32, bytes: u32): u32 {
  const addend = pageForWrite(linear, bytes);
  if (!(addend & 1)) return addend;
  return load<u32>(FAULT) != 0 || !mayWrite(linear, bytes) ? 1 : buffer(linear, bytes);
}
/** Addend of a page that serves reading and writing these bytes. Odd: it does not, or a fault is noted. */
function pageForWrite(linear: u32, bytes: u32): u32 {
  if (!stays(linear, bytes)) return 1;
  const user = isUser();
  const addend = entryOf(linear, true, user);
  if (!(addend & 1)) return addend;
  const host = hostBesideCode(linear, bytes, user);
  if (host != 0) return host - linear;
  if ((addend & BESIDE_CODE) == BESIDE_CODE || !translate(linear, true, user)) return 1;
  markVideo(translated);
  return entryOf(linear, true, user);
}

/** Data writes at the current privilege. */
export function write8(linear: u32, value: u32): void {
  const addend = entry(TLB_WRITE, linear);
  if (addend & 1) slowWrite(linear, value, 1, isUser());
  else store<u8>(linear + addend, value);
}
export function write16(linear: u32, value: u32): void {
  const addend = entry(TLB_WRITE, linear);
  if (addend & 1 || !stays(linear, 2)) slowWrite(linear, value, 2, isUser());
  else store<u16>(linear + addend, value);
}
export function write32(linear: u32, value: u32): void {
  const addend = entry(TLB_WRITE, linear);
  if (addend & 1 || !stays(linear, 4)) slowWrite(linear, value, 4, isUser());
  else store<u32>(linear + addend, value);
}
export function write64(linear: u32, value: u64): void {
  const addend = entry(TLB_WRITE, linear);
  if (addend & 1 || !stays(linear, 8)) slowWrite(linear, value, 8, isUser());
  else store<u64>(linear + addend, value);
}

/**
 * Writes as translated code makes them: `bytes` are written unless the write faults (noted) or meets decoded code. Returns 0, or 1 when nothing was
 * written: the interpreter then executes the instruction, and code never changes under the region that runs.
 */
function tryWrite(linear: u32, value: u64, bytes: u32): u32 {
  const addend = pageForWrite(linear, bytes);
  if (!(addend & 1)) {
    storeBytes(linear + addend, value, bytes);
    return 0;
  }
  if (load<u32>(FAULT) != 0 || !mayWrite(linear, bytes)) return 1;
  slowWrite(linear, value, bytes, isUser());
  return 0;
}
/** Every page of the range may be written and holds no code where it is. */
function mayWrite(linear: u32, bytes: u32): bool {
  const user = isUser();
  let at = linear;
  let left = bytes;
  while (left > 0) {
    if (!translate(at, true, user)) return false;
    const inPage: u32 = 0x1000 - (at & 0xfff);
    const part = left < inPage ? left : inPage;
    if (meetsCodeIn(translated, part)) return false;
    at += part;
    left -= part;
  }
  return true;
}
/** `meetsCode` looks at the first and the last granule only. */
function meetsCodeIn(physical: u32, bytes: u32): bool {
  for (let at: u32 = 0; at < bytes; at += 64) if (meetsCode(physical + at, 1)) return true;
  return meetsCode(physical + bytes - 1, 1);
}
export function tryWrite8(linear: u32, value: u32): u32 {
  return tryWrite(linear, value, 1);
}
export function tryWrite16(linear: u32, value: u32): u32 {
  return tryWrite(linear, value, 2);
}
export function tryWrite32(linear: u32, value: u32): u32 {
  return tryWrite(linear, value, 4);
}
export function tryWrite64(linear: u32, value: u64): u32 {
  return tryWrite(linear, value, 8);
}
export function tryProbeWrite(linear: u32, bytes: u32): u32 {
  return mayWrite(linear, bytes) ? 0 : 1;
}
export function tryWrite128(linear: u32, value: v128): u32 {
  if (!mayWrite(linear, 16)) return 1;
  write128(linear, value);
  return 0;
}
export function write128(linear: u32, value: v128): void {
  const addend = entry(TLB_WRITE, linear);
  if (!(addend & 1) && stays(linear, 16)) return v128.store(linear + addend, value);
  if (!stays(linear, 16) && !probe(linear, 16, true, isUser())) return;
  slowWrite(linear, i64x2.extract_lane(value, 0), 8, isUser());
  if (load<u32>(FAULT) == 0) slowWrite(linear + 8, i64x2.extract_lane(value, 1), 8, isUser());
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function tableOf(write: bool, user: bool): u32 {
  return TLB + (user ? 2 * TLB_BYTES : 0) + (write ? TLB_BYTES : 0);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function entryOf(linear: u32, write: bool, user: bool): u32 {
  return load<u32>(tableOf(write, user) + ((linear >>> 12) << 2));
}

/** The processor's own accesses to descriptor tables and task-state segments: supervisor whatever the CPL (SDM Vol. 3A 4.6.1). */
export function readSystem8(linear: u32): u32 {
  const addend = entryOf(linear, false, false);
  return addend & 1 ? <u32>slowRead(linear, 1, false) : load<u8>(linear + addend);
}
export function readSystem16(linear: u32): u32 {
  const addend = entryOf(linear, false, false);
  return addend & 1 || !stays(linear, 2) ? <u32>slowRead(linear, 2, false) : load<u16>(linear + addend);
}
export function readSystem32(linear: u32): u32 {
  const addend = entryOf(linear, false, false);
  return addend & 1 || !stays(linear, 4) ? <u32>slowRead(linear, 4, false) : load<u32>(linear + addend);
}
export function writeSystem8(linear: u32, value: u32): void {
  const addend = entryOf(linear, true, false);
  if (addend & 1) slowWrite(linear, value, 1, false);
  else store<u8>(linear + addend, value);
}
export function writeSystem16(linear: u32, value: u32): void {
  const addend = entryOf(linear, true, false);
  if (addend & 1 || !stays(linear, 2)) slowWrite(linear, value, 2, false);
  else store<u16>(linear + addend, value);
}
export function writeSystem32(linear: u32, value: u32): void {
  const addend = entryOf(linear, true, false);
  if (addend & 1 || !stays(linear, 4)) slowWrite(linear, value, 4, false);
  else store<u32>(linear + addend, value);
}

/**
 * Where `bytes` of one page are in this memory when a plain load or store may take them, as a user or as the processor itself; 0: they cross the
 * page, the access needs thought (a device, code, video memory), or it faults, which is noted.
 */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function hostForRead(linear: u32, bytes: u32, user: bool): u32 {
  return hostFor(linear, bytes, false, user);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function hostForWrite(linear: u32, bytes: u32, user: bool): u32 {
  return hostFor(linear, bytes, true, user);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function hostFor(linear: u32, bytes: u32, write: bool, user: bool): u32 {
  if (!stays(linear, bytes)) return 0;
  let addend = entryOf(linear, write, user);
  if (addend & 1) {
    if (!translate(linear, write, user)) return 0;
    if (write) markVideo(translated);
    addend = entryOf(linear, write, user);
    if (addend & 1) return 0;
  }
  return linear + addend;
}

/** Raises a read's or write's fault now for every page of the range; `supervisor` as above. Returns whether all is well. */
function probe(linear: u32, bytes: u32, write: bool, user: bool): bool {
  if (bytes == 0) return true;
  let page = linear;
  const pages = (((linear & 0xfff) + bytes - 1) >>> 12) + 1;
  for (let i: u32 = 0; i < pages; i++) {
    if (entryOf(page, write, user) & 1 && !translate(page, write, user)) return false;
    page = (page & 0xffff_f000) + 0x1000;
  }
  return true;
}
export function probeRead(linear: u32, bytes: u32): bool {
  return probe(linear, bytes, false, isUser());
}
export function probeWrite(linear: u32, bytes: u32): bool {
  return probe(linear, bytes, true, isUser());
}
export function probeReadSystem(linear: u32, bytes: u32): bool {
  return probe(linear, bytes, false, false);
}
export function probeWriteSystem(linear: u32, bytes: u32): bool {
  return probe(linear, bytes, true, false);
}

/**
 * Where the code byte at `linear` is in this memory, good to the end of its page; 0: fault noted. The physical address is left in SCRATCH.
 * A page without memory behind it (a device, open bus) gives FETCH_FROM_BUS: read such code with `readPhysical8`.
 */
export function translateFetch(linear: u32): u32 {
  if (!translate(linear, false, isUser())) return 0;
  store<u32>(SCRATCH, translated);
  const backing = backingForRead(translated);
  return backing == PHYSICAL_MMIO ? FETCH_FROM_BUS : backing + (translated & 0xfff);
}
const FETCH_FROM_BUS: u32 = 0xffff_ffff;

/** A table entry for who only looks: not present where no memory is, for a device must not notice. */
function peekEntry(physical: u32): u32 {
  const backing = backingForRead(physical);
  return backing == PHYSICAL_MMIO ? 0 : load<u32>(backing + (physical & 0xfff));
}

/** Linear to physical without marking, faulting or reading a device, for who only looks: physical address, or -1. */
export function peekTranslation(linear: u32): i64 {
  const a20 = load<u32>(A20_MASK);
  if (!(load<u32>(CR) & CR0_PG)) return linear & a20;
  const pde = peekEntry(((load<u32>(CR + 3 * 8) & 0xffff_f000) | ((linear >>> 20) & 0xffc)) & a20);
  if (!(pde & P)) return -1;
  if (pde & PS && load<u32>(CR + 4 * 8) & CR4_PSE) return ((pde & 0xffc0_0000) | (linear & 0x003f_ffff)) & a20;
  const pte = peekEntry(((pde & 0xffff_f000) | ((linear >>> 10) & 0xffc)) & a20);
  return pte & P ? ((pte & 0xffff_f000) | (linear & 0xfff)) & a20 : -1;
}

/** Decoded code was taken from `bytes` at a physical address, inside one page. Its page never gets a write translation from now on. */
export function markCode(physical: u32, bytes: u32): void {
  if (markGranules(physical, bytes)) dropWritesTo(physical);
}

/** Physical accesses inside one page, as a bus master makes them: A20 does not apply. */
export function readPhysical8(physical: u32): u32 {
  return <u32>loadPhysical(physical, 1);
}
export function readPhysical32(physical: u32): u32 {
  return <u32>loadPhysical(physical, 4);
}
export function writePhysical8(physical: u32, value: u32): void {
  storePhysical(physical, value, 1);
}
export function writePhysical32(physical: u32, value: u32): void {
  storePhysical(physical, value, 4);
}
