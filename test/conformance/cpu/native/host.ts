import { decode, modeOfCode } from '../../../../packages/x86-vmm/src/cpu/decoder/decode.js';
import type { EngineCpu } from './engine-cpu.js';
import type { NativeCpu } from './native-cpu.js';
import { CODE_BYTES, Context, LOCAL_DESCRIPTORS, Place, RECORD_BYTES, RECORD_CODE } from './record.js';
import { type NativeRow, namedOf, recordOf } from './row.js';
import { faultOrders, flagBits, shiftCount, type UndefinedResult, undefinedResults } from './undefined-results.js';

const TRAP = 0x100;
const DEBUG = 1;
/** #NP, #SS, #GP, #PF, #AC. */
const ACCESS_FAULTS = new Set([11, 12, 13, 14, 17]);
const SHIFT = /^(SHL|SHR|SAR|ROL|ROR|RCL|RCR|SHLD|SHRD)$/;
const LOADS_FLAGS = /^(POPF|IRET)/;
const SS = 2;
/** More is a loop that the engine has given up already. */
const MOST_STEPS = 2_000;

/** What of a case is not settled by the manual on this host: the case as a whole, or flags at its end. */
export type Unsettled = 'case' | number;

/** Which of the recorded undefined behaviours this host does not share, and what follows for a case. */
export class Host {
  readonly #results: readonly UndefinedResult[];
  readonly #orders: readonly (typeof faultOrders)[number][];
  readonly #engine: EngineCpu;

  /** `engine`: a processor to follow cases with, step by step. */
  constructor(native: NativeCpu, engine: EngineCpu) {
    this.#engine = engine;
    this.#results = undefinedResults.filter(({ rows }) => !answersAs(native, rows));
    this.#orders = faultOrders.filter(({ rows }) => !answersAs(native, rows));
  }

