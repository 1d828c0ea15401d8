import type { Encoding, Instruction, Width } from '../semantics/instruction.js';

/*
 * The SDM's notation of an encoding, taken apart once: SDM Vol. 2A section 3.1.1 (opcode and instruction columns).
 */

/** Where an operand of a row comes from. */
export type OperandSource =
  | { readonly from: 'rm'; readonly register: 'general' | 'mm' | 'xmm' | 'none'; readonly memory: boolean; readonly width: RowWidth }
  | {
      readonly from: 'reg' | 'opcode';
      readonly register: 'general' | 'segment' | 'control' | 'debug' | 'mm' | 'xmm';
      readonly width: RowWidth;
    }
  | { readonly from: 'st'; readonly fixed?: number }
  | { readonly from: 'fixed'; readonly register: 'general' | 'segment'; readonly index: number; readonly width: RowWidth }
  | { readonly from: 'immediate'; readonly bytes: 1 | 2 | 4 | 'z'; readonly width: RowWidth }
  | { readonly from: 'one'; readonly value: number }
  | { readonly from: 'relative'; readonly bytes: 1 | 'z' }
  | { readonly from: 'far' }
  | { readonly from: 'moffs'; readonly width: RowWidth };

/** Bits; `v`: the operand size in force; 0: the instruction has its own idea. */
export type RowWidth = Width | 80 | 128 | 0 | 'v';

/** One row of the decode table. */
export interface Row {
  readonly instruction: Instruction;
  readonly encoding: Encoding;
  /** 0: one byte; 1: after 0F; 2: after 0F 38; 3: after 0F 3A. */
  readonly map: 0 | 1 | 2 | 3;
  readonly opcode: number;
  /** Low three bits of the opcode are a register number. */
  readonly plusRegister: boolean;
  readonly hasModRM: boolean;
  /** Required ModRM.reg, or -1. */
  readonly digit: number;
  /** Required whole ModRM byte (x87 register forms, the fixed third byte of a few others) and how many follow with the register number, or -1. */
  readonly modRM: number;
  readonly modRMCount: number;
  readonly operands: readonly OperandSource[];
  /** Operand size matters to the form. */
  readonly id: number;
}

/** Bytes before the opcode in each opcode map. */
export const ESCAPES: readonly [readonly number[], readonly number[], readonly number[], readonly number[]] = [
  [],
  [0x0f],
  [0x0f, 0x38],
  [0x0f, 0x3a],
];

const SEGMENTS = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS'];
const FIXED_REGISTERS: Readonly<Record<string, readonly [index: number, width: RowWidth]>> = {
  AL: [0, 8],
  CL: [1, 8],
  DL: [2, 8],
  BL: [3, 8],
  AH: [4, 8],
  AX: [0, 16],
  DX: [2, 16],
  CX: [1, 16],
  EAX: [0, 32],
  EDX: [2, 32],
  ECX: [1, 32],
  EBX: [3, 32],
  RAX: [0, 64],
  rAX: [0, 'v'],
  eAX: [0, 'v'],
};

/** @throws Error naming the row: a defect of the tables */
export function parseRow(instruction: Instruction, encoding: Encoding, id: number): Row {
  const tokens = encoding.opcode
    .replace(/^(REX(\.[WRB])? ?\+? ?|NP )/, '')
    .split(/\s+/)
    .filter(Boolean);
  const bytes: number[] = [];
  let plus: 'r' | 'i' | undefined;
  let hasModRM = false;
  let digit = -1;
  for (const token of tokens) {
    const plain = /^([0-9A-F]{2})(\+(r[bwdo](\/r[wdo])*|i))?$/.exec(token);
    if (plain) {
      bytes.push(Number.parseInt(plain[1]!, 16));
      if (plain[2]) plus = plain[2] === '+i' ? 'i' : 'r';
    } else if (token === '/r') hasModRM = true;
    else if (/^\/[0-7]$/.test(token)) {
      hasModRM = true;
      digit = Number(token[1]);
    } else if (!/^(i[bwdo](\/i[wdo])*|c[bwdp](\/c[wdp])*|\+i|m[bwd].*)$/.test(token))
      throw new Error(`encoding ${instruction.mnemonic} '${encoding.opcode}': ${token}?`);
    else if (token === '+i') plus = 'i';
  }
  const map = ([3, 2, 1, 0] as const).find((each) => ESCAPES[each].every((byte, i) => bytes[i] === byte))!;
  bytes.splice(0, ESCAPES[map].length);
  if (bytes.length === 0 || bytes.length > 2) throw new Error(`encoding ${instruction.mnemonic} '${encoding.opcode}'`);
  const texts = encoding.operands
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean);
  const rm = rmPosition(texts, encoding);
  const operands = texts.map((text, position) => parseOperand(text, plus, encoding, position === rm));
  return {
    instruction,
    encoding,
    map,
    opcode: bytes[0]!,
    plusRegister: plus === 'r',
    hasModRM: hasModRM || bytes.length === 2,
    digit,
    modRM: bytes[1] ?? -1,
    modRMCount: plus === 'i' ? 8 : 1,
    operands,
    id,
  };
}

