import type { Builder, Value } from './builder.js';
import type { Instruction } from './instruction.js';
import { rows } from './notation.js';

/* Flag instructions that touch neither IF nor the mode, and sign conversions. state.ts: */
const RAX = 0x40;
const AH = 0x41;
const RDX = 0x50;
const EFLAGS_SYSTEM = 0xf0;
const DF = 0x400;

function carryTo(mnemonic: string, title: string, opcode: string, value: (m: Builder) => Value, reads?: string): Instruction {
  return {
    mnemonic,
    sdm: `Vol. 2, ${title}`,
    encodings: rows([opcode, '']),
    flags: reads ? { writes: 'C', reads } : { writes: 'C' },
    execute: (m) => m.setFlags('carry', 32, value(m), m.constant(0), m.constant(0)),
  };
}

function direction(mnemonic: 'CLD' | 'STD', opcode: string): Instruction {
  return {
    mnemonic,
    sdm: mnemonic === 'CLD' ? 'Vol. 2A, CLD—Clear Direction Flag' : 'Vol. 2B, STD—Set Direction Flag',
    encodings: rows([opcode, '']),
    flags: {},
    execute(m) {
      const flags = m.stateLoad(EFLAGS_SYSTEM, 32);
      m.stateStore(EFLAGS_SYSTEM, 32, mnemonic === 'CLD' ? m.and(flags, m.constant(~DF)) : m.or(flags, m.constant(DF)));
    },
  };
}

export const flagControlInstructions: readonly Instruction[] = [
  carryTo('CLC', 'CLC—Clear Carry Flag', 'F8', (m) => m.constant(0)),
  carryTo('STC', 'STC—Set Carry Flag', 'F9', (m) => m.constant(1)),
  carryTo('CMC', 'CMC—Complement Carry Flag', 'F5', (m) => m.xor(m.carry(), m.constant(1)), 'C'),
  direction('CLD', 'FC'),
  direction('STD', 'FD'),
  {
    mnemonic: 'LAHF',
    sdm: 'Vol. 2A, LAHF—Load Status Flags Into AH Register',
    encodings: rows(['9F', '']),
    flags: { reads: 'SZAPC' },
    execute: (m) => m.stateStore(AH, 8, m.or(m.and(m.arithmeticFlags(), m.constant(0xd5)), m.constant(2))),
  },
  {
    mnemonic: 'SAHF',
    sdm: 'Vol. 2B, SAHF—Store AH Into Flags',
    encodings: rows(['9E', '']),
    flags: { writes: 'SZAPC' },
    execute(m) {
      const overflow = m.shl(m.condition(0), m.constant(11));
      m.setFlags('set', 32, m.constant(0), m.constant(0), m.or(m.and(m.stateLoad(AH, 8), m.constant(0xd5)), overflow));
    },
  },
  {
    mnemonic: 'SALC',
    sdm: 'Vol. 2D appendix A (opcode D6, undocumented): AL = CF ? FFh : 0',
    encodings: [{ opcode: 'D6', operands: '', mode64: 'invalid' }],
    flags: { reads: 'C' },
    execute: (m) => m.stateStore(RAX, 8, m.sub(m.constant(0), m.carry())),
  },
  {
    mnemonic: 'CBW',
    sdm: 'Vol. 2A, CBW/CWDE/CDQE—Convert Byte to Word/Convert Word to Doubleword',
    encodings: [{ opcode: '98', operands: '', operandSize: 16 }],
    flags: {},
    execute: (m) => m.stateStore(RAX, 16, m.signExtend(m.stateLoad(RAX, 8), 8)),
  },
  {
    mnemonic: 'CWDE',
    sdm: 'Vol. 2A, CBW/CWDE/CDQE—Convert Byte to Word/Convert Word to Doubleword',
    encodings: [{ opcode: '98', operands: '', operandSize: 32 }],
    flags: {},
    execute: (m) => m.stateStore(RAX, 32, m.signExtend(m.stateLoad(RAX, 16), 16)),
  },
  {
    mnemonic: 'CWD',
    sdm: 'Vol. 2A, CWD/CDQ/CQO—Convert Word to Doubleword/Convert Doubleword to Quadword',
    encodings: [{ opcode: '99', operands: '', operandSize: 16 }],
    flags: {},
    execute: (m) => m.stateStore(RDX, 16, m.sar(m.signExtend(m.stateLoad(RAX, 16), 16), m.constant(31))),
  },
  {
    mnemonic: 'CDQ',
    sdm: 'Vol. 2A, CWD/CDQ/CQO—Convert Word to Doubleword/Convert Doubleword to Quadword',
    encodings: [{ opcode: '99', operands: '', operandSize: 32 }],
    flags: {},
    execute: (m) => m.stateStore(RDX, 32, m.sar(m.stateLoad(RAX, 32), m.constant(31))),
  },
];
