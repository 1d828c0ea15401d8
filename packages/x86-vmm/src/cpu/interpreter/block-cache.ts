import { SampledTimer, TimeLedger } from '../../bus/time-ledger.js';
import type { DecodedRow } from '../decoder/decode.js';
import type { Decoded } from '../semantics/instruction.js';
import {
  BUDGET,
  CODE_BASE,
  CODE_GRANULES,
  EIP,
  INSTRUCTIONS,
  JUMP_CACHE,
  JUMP_CACHE_BYTES,
  ModeKey,
  PAGE_HAS_CODE,
  PHYSICAL_MMIO,
  PHYSICAL_READ,
  RECORDS,
  RECORDS_END,
  SCRATCH,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField,
  SegmentIndex,
} from '../state.js';
import { type CodeMemory, CodeReader, type MemoryViews, noteFetchFault } from './code-reader.js';
import type { GeneratedInterpreter } from './generate.js';
import { jumpCacheSlot } from './helpers.js';
import { HeaderField, RECORD_BYTES, RecordField } from './record.js';
import { RecordWriter } from './record-writer.js';

/** Code translated from blocks: it goes when one of them does. */
export interface Translation {
  drop(): void;
}

export interface Block {
  /** Address of the first record. */
  readonly record: number;
  /** Records there is room for. */
  readonly capacity: number;
  readonly mode: number;
  readonly codeBase: number;
  readonly codeLimit: number;
  host: number;
  records: number;
  /** Physical bytes decoded; a page-crossing instruction has a second range. */
  start: number;
  end: number;
  secondStart: number;
  secondEnd: number;
  secondHost: number;
  isStale: boolean;
  /** Writes that damaged it since it was decoded or repaired. */
  writes: number;
  next: Block | undefined;
  /** Translations that hold this block's code. */
  translations: Translation[];
}

const CS = SEGMENT + SEGMENT_BYTES * SegmentIndex.CS;
/** Instructions of a block: bounds the time between two looks at the budget. */
export const LONGEST_BLOCK = 48;
/** Room for the records of one block, its header, a page check and a goto. */
const MOST_BYTES = (LONGEST_BLOCK + 4) * RECORD_BYTES;
const PAGE = 0x1000;
/** Writes to a block without a repair between: more than a patch of one instruction takes byte by byte. */
const MOST_WRITES = 16;

/**
 * Decoded blocks, keyed by physical address and mode (and, where CS is not flat, by the code page's offset in CS and CS's limit).
 * Decoding, linking and invalidation happen only while generated code is outside of a block, except `codeWritten`, which overwrites the
 * handlers of stale records so that even the running block stops before its next instruction.
 */
export class BlockCache {
  readonly #writer: RecordWriter;
  readonly #blocks = new Map<number, Block>();
  readonly #pages = new Map<number, Block[]>();
  #slow: Decoded[] = [];
  readonly #slowIndexes = new Map<number, number>();
  #next = RECORDS;
  /** Statistics: blocks decoded, instructions decoded again in place, blocks damaged or invalidated by writes, times the arena was full. */
  decoded = 0;
  repaired = 0;
  invalidated = 0;
  resets = 0;

  readonly #reader: CodeReader;
  /** Of instructions decoded again in place: too frequent where code writes itself to be timed each. */
  readonly repairTimer = new SampledTimer();

  constructor(
    private readonly memory: MemoryViews,
    private readonly kernels: CodeMemory,
    private readonly interpreter: GeneratedInterpreter,
    private readonly times = new TimeLedger(),
  ) {
    this.#reader = new CodeReader(memory, kernels);
    this.#writer = new RecordWriter(memory.u8, memory.u16, memory.u32, interpreter);
  }