function parseOperand(text: string, plus: 'r' | 'i' | undefined, encoding: Encoding, isRm: boolean): OperandSource {
  const fixed = FIXED_REGISTERS[text];
  if (fixed) return { from: 'fixed', register: 'general', index: fixed[0], width: fixed[1] };
  if (SEGMENTS.includes(text)) return { from: 'fixed', register: 'segment', index: SEGMENTS.indexOf(text), width: 16 };
  if (text === 'ST(i)') return { from: 'st' };
  if (text === 'ST(0)' || text === 'ST') return { from: 'st', fixed: 0 };
  if (/^[13]$/.test(text)) return { from: 'one', value: Number(text) };
  if (text === 'Sreg') return { from: 'reg', register: 'segment', width: 16 };
  if (/^CR/.test(text)) return { from: 'reg', register: 'control', width: 32 };
  if (/^DR/.test(text)) return { from: 'reg', register: 'debug', width: 32 };
  let match = /^(x?mm)\d?$/.exec(text);
  if (match) {
    const register = match[1] as 'mm' | 'xmm';
    const width = register === 'mm' ? 64 : 128;
    return isRm ? { from: 'rm', register, memory: false, width } : { from: 'reg', register, width };
  }
  match = /^mm\d?\/m(\d+)$/.exec(text);
  if (match) return { from: 'rm', register: 'mm', memory: true, width: Number(match[1]) as Width };
  match = /^xmm\d?\/m(\d+)$/.exec(text);
  if (match) return { from: 'rm', register: 'xmm', memory: true, width: Number(match[1]) as Width };
  match = /^(?:r\/m|r(?:8|16|32|64)?(?:\/\d+)*\/m)([\d/]+)$/.exec(text);
  if (match) return { from: 'rm', register: 'general', memory: true, width: rowWidth(match[1]!) };
  match = /^imm([\d/]+)/.exec(text);
  if (match) {
    const width = rowWidth(match[1]!);
    return { from: 'immediate', bytes: width === 'v' ? 'z' : ((Number(width) / 8) as 1 | 2 | 4), width };
  }
  match = /^rel([\d/]+)$/.exec(text);
  if (match) return { from: 'relative', bytes: match[1] === '8' ? 1 : 'z' };
  if (/^ptr16/.test(text)) return { from: 'far' };
  match = /^moffs([\d/]+)$/.exec(text);
  if (match) return { from: 'moffs', width: rowWidth(match[1]!) };
  // The general register beside a control or debug register is ModRM.rm, which has no memory form.
  if (text === 'r32' && (isRm || /[CD]R\d/.test(encoding.operands))) return { from: 'rm', register: 'general', memory: false, width: 32 };
  match = /^r([\d/]+)$/.exec(text);
  if (match) return { from: plus === 'r' ? 'opcode' : 'reg', register: 'general', width: rowWidth(match[1]!) };
  // Memory of a size of its own: m, m80fp, m32int, m16:16/32, m16&32, m14/28byte, m512byte ...
  match = /^m(\d*)(fp|int|dec|bcd)?$/.exec(text);
  if (match) return { from: 'rm', register: 'none', memory: true, width: (match[1] ? Number(match[1]) : 0) as RowWidth };
  if (/^m(16|32)\/(32|64)/.test(text) && !/byte/.test(text)) return { from: 'rm', register: 'none', memory: true, width: 'v' };
  if (/^m/.test(text)) return { from: 'rm', register: 'none', memory: true, width: 0 };
  throw new Error(`encoding '${encoding.opcode}' '${encoding.operands}': operand ${text}?`);
}

/**
 * A bare vector register (or `r32` beside one) is ModRM.reg; it is ModRM.rm where ModRM.reg is a digit of the opcode, and where no operand is of the
 * form r/m the last of the registers is: `PMOVMSKB r32, xmm`.
 */
function rmPosition(operands: readonly string[], encoding: Encoding): number {
  if (!/\/[0-7r]/.test(encoding.opcode) || !operands.some((text) => /^x?mm\d?$/.test(text))) return -1;
  if (operands.some((text) => /^(x?mm\d?\/m|r.*\/m|m\d)/.test(text))) return -1;
  return operands.findLastIndex((text) => /^(x?mm\d?|r32)$/.test(text));
}

function rowWidth(text: string): RowWidth {
  return text.includes('/') ? 'v' : (Number(text) as Width);
}
