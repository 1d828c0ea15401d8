import type { Instruction } from './instruction.js';
import { CONDITION_FLAGS, CONDITIONS, hex, lockable, rows } from './notation.js';

export const moveInstructions: readonly Instruction[] = [
  {
    mnemonic: 'MOV',
    sdm: 'Vol. 2B, MOV—Move',
    encodings: rows(
      ['88 /r', 'r/m8, r8'],
      ['89 /r', 'r/m16/32/64, r16/32/64'],
      ['8A /r', 'r8, r/m8'],
      ['8B /r', 'r16/32/64, r/m16/32/64'],
      ['A0', 'AL, moffs8'],
      ['A1', 'rAX, moffs16/32/64'],
      ['A2', 'moffs8, AL'],
      ['A3', 'moffs16/32/64, rAX'],
      ['B0+rb ib', 'r8, imm8'],
      ['B8+rw/rd iw/id', 'r16/32/64, imm16/32'],
      ['C6 /0 ib', 'r/m8, imm8'],
      ['C7 /0 iw/id', 'r/m16/32/64, imm16/32'],
    ),
    flags: {},
    execute(m, { width, operands: [dst, src] }) {
      m.write(dst!, width, m.read(src!, width));
    },
  },
  {
    mnemonic: 'MOVZX',
    sdm: 'Vol. 2B, MOVZX—Move With Zero-Extend',
    encodings: rows(['0F B6 /r', 'r16/32/64, r/m8'], ['0F B7 /r', 'r16/32/64, r/m16']),
    flags: {},
    execute(m, { width, operands: [dst, src] }) {
      m.write(dst!, width, m.read(src!, src!.width as 8 | 16));
    },
  },
  {
    mnemonic: 'MOVSX',
    sdm: 'Vol. 2B, MOVSX/MOVSXD—Move With Sign-Extension',
    encodings: rows(['0F BE /r', 'r16/32/64, r/m8'], ['0F BF /r', 'r16/32/64, r/m16']),
    flags: {},
    execute(m, { width, operands: [dst, src] }) {
      const from = src!.width as 8 | 16;
      m.write(dst!, width, m.truncate(m.signExtend(m.read(src!, from), from), width));
    },
  },
  {
    mnemonic: 'LEA',
    sdm: 'Vol. 2A, LEA—Load Effective Address',
    encodings: rows(['8D /r', 'r16/32/64, m']),
    flags: {},
    execute(m, { width, operands: [dst, src] }) {
      m.write(dst!, width, m.truncate(m.effectiveAddress(src!), width));
    },
  },
  {
    mnemonic: 'XCHG',
    sdm: 'Vol. 2D, XCHG—Exchange Register/Memory With Register',
    encodings: [...rows(['90+rw/rd', 'rAX, r16/32/64']), ...lockable(rows(['86 /r', 'r/m8, r8'], ['87 /r', 'r/m16/32/64, r16/32/64']))],
    flags: {},
    execute(m, { width, operands: [dst, src] }) {
      const left = m.read(dst!, width);
      const right = m.read(src!, width);
      m.write(dst!, width, right);
      m.write(src!, width, left);
    },
  },
  {
    mnemonic: 'BSWAP',
    sdm: 'Vol. 2A, BSWAP—Byte Swap',
    encodings: rows(['0F C8+rw/rd', 'r16/32/64']),
    flags: {},
    execute(m, { width, operands: [dst] }) {
      if (width === 16) {
        // Undefined by the SDM; processors clear the register's low half.
        m.write(dst!, 16, m.constant(0));
        return;
      }
      const value = m.read(dst!, width);
      const odd = m.and(m.rotl(value, m.constant(8)), m.constant(0x00ff_00ff));
      const even = m.and(m.rotl(value, m.constant(24)), m.constant(0xff00_ff00 | 0));
      m.write(dst!, width, m.or(odd, even));
    },
  },
  {
    mnemonic: 'XLATB',
    sdm: 'Vol. 2D, XLAT/XLATB—Table Look-up Translation',
    synonyms: ['XLAT'],
    encodings: rows(['D7', '']),
    flags: {},
    execute(m, form) {
      const base = m.stateLoad(RBX, 32);
      const sum = m.add(base, m.stateLoad(RAX, 8));
      const offset = form.addressSize === 16 ? m.truncate(sum, 16) : sum;
      m.stateStore(RAX, 8, m.loadSegment(offset, 8));
    },
  },
  ...CONDITIONS.map(
    ([name, ...synonyms], code): Instruction => ({
      mnemonic: `CMOV${name}`,
      synonyms: synonyms.map((each) => `CMOV${each}`),
      sdm: 'Vol. 2A, CMOVcc—Conditional Move',
      encodings: rows([`0F ${hex(0x40 + code)} /r`, 'r16/32/64, r/m16/32/64']),
      flags: { reads: CONDITION_FLAGS[code >> 1]! },
      execute(m, { width, operands: [dst, src] }) {
        // The source is read, and may fault, whether or not it is moved.
        const value = m.read(src!, width);
        m.write(dst!, width, m.select(m.condition(code), value, m.read(dst!, width)));
      },
    }),
  ),
  ...CONDITIONS.map(
    ([name, ...synonyms], code): Instruction => ({
      mnemonic: `SET${name}`,
      synonyms: synonyms.map((each) => `SET${each}`),
      sdm: 'Vol. 2B, SETcc—Set Byte on Condition',
      encodings: rows([`0F ${hex(0x90 + code)} /r`, 'r/m8']),
      flags: { reads: CONDITION_FLAGS[code >> 1]! },
      execute: (m, { operands: [dst] }) => m.write(dst!, 8, m.condition(code)),
    }),
  ),
];

/** GPR slots of state.ts. */
const RAX = 0x40;
const RBX = 0x58;
