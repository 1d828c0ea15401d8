import {
  BUDGET,
  CODE_BASE,
  EIP,
  EXIT_REASON,
  ExitReason,
  FAULT,
  FAULT_ERROR,
  INSTRUCTIONS,
  JUMP_CACHE,
  LINK_PATCH,
  MODE_KEY,
  ModeKey,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField,
  SegmentIndex,
  TLB_READ,
} from '../state.js';
import type { Emitter } from '../wasm/emitter.js';
import { Op, WasmType } from '../wasm/opcodes.js';
import { type Callees, CHECK_VECTOR, CHECK_WRITE } from './guest-builder.js';
import { HeaderField, RECORD_BYTES, RecordField } from './record.js';
import { type LocalCounts, type Node, Values } from './values.js';

/*
 * Functions of the generated module that handlers share: segment checks, leaving `run`, finding the block at an address.
 */
export interface Helper {
  readonly name: string;
  readonly parameters: readonly ('i32' | 'i64')[];
  /** Emits the body; the result is an i32 on the stack at the end. */
  emit(b: HelperBuilder): void;
}

/** Entries of the jump cache: linear address, mode key, record; 16 bytes each, 64 Ki of them. */
export const JUMP_CACHE_ENTRIES = 0x1_0000;
export const JUMP_CACHE_ENTRY_BYTES = 16;
export function jumpCacheSlot(linear: number): number {
  return JUMP_CACHE + ((linear ^ (linear >>> 12)) & (JUMP_CACHE_ENTRIES - 1)) * JUMP_CACHE_ENTRY_BYTES;
}

const CS = SEGMENT + SEGMENT_BYTES * SegmentIndex.CS;
const SS = SEGMENT + SEGMENT_BYTES * SegmentIndex.SS;
const FAULT_CODES = { ss: 12 + 1, gp: 13 + 1, ac: 17 + 1 };

/** Values plus the statements that helper bodies need. */
export class HelperBuilder extends Values {
  constructor(
    e: Emitter,
    private readonly callees: Callees,
    first: LocalCounts,
  ) {
    super(e, first);
  }
  state(offset: number): Node {
    return this.load(Op.i32Load, this.constant(0), offset);
  }
  field(record: Node, offset: number): Node {
    const isShort = offset === RecordField.count || offset === RecordField.offset || offset === RecordField.nextOffset;
    return this.load(isShort ? Op.i32Load16U : Op.i32Load, record, offset);
  }
  set(offset: number, value: Node): void {
    this.e.constant(0);
    this.evaluate(value);
    this.e.memory(Op.i32Store, offset);
  }
  now(value: Node): Node {
    return this.materialise(value);
  }
  if(condition: Node, then: () => void, otherwise?: () => void): void {
    this.evaluate(condition);
    this.e.u8(Op.if);
    this.e.u8(WasmType.void);
    then();
    if (otherwise) {
      this.e.u8(Op.else);
      otherwise();
    }
    this.e.u8(Op.end);
  }
  return(value: Node): void {
    this.evaluate(value);
    this.e.u8(Op.return);
  }
  call(name: string, args: readonly Node[]): Node {
    for (const arg of args) this.evaluate(arg);
    this.e.op(
      Op.call,
      this.callees.index(
        name,
        args.map(() => 'i32'),
        'i32',
      ),
    );
    return this.take();
  }
  /** Adds to INSTRUCTIONS and takes from BUDGET. */
  count(instructions: Node): void {
    this.set(BUDGET, this.sub(this.state(BUDGET), instructions));
    this.e.constant(0);
    this.evaluate(this.add(this.load(Op.i64Load, this.constant(0), INSTRUCTIONS, 'i64'), this.extendU(instructions)));
    this.e.memory(Op.i64Store, INSTRUCTIONS);
  }
  /** Host address that the read translation of `linear` gives; odd-addend entries never equal a real one. */
  hostOf(linear: Node): Node {
    const slot = this.and(this.shr(linear, this.constant(10)), this.constant(0x3f_fffc));
    return this.add(this.load(Op.i32Load, this.add(this.state(TLB_READ), slot), 0), linear);
  }
}