  /** Recorded behaviours that this host does not have. */
  get differs(): readonly string[] {
    return [...this.#results, ...this.#orders].map(({ name }) => name);
  }

  /**
   * Follows a case and finds what undefined flags are left at its end. When one is read on the way, or when a result is undefined, what comes
   * of the case is the processor's own.
   */
  unsettled(record: Buffer, mine: Buffer, listing: string): Unsettled {
    if (!this.#results.some(({ mnemonics }) => mentions(listing, mnemonics))) return 0;
    let open = 0;
    let state = copyOf(record);
    let isTrapping = (state.readUInt32LE(Context.eflags) & TRAP) !== 0;
    for (let i = 0; i < MOST_STEPS; i++) {
      const decoded = decodedAt(record, state);
      const after = Buffer.alloc(RECORD_BYTES);
      state.writeUInt32LE(state.readUInt32LE(Context.eflags) | TRAP, Context.eflags);
      if (this.#engine.run(state, after) !== undefined || decoded === undefined) return 'case';
      const { mnemonic, flags } = decoded.instruction;
      const ecx = state.readUInt32LE(Context.ecx);
      if (open & flagBits(flags.reads)) return 'case';
      const hasEnded = after.readUInt32LE(Context.vector) !== DEBUG;
      if (!hasEnded) {
        // No trap follows these: two instructions were done.
        if (mnemonic.startsWith('MOV') || mnemonic === 'POP')
          if (decoded.operands[0]?.kind === 'segment' && decoded.operands[0].index === SS) return 'case';
        const isDone = SHIFT.test(mnemonic) ? shiftCount(decoded, ecx) > 0 : decoded.repeat === 0;
        if (isDone) open &= ~flagBits(flags.writes);
        for (const result of this.#results) {
          if (!result.mnemonics.test(mnemonic)) continue;
          if (result.destination?.(decoded, ecx)) return 'case';
          open |= result.flags(decoded, ecx);
        }
      }
      if (hasEnded || isTrapping) {
        const isSame = (['vector', 'eip'] as const).every(
          (field) => after.readUInt32LE(Context[field]) === mine.readUInt32LE(Context[field]),
        );
        return isSame ? open : 'case';
      }
      if (LOADS_FLAGS.test(mnemonic)) isTrapping = (after.readUInt32LE(Context.eflags) & TRAP) !== 0;
      record.copy(after, RECORD_CODE, RECORD_CODE, RECORD_CODE + CODE_BYTES);
      state = after;
    }
    return 'case';
  }

  /**
   * Where a string instruction faults on a host with another order of its operands: the answers there may be instead, one for each operand that
   * faults by itself. The engine tells, with LODS, SCAS and STOS from the same state. Or the case as a whole: one operand is where cases are not
   * compared (record.ts).
   */
  otherFaults(record: Buffer, mine: Buffer): Buffer[] | 'case' {
    const decoded = ACCESS_FAULTS.has(mine.readUInt32LE(Context.vector)) ? decodedAt(record, mine) : undefined;
    if (decoded === undefined || !this.#orders.some(({ mnemonics }) => mnemonics.test(decoded.instruction.mnemonic))) return [];
    const others: Buffer[] = [];
    for (const opcode of alone(decoded.opcodeByte)) {
      const state = copyOf(mine);
      record.copy(state, RECORD_CODE, RECORD_CODE, RECORD_CODE + CODE_BYTES);
      let at = RECORD_CODE + codeOffset(mine);
      while (state[at] !== decoded.opcodeByte) at++;
      state[at] = opcode;
      const answer = Buffer.alloc(RECORD_BYTES);
      const unusable = this.#engine.run(state, answer);
      if (unusable === 'forbidden address') return 'case';
      // It has to be this element that faults, not a later one.
      const isHere = (['eip', 'ecx', 'esi', 'edi'] as const).every(
        (field) => answer.readUInt32LE(Context[field]) === mine.readUInt32LE(Context[field]),
      );
      if (unusable || !isHere || !ACCESS_FAULTS.has(answer.readUInt32LE(Context.vector))) continue;
      const other = copyOf(mine);
      for (const field of ['vector', 'errorCode', 'cr2'] as const) other.writeUInt32LE(answer.readUInt32LE(Context[field]), Context[field]);
      others.push(other);
    }
    return others;
  }
}

/** LODS for the source; for the destination SCAS, which reads it, or STOS, which writes it. */
function alone(opcode: number): readonly number[] {
  const isWord = opcode & 1;
  const [LODS, STOS, SCAS, CMPS] = [0xac, 0xaa, 0xae, 0xa6];
  return [LODS | isWord, ((opcode & ~1) === CMPS ? SCAS : STOS) | isWord];
}

function answersAs(native: NativeCpu, rows: readonly NativeRow[]): boolean {
  const answers = native.run(Buffer.concat(rows.map(recordOf)));
  return rows.every((row, i) => {
    const { found, wanted } = namedOf(row, answers.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES));
    return JSON.stringify(found) === JSON.stringify(wanted);
  });
}

const mentions = (listing: string, mnemonics: RegExp): boolean =>
  listing.split(/[ ;,]+/).some((word) => mnemonics.test(word.toUpperCase()));

const copyOf = (record: Buffer): Buffer => Buffer.from(record.subarray(0, RECORD_BYTES));

function localOf(state: Buffer): (typeof LOCAL_DESCRIPTORS)[number] | undefined {
  const cs = state.readUInt16LE(Context.cs);
  return cs & 4 ? LOCAL_DESCRIPTORS[cs >>> 3] : undefined;
}
const codeOffset = (state: Buffer): number => state.readUInt32LE(Context.eip) + (localOf(state)?.base ?? 0) - Place.code;

/** The instruction a state is at, of a record's code; undefined: it is elsewhere. */
function decodedAt(record: Buffer, state: Buffer): ReturnType<typeof decode> | undefined {
  const at = codeOffset(state);
  if (at < 0 || at >= CODE_BYTES) return undefined;
  const bits = (localOf(state)?.is32 ?? true) ? 32 : 16;
  return decode((i) => record[RECORD_CODE + at + i] ?? 0, modeOfCode(bits), state.readUInt32LE(Context.eip));
}