  /**
   * Record to run at EIP in the mode given, decoded if need be; 0: a fault of the instruction fetch is noted. `patch`: record field that
   * led here and wants to be linked, or a stale record that was met.
   */
  find(mode: number, patch: number): number {
    const { u32 } = this.memory;
    const eip = u32[EIP >> 2]!;
    const codeLimit = mode & ModeKey.flatCode ? 0xffff_ffff : u32[(CS + SegmentField.limit) >> 2]!;
    if (eip > codeLimit) {
      noteFetchFault(u32);
      return 0;
    }
    const linear = (u32[(CS + SegmentField.base) >> 2]! + eip) >>> 0;
    const host = this.kernels.translateFetch(linear);
    if (host === 0) return 0;
    const physical = u32[SCRATCH >> 2]!;
    const codeBase = (eip - (linear & 0xfff)) >>> 0;
    if (RECORDS_END - this.#next < MOST_BYTES) {
      this.reset();
      patch = 0;
    }
    if (patch !== 0 && patch % RECORD_BYTES === RecordField.handler) {
      const begun = this.repairTimer.begin();
      const isRepaired = this.#repair(patch, mode, physical, host >>> 0, linear, eip, codeLimit);
      this.repairTimer.end(begun);
      if (isRepaired) return patch;
      patch = 0;
    }
    const generation = this.resets;
    const block =
      host === -1
        ? this.#uncached(mode, physical, linear, eip, codeLimit)
        : this.#block(mode, physical, host >>> 0, linear, eip, codeBase, codeLimit);
    if (block === 0) return 0;
    const sourceBase = u32[CODE_BASE >> 2]!;
    if (host !== -1 && !(mode & ModeKey.singleStep) && generation === this.resets) {
      const slot = jumpCacheSlot(linear) >> 2;
      u32[slot] = linear;
      u32[slot + 1] = mode;
      u32[slot + 2] = block;
      if (patch !== 0) this.#link(patch, sourceBase, eip, mode, block);
    }
    u32[CODE_BASE >> 2] = codeBase;
    return block;
  }

  // --- for the translator
  /** The block at a linear address in flat code, if it is decoded and could run now. Leaves no trace in the guest. */
  known(mode: number, linear: number): Block | undefined {
    const physical = Number(this.kernels.peekTranslation(linear));
    if (physical < 0) return undefined;
    const block = this.#blocks.get(physical * 1024 + mode);
    return block !== undefined && !block.isStale && this.#hostOf(linear) === block.host ? block : undefined;
  }