export const helpers: readonly Helper[] = [
  {
    /** Linear address of `bytes & 0xff` bytes at an offset in a segment; segment-limit and alignment faults noted (SDM Vol. 3A 5.3, 6.15). */
    name: 'check',
    parameters: ['i32', 'i32', 'i32'],
    emit(b) {
      const [segment, offset, access] = [b.local(0), b.local(1), b.local(2)];
      const bytes = b.now(b.and(access, b.constant(0xff)));
      const isWrite = b.now(b.and(access, b.constant(CHECK_WRITE)));
      const low = b.now(
        b.select(isWrite, b.load(Op.i32Load, segment, SegmentField.lowWrite), b.load(Op.i32Load, segment, SegmentField.low)),
      );
      const high = b.now(
        b.select(isWrite, b.load(Op.i32Load, segment, SegmentField.highWrite), b.load(Op.i32Load, segment, SegmentField.highRead)),
      );
      const last = b.add(b.extendU(offset), b.extendU(b.sub(bytes, b.constant(1))));
      b.if(b.or(b.ltU(offset, low), b.ltU(b.extendU(high), last)), () => {
        b.set(FAULT_ERROR, b.constant(0));
        b.set(FAULT, b.select(b.eq(segment, b.constant(SS)), b.constant(FAULT_CODES.ss), b.constant(FAULT_CODES.gp)));
        b.return(b.constant(0));
      });
      const linear = b.now(b.add(b.load(Op.i32Load, segment, SegmentField.base), offset));
      // Ten bytes of the x87 are aligned to eight, vectors to sixteen (MOVUPS; measured). Other large probes are of several operands, which are
      // checked one by one as they are stored.
      const less = b.now(b.select(b.eq(bytes, b.constant(10)), b.constant(7), b.sub(bytes, b.constant(1))));
      const isAligned = b.or(
        b.isZero(b.and(linear, less)),
        b.and(b.ltU(b.constant(7), less), b.isZero(b.and(access, b.constant(CHECK_VECTOR)))),
      );
      b.if(b.and(b.shr(b.state(MODE_KEY), b.constant(7)), b.isZero(isAligned)), () => {
        b.set(FAULT_ERROR, b.constant(0));
        b.set(FAULT, b.constant(FAULT_CODES.ac));
        b.return(b.constant(0));
      });
      b.evaluate(linear);
    },
  },
  {
    /** Leaves before an instruction: those before it in the block are counted, EIP is its own. */
    name: 'leaveBefore',
    parameters: ['i32', 'i32'],
    emit(b) {
      const record = b.local(0);
      b.count(b.now(b.sub(b.field(record, RecordField.count), b.constant(1))));
      b.set(EIP, b.add(b.state(CODE_BASE), b.field(record, RecordField.offset)));
      b.set(EXIT_REASON, b.local(1));
      b.evaluate(b.constant(0));
    },
  },
  ...(
    [
      ['leaveFault', ExitReason.fault],
      ['leaveBudget', ExitReason.budget],
    ] as const
  ).map(
    ([name, reason]): Helper => ({
      name,
      parameters: ['i32'],
      emit: (b) => b.evaluate(b.call('leaveBefore', [b.local(0), b.constant(reason)])),
    }),
  ),
  {
    /** A record whose instruction's bytes were written: leaves before it, and says which it was so that it can be decoded in place. */
    name: 'stale',
    parameters: ['i32'],
    emit(b) {
      b.set(LINK_PATCH, b.local(0));
      b.evaluate(b.call('leaveBefore', [b.local(0), b.constant(ExitReason.decode)]));
    },
  },
  {
    /** Leaves at the end of a block: the edge is not linked yet, or the budget is used up. Arguments: record, link field, mask of a taken branch's target. */
    name: 'leaveLink',
    parameters: ['i32', 'i32', 'i32'],
    emit(b) {
      const [record, link] = [b.local(0), b.local(1)];
      const base = b.now(b.state(CODE_BASE));
      const taken = b.and(b.add(base, b.field(record, RecordField.target)), b.local(2));
      const next = b.add(base, b.field(record, RecordField.nextOffset));
      b.set(EIP, b.select(b.eq(link, b.constant(RecordField.linkTaken)), taken, next));
      b.if(
        b.ltS(b.state(BUDGET), b.constant(0)),
        () => b.set(EXIT_REASON, b.constant(ExitReason.budget)),
        () => {
          b.set(EXIT_REASON, b.constant(ExitReason.decode));
          b.set(LINK_PATCH, b.add(record, link));
        },
      );
      b.evaluate(b.constant(0));
    },
  },
  {
    /** Block at an offset in CS, or 0 after noting why there is none: an exit to decode it, or the budget. */
    name: 'lookup',
    parameters: ['i32'],
    emit(b) {
      const eip = b.local(0);
      const linear = b.now(b.add(eip, b.load(Op.i32Load, b.constant(0), CS + SegmentField.base)));
      const hash = b.and(b.xor(linear, b.shr(linear, b.constant(12))), b.constant(JUMP_CACHE_ENTRIES - 1));
      const slot = b.now(b.shl(hash, b.constant(4)));
      const at = (offset: number): Node => b.load(Op.i32Load, slot, JUMP_CACHE + offset);
      const isSame = b.and(b.eq(at(0), linear), b.eq(at(4), b.state(MODE_KEY)));
      b.if(b.and(isSame, b.isZero(b.ltS(b.state(BUDGET), b.constant(0)))), () => {
        const record = b.now(at(8));
        const base = b.now(b.sub(eip, b.and(linear, b.constant(0xfff))));
        const isFlat = b.and(b.state(MODE_KEY), b.constant(ModeKey.flatCode));
        const header = (offset: number): Node => b.load(Op.i32Load, b.sub(record, b.constant(RECORD_BYTES)), offset);
        const fits = b.and(b.eq(header(HeaderField.codeBase), base), b.eq(header(HeaderField.codeLimit), b.state(CS + SegmentField.limit)));
        b.if(
          b.and(b.eq(b.hostOf(linear), b.field(record, RecordField.host)), b.or(b.binary(Op.i32Ne, isFlat, b.constant(0)), fits)),
          () => {
            b.set(CODE_BASE, base);
            b.return(record);
          },
        );
      });
      b.set(EIP, eip);
      b.set(EXIT_REASON, b.select(b.ltS(b.state(BUDGET), b.constant(0)), b.constant(ExitReason.budget), b.constant(ExitReason.decode)));
      b.evaluate(b.constant(0));
    },
  },
  {
    /** Calls an instruction's TypeScript body. Answer of `slow`: 0 go on, 1 a fault (reason noted), 2 completed but leave. */
    name: 'slowInstruction',
    parameters: ['i32'],
    emit(b) {
      const record = b.local(0);
      b.count(b.now(b.sub(b.field(record, RecordField.count), b.constant(1))));
      b.set(EIP, b.add(b.state(CODE_BASE), b.field(record, RecordField.nextOffset)));
      const answer = b.call('slow', [record]);
      b.if(b.eq(answer, b.constant(1)), () => {
        b.set(EXIT_REASON, b.constant(ExitReason.fault));
        b.return(b.constant(0));
      });
      b.count(b.constant(1));
      b.if(answer, () => {
        b.set(EXIT_REASON, b.constant(ExitReason.state));
        b.return(b.constant(0));
      });
      b.evaluate(b.call('lookup', [b.state(EIP)]));
    },
  },
  {
    /** An edge to another page, flat code: valid while the page is mapped to what the target was decoded from. */
    name: 'crossPage',
    parameters: ['i32'],
    emit(b) {
      const record = b.local(0);
      const linear = b.now(b.add(b.state(CODE_BASE), b.field(record, RecordField.target)));
      const to = b.now(b.field(record, RecordField.linkTaken));
      b.if(b.eq(b.hostOf(linear), b.field(to, RecordField.host)), () => {
        b.set(CODE_BASE, b.and(linear, b.constant(~0xfff)));
        b.return(to);
      });
      b.set(EIP, linear);
      b.set(EXIT_REASON, b.constant(ExitReason.decode));
      b.set(LINK_PATCH, b.add(record, b.constant(RecordField.linkTaken)));
      b.evaluate(b.constant(0));
    },
  },
  {
    /** The same for code in segments: through the jump cache, which also compares base and limit. */
    name: 'crossGeneral',
    parameters: ['i32'],
    emit(b) {
      const record = b.local(0);
      b.evaluate(
        b.call('lookup', [b.and(b.add(b.state(CODE_BASE), b.field(record, RecordField.target)), b.field(record, RecordField.addressMask))]),
      );
    },
  },
  {
    /** Before an instruction that crosses into the next page: that page must still be the one it was decoded from (host address in `target`). */
    name: 'checkNextPage',
    parameters: ['i32'],
    emit(b) {
      const record = b.local(0);
      const linear = b.now(b.add(b.add(b.state(CODE_BASE), b.state(CS + SegmentField.base)), b.constant(0x1000)));
      b.if(b.eq(b.hostOf(linear), b.field(record, RecordField.target)), () => b.return(b.add(record, b.constant(RECORD_BYTES))));
      b.evaluate(b.call('leaveBefore', [record, b.constant(ExitReason.decode)]));
    },
  },
  {
    /** A record that stands for another one (`linkTaken`): nothing is counted and no budget is asked. */
    name: 'forward',
    parameters: ['i32'],
    emit: (b) => b.evaluate(b.field(b.local(0), RecordField.linkTaken)),
  },
];
