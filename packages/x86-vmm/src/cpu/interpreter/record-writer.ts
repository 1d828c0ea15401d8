import type { DecodedRow } from '../decoder/decode.js';
import type { Operand } from '../semantics/instruction.js';
import { FPU_REGISTERS, GPR, SEGMENT, SEGMENT_BYTES, XMM, ZERO } from '../state.js';
import { VARIANTS, variantOf } from './forms.js';
import type { GeneratedInterpreter } from './generate.js';
import { registerSlot } from './guest-builder.js';
import { RECORD_BYTES, RecordField } from './record.js';

const ESP = 4;

/** Where a decoded instruction stands in its block. */
export interface RecordPlace {
  readonly codeBase: number;
  readonly mode: number;
  /** Instructions of the block up to and including this one. */
  readonly count: number;
  readonly host: number;
  /** Index of the `Decoded` for a slow instruction's body. */
  readonly slowIndex: number;
}

/** Turns decoded instructions into the records that the interpreter reads. */
export class RecordWriter {
  constructor(
    private readonly u8: Uint8Array,
    private readonly u16: Uint16Array,
    private readonly u32: Uint32Array,
    private readonly interpreter: GeneratedInterpreter,
  ) {}

  write(at: number, decoded: DecodedRow, place: RecordPlace): void {
    const { u16, u32 } = this;
    this.u8.fill(0, at, at + RECORD_BYTES);
    const word = at >> 2;
    u16[(at + RecordField.count) >> 1] = place.count;
    u16[(at + RecordField.offset) >> 1] = decoded.eip - place.codeBase;
    u16[(at + RecordField.nextOffset) >> 1] = decoded.nextEip - place.codeBase;
    u32[word + RecordField.host / 4] = place.host;
    u32[word + RecordField.addressMask / 4] = 0xffff_ffff;
    const { row } = decoded;
    if (row === undefined || decoded.instruction.slow) {
      u32[word] = this.interpreter.special.slow;
      u32[word + RecordField.operand / 4] = place.slowIndex;
      return;
    }
    u16[(at + RecordField.fpuOpcode) >> 1] = ((decoded.opcodeByte & 7) << 8) | decoded.modRM;
    u32[word + RecordField.base / 4] = ZERO;
    u32[word + RecordField.index / 4] = ZERO;
    u32[word + RecordField.segment / 4] = SEGMENT + SEGMENT_BYTES * decoded.segment;
    const { operands } = decoded;
    for (let i = 0; i < operands.length; i++) this.#writeOperand(word, i, operands[i]!, decoded, place);
    u32[word] = this.#handler(decoded, place.mode);
  }

  /** A record that leads on to another block: `goto`, an edge to another page, the check before a page-crossing instruction. */
  writePseudo(at: number, handler: number, offset: number, count: number, target: number, addressMask = 0xffff_ffff, link = 0): void {
    this.u8.fill(0, at, at + RECORD_BYTES);
    const word = at >> 2;
    this.u32[word] = handler;
    this.u16[(at + RecordField.count) >> 1] = count;
    this.u16[(at + RecordField.offset) >> 1] = offset;
    this.u32[word + RecordField.target / 4] = target;
    this.u32[word + RecordField.addressMask / 4] = addressMask;
    this.u32[word + RecordField.linkTaken / 4] = link;
  }

  #writeOperand(word: number, position: number, operand: Operand, decoded: DecodedRow, place: RecordPlace): void {
    const { u32 } = this;
    const field = word + RecordField.operand / 4 + position;
    switch (operand.kind) {
      case 'register':
        u32[field] = operand.high ? GPR + 8 * operand.index + 1 : registerSlot(operand.index, false);
        break;
      case 'immediate':
        u32[field] = operand.value;
        break;
      case 'relative':
        u32[word + RecordField.target / 4] = operand.target - place.codeBase;
        if (decoded.operandSize === 16) u32[word + RecordField.addressMask / 4] = 0xffff;
        break;
      case 'memory':
        if (operand.base >= 0) u32[word + RecordField.base / 4] = registerSlot(operand.base, false);
        if (operand.index >= 0) u32[word + RecordField.index / 4] = registerSlot(operand.index, false);
        u32[word + RecordField.scale / 4] = operand.scale;
        // POP with a base of ESP: the address uses ESP after the pop (SDM Vol. 2B POP).
        u32[word + RecordField.displacement / 4] =
          operand.displacement + (operand.base === ESP && decoded.instruction.mnemonic === 'POP' ? decoded.operandSize / 8 : 0);
        u32[word + RecordField.segment / 4] = SEGMENT + SEGMENT_BYTES * operand.segment;
        u32[word + RecordField.addressMask / 4] = decoded.addressSize === 16 ? 0xffff : 0xffff_ffff;
        break;
      case 'mm':
        u32[field] = FPU_REGISTERS + 16 * operand.index;
        break;
      case 'xmm':
        u32[field] = XMM + 16 * operand.index;
        break;
      case 'far':
        break;
      default:
        u32[field] = operand.index;
    }
  }

  #handler(decoded: DecodedRow, mode: number): number {
    const variant = variantOf(decoded, mode);
    const memory = decoded.operands.find((operand) => operand.kind === 'memory');
    const at = decoded.row!.id * VARIANTS + variant;
    if (memory?.kind === 'memory' && memory.index < 0) {
      const based = this.interpreter.basedHandlers[at]!;
      if (based >= 0) return based;
    }
    const handler = this.interpreter.handlers[at]!;
    if (handler < 0) throw new Error(`no form of ${decoded.instruction.mnemonic} ${decoded.encoding.opcode} for variant ${variant}`);
    return handler;
  }
}