  /** Where the byte at a linear address is in this memory, found without a trace in the guest; -1: nowhere. */
  #hostOf(linear: number): number {
    const physical = Number(this.kernels.peekTranslation(linear));
    if (physical < 0) return -1;
    const page = this.memory.u32[(PHYSICAL_READ >> 2) + (physical >>> 12)]!;
    return page === PHYSICAL_MMIO ? -1 : page + (physical & 0xfff);
  }

  /** A block's instructions, decoded again; undefined when some of them have been written since. */
  instructionsOf(block: Block, linear: number): DecodedRow[] | undefined {
    const { u32 } = this.memory;
    for (let i = 0; i < block.records; i++)
      if (u32[(block.record + i * RECORD_BYTES) >> 2] === this.interpreter.special.stale) return undefined;
    const list: DecodedRow[] = [];
    const isCrossing = block.secondHost !== 0;
    if (isCrossing && this.#hostOf((linear & ~0xfff) + PAGE) !== block.secondHost) return undefined;
    const bytes = block.end - block.start;
    this.#reader.begin(0xffff_ffff, block.secondHost);
    for (let at = 0; at < bytes; ) {
      const decoded = this.#reader.read(block.mode, linear + at, linear + at, block.host + at, !isCrossing);
      if (decoded === undefined) break;
      list.push(decoded);
      at += decoded.nextEip - decoded.eip;
    }
    return list.length > 0 ? list : undefined;
  }

  /** How often a block has been executed to its end by a jump, modulo 65536; undefined: it ends otherwise. */
  executions(block: Block): number | undefined {
    const last = block.record + (block.records - 1) * RECORD_BYTES;
    if (this.interpreter.isSlow[this.memory.u32[last >> 2]!]) return undefined;
    return this.memory.u16[(last + RecordField.executions) >> 1]!;
  }

  /** Whether the arena has room for so many more records. */
  hasRoom(records: number): boolean {
    return RECORDS_END - this.#next >= MOST_BYTES + records * RECORD_BYTES;
  }

  /** A record that leads from code whose page begins at `codeBase` to a linear address, linked when it is first followed. */
  edgeRecord(codeBase: number, linear: number): number {
    if (!this.hasRoom(1)) throw new Error('the arena has no room for an edge');
    const record = this.#next;
    this.#next += RECORD_BYTES;
    const offset = (linear - codeBase) >>> 0;
    this.#writer.writePseudo(record, this.interpreter.special.goTo, 0, 0, offset);
    return record;
  }

  /** Records that do what a block does though its first record will lead to a translation. */
  withoutTranslation(block: Block): number {
    if (!this.hasRoom(2)) throw new Error('the arena has no room for a copy');
    const { u8 } = this.memory;
    const record = this.#next;
    this.#next += 2 * RECORD_BYTES;
    u8.copyWithin(record, block.record, block.record + RECORD_BYTES);
    this.#writer.writePseudo(record + RECORD_BYTES, this.interpreter.special.forward, 0, 0, 0, 0xffff_ffff, block.record + RECORD_BYTES);
    return record;
  }

  /** A record made by `withoutTranslation` does no more what its block does: whoever gets there decodes anew. */
  withdraw(record: number): void {
    this.memory.u32[record >> 2] = this.interpreter.special.stale;
  }

  /** The decoded instruction behind a slow record, with its offsets as they are where it runs now. */
  slowInstruction(record: number): Decoded {
    const { u16, u32 } = this.memory;
    const index = u32[(record + RecordField.operand) >> 2]!;
    const decoded = this.#slow[index]!;
    const eip = (u32[CODE_BASE >> 2]! + u16[(record + RecordField.offset) >> 1]!) >>> 0;
    if (decoded.eip === eip) return decoded;
    const moved: Decoded = { ...decoded, eip, nextEip: (decoded.nextEip + (eip - decoded.eip)) >>> 0 };
    this.#slow[index] = moved;
    return moved;
  }

  /** Bytes from which code may have been decoded were written (kernels call it): what overlaps them never runs again. */
  codeWritten(physical: number, bytes: number): void {
    const page = Math.floor(physical / PAGE);
    const list = this.#pages.get(page) ?? [];
    const end = physical + bytes;
    const firstGranule = physical - (physical & 63);
    const granulesEnd = end + (-end & 63);
    let isNear = false;
    let isGone = false;
    // One pass without writes: a boot loader's code patches itself in every BIOS call.
    for (let i = 0; i < list.length; i++) {
      const block = list[i]!;
      if (
        (block.start >= granulesEnd || block.end <= firstGranule) &&
        (block.secondStart >= granulesEnd || block.secondEnd <= firstGranule)
      )
        continue;
      isNear = true;
      const overlaps = (physical < block.end && end > block.start) || (physical < block.secondEnd && end > block.secondStart);
      if (overlaps) this.#damage(block, physical, end);
      if (block.isStale) isGone = true;
    }
    if (isGone) list.splice(0, list.length, ...list.filter((block) => !block.isStale));
    if (isGone || !isNear) this.#releaseGranules(page, list, physical, end);
  }

  /** The physical map changed, or memory was written behind the kernels' back: all code of the range goes. */
  invalidateRange(physical: number, bytes: number): void {
    const first = Math.floor(physical / PAGE);
    const last = Math.floor((physical + bytes - 1) / PAGE);
    for (const [page, list] of this.#pages) {
      if (page < first || page > last) continue;
      for (const block of list) this.#invalidate(block);
      list.length = 0;
    }
  }

  /** Forgets everything (arena full, restored state). No record may be running. */
  reset(): void {
    this.resets++;
    for (const list of this.#pages.values()) for (const block of list) dropTranslations(block);
    this.#blocks.clear();
    const { u8, u32 } = this.memory;
    for (const page of this.#pages.keys()) {
      u8[PAGE_HAS_CODE + page] = 0;
      u32.fill(0, (CODE_GRANULES + page * 8) >> 2, (CODE_GRANULES + page * 8 + 8) >> 2);
    }
    this.#pages.clear();
    this.#slow = [];
    this.#slowIndexes.clear();
    this.#next = RECORDS;
    u32.fill(0, JUMP_CACHE >> 2, (JUMP_CACHE + JUMP_CACHE_BYTES) >> 2);
  }

  #block(mode: number, physical: number, host: number, linear: number, eip: number, codeBase: number, codeLimit: number): number {
    const key = physical * 1024 + mode;
    const first = this.#blocks.get(key);
    const isFlat = (mode & ModeKey.flatCode) !== 0;
    let known = first;
    while (known && !isFlat && (known.codeBase !== codeBase || known.codeLimit !== codeLimit)) known = known.next;
    const isRunnable =
      known && !known.isStale && known.host === host && this.memory.u32[known.record >> 2] !== this.interpreter.special.stale;
    if (known && isRunnable && (known.secondHost === 0 || known.secondHost === this.kernels.translateFetch((linear & ~0xfff) + PAGE) >>> 0))
      return known.record;
    const before = this.times.enter('decode');
    const record = this.#decodeBlock(key, known, first, mode, physical, host, linear, eip, codeBase, codeLimit);
    this.times.enter(before);
    return record;
  }

  /** Decodes at `physical` into `old`'s place if it fits there: links to it stay good. */
  #decodeBlock(
    key: number,
    old: Block | undefined,
    first: Block | undefined,
    mode: number,
    physical: number,
    host: number,
    linear: number,
    eip: number,
    codeBase: number,
    codeLimit: number,
  ): number {
    const list: DecodedRow[] = [];
    const longest = mode & ModeKey.singleStep ? 1 : LONGEST_BLOCK;
    let at = eip;
    const reader = this.#reader;
    reader.begin(codeLimit);
    // An instruction that crosses the page's end is a block of its own, which checks the second page each time.
    for (let offset = linear & 0xfff; offset < PAGE && list.length < longest; ) {
      const decoded = reader.read(mode, at, (linear + (at - eip)) >>> 0, host + (at - eip), list.length > 0);
      if (decoded === undefined) {
        if (list.length === 0) return 0;
        break;
      }
      list.push(decoded);
      offset += decoded.nextEip - at;
      at = decoded.nextEip;
      if (decoded.instruction.endsBlock || decoded.instruction.slow) break;
    }
    const last = list.at(-1)!;
    const isOpen = !(last.instruction.endsBlock || last.instruction.slow);
    const isCrossing = reader.secondHost !== 0;
    const records = list.length + Number(isOpen) + Number(isCrossing);
    const block = this.#place(key, old, first, records, mode, codeBase, codeLimit);
    block.host = host;
    block.records = records;
    block.start = physical;
    block.end = Math.min(physical + (last.nextEip - eip), physical - (physical & 0xfff) + PAGE);
    block.isStale = false;
    block.writes = 0;
    block.secondHost = reader.secondHost;
    block.secondStart = isCrossing ? reader.secondPhysical : 0;
    block.secondEnd = isCrossing ? reader.secondPhysical + (last.nextEip - eip) - (PAGE - (linear & 0xfff)) : 0;
    this.#writeRecords(block, list, isOpen, isCrossing, host, eip, codeBase);
    this.#register(block);
    this.decoded++;
    return block.record;
  }

  #writeRecords(
    block: Block,
    list: readonly DecodedRow[],
    isOpen: boolean,
    isCrossing: boolean,
    host: number,
    eip: number,
    codeBase: number,
  ): void {
    const { special } = this.interpreter;
    const { u32 } = this.memory;
    const header = (block.record - RECORD_BYTES) >> 2;
    u32[header + HeaderField.codeBase / 4] = codeBase;
    u32[header + HeaderField.codeLimit / 4] = block.codeLimit;
    let at = block.record;
    if (isCrossing) {
      this.#writer.writePseudo(at, special.checkNextPage, eip - codeBase, 1, block.secondHost);
      u32[(at + RecordField.host) >> 2] = host;
      at += RECORD_BYTES;
    }
    let count = 0;
    for (const decoded of list) {
      this.#writer.write(at, decoded, {
        codeBase,
        mode: block.mode,
        count: ++count,
        host: host + (decoded.eip - eip),
        slowIndex: this.#slowIndex(at, decoded),
      });
      at += RECORD_BYTES;
    }
    if (isOpen) {
      const end = list.at(-1)!.nextEip - codeBase;
      this.#writer.writePseudo(at, special.goTo, end, count, end);
    }
  }

  #place(
    key: number,
    old: Block | undefined,
    first: Block | undefined,
    records: number,
    mode: number,
    codeBase: number,
    codeLimit: number,
  ): Block {
    if (old) dropTranslations(old);
    if (old && old.capacity >= records) {
      this.#forget(old);
      return old.codeBase === codeBase ? old : this.#replace(key, old, first, { ...old, codeBase });
    }
    const capacity = records;
    const record = this.#next + RECORD_BYTES;
    this.#next += (capacity + 1) * RECORD_BYTES;
    const block: Block = {
      record,
      capacity,
      mode,
      codeBase,
      codeLimit,
      host: 0,
      records,
      start: 0,
      end: 0,
      secondStart: 0,
      secondEnd: 0,
      secondHost: 0,
      isStale: false,
      writes: 0,
      next: undefined,
      translations: [],
    };
    if (old) {
      // Whoever is linked to the old place is sent on.
      this.#forget(old);
      this.#writer.writePseudo(old.record, this.interpreter.special.goTo, 0, 0, 0, 0xffff_ffff, record);
      u32HostCopy(this.memory.u32, old);
    }
    this.#replace(key, old, first, block);
    return block;
  }

  #replace(key: number, old: Block | undefined, first: Block | undefined, block: Block): Block {
    if (old === undefined || old === first) {
      block.next = old ? old.next : first;
      this.#blocks.set(key, block);
    } else {
      let before = first!;
      while (before.next !== old) before = before.next!;
      block.next = old.next;
      before.next = block;
    }
    return block;
  }

  #register(block: Block): void {
    this.kernels.markCode(block.start, block.end - block.start);
    this.#listOf(block.start).push(block);
    if (block.secondEnd === 0) return;
    this.kernels.markCode(block.secondStart, block.secondEnd - block.secondStart);
    this.#listOf(block.secondStart).push(block);
  }

  #listOf(physical: number): Block[] {
    const page = Math.floor(physical / PAGE);
    let list = this.#pages.get(page);
    if (!list) {
      list = [];
      this.#pages.set(page, list);
    }
    return list;
  }

  /** Takes a block out of its pages' lists. */
  #forget(block: Block): void {
    for (const physical of block.secondEnd ? [block.start, block.secondStart] : [block.start]) {
      const list = this.#pages.get(Math.floor(physical / PAGE));
      const at = list?.indexOf(block) ?? -1;
      if (at >= 0) list!.splice(at, 1);
    }
  }

  #invalidate(block: Block): void {
    if (block.isStale) return;
    dropTranslations(block);
    block.isStale = true;
    this.invalidated++;
    const { u32 } = this.memory;
    const { stale, goTo } = this.interpreter.special;
    for (let i = 0; i < block.records; i++) {
      const at = (block.record + i * RECORD_BYTES) >> 2;
      // A goto's target is a block of its own.
      if (u32[at] !== goTo) u32[at] = stale;
    }
  }

  /**
   * Bytes of a block were written: only the instructions that have them go stale, to be decoded in place when they are reached. Code that
   * patches its own immediates (boot loaders do, in every BIOS call) would otherwise decode whole blocks all the time.
   */
  #damage(block: Block, start: number, end: number): void {
    // Written over and over and never run in between: it is data by now, and its granules must be free of checks.
    if (block.secondEnd !== 0 || ++block.writes > MOST_WRITES) return this.#invalidate(block);
    dropTranslations(block);
    const { u16, u32 } = this.memory;
    const page = block.start - (block.start & 0xfff);
    this.invalidated++;
    for (let i = 0; i < block.records; i++) {
      const at = block.record + i * RECORD_BYTES;
      const from = page + u16[(at + RecordField.offset) >> 1]!;
      const to = page + u16[(at + RecordField.nextOffset) >> 1]!;
      if (start < to && end > from) u32[at >> 2] = this.interpreter.special.stale;
    }
  }

  /** Decodes a stale instruction in place, if it is as long as before and ends the block as before; else the whole block goes. */
  #repair(record: number, mode: number, physical: number, host: number, linear: number, eip: number, codeLimit: number): boolean {
    const { u16, u32 } = this.memory;
    const block = this.#listOf(physical).find((each) => record >= each.record && record < each.record + each.records * RECORD_BYTES);
    if (block === undefined || block.isStale || u32[record >> 2] !== this.interpreter.special.stale) return false;
    this.#reader.begin(codeLimit);
    const decoded =
      block.mode === mode && u32[(record + RecordField.host) >> 2] === host ? this.#reader.read(mode, eip, linear, host, true) : undefined;
    const length = u16[(record + RecordField.nextOffset) >> 1]! - u16[(record + RecordField.offset) >> 1]!;
    const isLast = record === block.record + (block.records - 1) * RECORD_BYTES;
    const fits =
      decoded !== undefined &&
      decoded.nextEip - eip === length &&
      (decoded.instruction.endsBlock === true || decoded.instruction.slow !== undefined) === isLast;
    if (!fits) {
      this.#invalidate(block);
      const list = this.#listOf(physical);
      list.splice(list.indexOf(block), 1);
      return false;
    }
    const count = u16[(record + RecordField.count) >> 1]!;
    const codeBase = (eip - (linear & 0xfff)) >>> 0;
    this.#writer.write(record, decoded, { codeBase, mode, count, host, slowIndex: this.#slowIndex(record, decoded) });
    this.kernels.markCode(physical, length);
    block.writes = 0;
    this.repaired++;
    // The block's end counts all of its instructions; those before this one were counted on leaving.
    this.memory.u32[BUDGET >> 2]! += count - 1;
    const done = ((BigInt(u32[(INSTRUCTIONS >> 2) + 1]!) << 32n) | BigInt(u32[INSTRUCTIONS >> 2]!)) - BigInt(count - 1);
    u32[INSTRUCTIONS >> 2] = Number(done & 0xffff_ffffn);
    u32[(INSTRUCTIONS >> 2) + 1] = Number(done >> 32n);
    u32[CODE_BASE >> 2] = codeBase;
    return true;
  }

  /** Place of a slow instruction's `Decoded`; a record that is written again keeps it. */
  #slowIndex(record: number, decoded: DecodedRow): number {
    if (decoded.row !== undefined && !decoded.instruction.slow) return 0;
    let index = this.#slowIndexes.get(record);
    if (index === undefined) {
      index = this.#slow.length;
      this.#slowIndexes.set(record, index);
    }
    this.#slow[index] = decoded;
    return index;
  }

  /** Granules without code left take no part in the check that calls `codeWritten`. */
  #releaseGranules(page: number, list: readonly Block[], start: number, end: number): void {
    const at = (CODE_GRANULES + page * 8) >> 2;
    for (let granule = (start & 0xfff) >> 6; granule <= ((end - 1) & 0xfff) >> 6; granule++) {
      const from = page * PAGE + granule * 64;
      const holds = (a: number, b: number): boolean => a < from + 64 && b > from;
      if (!list.some((block) => holds(block.start, block.end) || holds(block.secondStart, block.secondEnd)))
        this.memory.u32[at + (granule >> 5)]! &= ~(1 << (granule & 31));
    }
  }

  /** Links an edge to its target: directly in the same page, else through a record that checks the translation. */
  #link(patch: number, sourceBase: number, eip: number, mode: number, block: number): void {
    const { u32 } = this.memory;
    const source = patch & ~(RECORD_BYTES - 1);
    const { crossPage, crossGeneral } = this.interpreter.special;
    if (u32[source >> 2] === crossPage) {
      u32[patch >> 2] = block;
      return;
    }
    const mask = (patch & (RECORD_BYTES - 1)) === RecordField.linkTaken ? u32[(source + RecordField.addressMask) >> 2]! : 0xffff_ffff;
    const isFlat = (mode & ModeKey.flatCode) !== 0;
    // 16-bit targets in flat code wrap with the page's place in CS, which the record does not know.
    if (isFlat && mask === 0xffff) return;
    const offset = (eip - sourceBase) >>> 0;
    if (offset < PAGE) {
      u32[patch >> 2] = block;
      return;
    }
    const stub = this.#next;
    this.#next += RECORD_BYTES;
    this.#writer.writePseudo(stub, isFlat ? crossPage : crossGeneral, 0, 0, offset, mask, block);
    u32[patch >> 2] = stub;
  }

  /** Code read from a device or open bus: one instruction, decoded each time into the start of the free arena. */
  #uncached(mode: number, physical: number, linear: number, eip: number, codeLimit: number): number {
    const decoded = this.#reader.readFromBus(mode, physical, eip, codeLimit);
    if (decoded === undefined) return 0;
    const codeBase = (eip - (linear & 0xfff)) >>> 0;
    const record = this.#next + RECORD_BYTES;
    this.#writer.write(record, decoded, { codeBase, mode, count: 1, host: 0, slowIndex: this.#slowIndex(record, decoded) });
    const end = (decoded.nextEip - codeBase) >>> 0;
    this.#writer.writePseudo(record + RECORD_BYTES, this.interpreter.special.crossGeneral, end, 1, end);
    return record;
  }

  /** Handlers below this number are inside the dispatch function. */
  get hotForms(): number {
    return this.interpreter.hotForms;
  }
}

function dropTranslations(block: Block): void {
  if (block.translations.length === 0) return;
  const gone = block.translations;
  block.translations = [];
  for (const translation of gone) translation.drop();
}

/** A forwarding record stands for the old block at checked entries too. */
function u32HostCopy(u32: Uint32Array, old: Block): void {
  u32[(old.record + RecordField.host) >> 2] = old.host;
}
