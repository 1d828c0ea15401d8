import { INSTRUCTION_TOO_LONG } from '../decoder/code-cursor.js';
import { type DecodedRow, decode } from '../decoder/decode.js';
import { FAULT, FAULT_ERROR, SCRATCH } from '../state.js';

/** What the cache needs of the kernels: see cpu/mmu. */
export interface CodeMemory {
  /** Host address of the code byte at a linear address; 0: fault noted; -1: nothing behind it but the bus. Physical address in SCRATCH. */
  translateFetch(linear: number): number;
  markCode(physical: number, bytes: number): void;
  readPhysical8(physical: number): number;
  /** Physical address without faulting or marking the tables; -1: not present. */
  peekTranslation(linear: number): bigint;
}

export interface MemoryViews {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
}

const GP = 13;
const PAGE = 0x1000;
/** The fetch of an instruction byte faulted; FAULT is noted unless the instruction was only looked at ahead. */
const FETCH_FAULT = { fetchFault: true } as const;

/** Notes #GP(0): code beyond CS's limit, or an instruction of more than 15 bytes. */
export function noteFetchFault(u32: Uint32Array): void {
  u32[FAULT >> 2] = GP + 1;
  u32[FAULT_ERROR >> 2] = 0;
}

/** Reads instructions of one block from guest memory: limit, page ends, faults. */
export class CodeReader {
  /** Host and physical address of the next page, once a byte of an instruction came from there; 0 before. */
  secondHost = 0;
  secondPhysical = 0;
  #limit = 0;
  #linear = 0;
  #host = 0;
  #inPage = 0;
  #eip = 0;
  #isAhead = false;
  readonly #fetch = (index: number): number => this.#fetchByte(index);

  constructor(
    private readonly memory: MemoryViews,
    private readonly kernels: CodeMemory,
  ) {}

  /**
   * @param codeLimit last offset in CS that may be fetched
   * @param secondHost where the next page is, when that is known
   */
  begin(codeLimit: number, secondHost = 0): void {
    this.#limit = codeLimit;
    this.secondHost = secondHost;
  }

  /**
   * The instruction at an address whose first byte is at `host`; undefined: its fetch faults. `isAhead`: it has not been reached yet, so a
   * fault leaves no trace and the next page is not looked at.
   */
  read(mode: number, eip: number, linear: number, host: number, isAhead: boolean): DecodedRow | undefined {
    this.#linear = linear;
    this.#host = host;
    this.#inPage = PAGE - (linear & 0xfff);
    this.#eip = eip;
    this.#isAhead = isAhead;
    return this.#decode(this.#fetch, mode, eip);
  }

  /** The same from a device or open bus, which has no memory behind it. */
  readFromBus(mode: number, physical: number, eip: number, codeLimit: number): DecodedRow | undefined {
    this.#isAhead = false;
    const fetch = (index: number): number => {
      if (eip + index > codeLimit) this.#beyondLimit();
      return this.kernels.readPhysical8((physical + index) >>> 0) & 0xff;
    };
    return this.#decode(fetch, mode, eip);
  }

  #decode(fetch: (index: number) => number, mode: number, eip: number): DecodedRow | undefined {
    try {
      return decode(fetch, mode, eip);
    } catch (thrown) {
      if (thrown === INSTRUCTION_TOO_LONG) {
        if (!this.#isAhead) noteFetchFault(this.memory.u32);
      } else if (thrown !== FETCH_FAULT) throw thrown;
      return undefined;
    }
  }

  #beyondLimit(): never {
    if (!this.#isAhead) noteFetchFault(this.memory.u32);
    throw FETCH_FAULT;
  }

  #fetchByte(index: number): number {
    if (this.#eip + index > this.#limit) this.#beyondLimit();
    if (index < this.#inPage) return this.memory.u8[this.#host + index]!;
    if (this.#isAhead) throw FETCH_FAULT;
    if (this.secondHost === 0) {
      const host = this.kernels.translateFetch((this.#linear + this.#inPage) >>> 0);
      if (host === 0) throw FETCH_FAULT;
      this.secondPhysical = this.memory.u32[SCRATCH >> 2]!;
      if (host === -1) return this.kernels.readPhysical8(this.secondPhysical + index - this.#inPage);
      this.secondHost = host >>> 0;
    }
    return this.memory.u8[this.secondHost + index - this.#inPage]!;
  }
}
