import type { Builder, FormOperand, Value } from './builder.js';
import type { Instruction, Width } from './instruction.js';
import { hex, lockable, rows } from './notation.js';

/* Bit tests, scans and the 8-byte compare-exchange. Sources: SDM Vol. 2, BT, BTS, BTR, BTC, BSF, BSR, CMPXCHG8B. */

type Change = 'none' | 'set' | 'reset' | 'complement';

function changed(m: Builder, change: Change, value: Value, mask: Value): Value {
  if (change === 'set') return m.or(value, mask);
  if (change === 'complement') return m.xor(value, mask);
  return m.and(value, m.xor(mask, m.constant(-1)));
}

function testBit(m: Builder, width: Width, dst: FormOperand, number: Value, change: Change): void {
  const value = m.read(dst, width);
  const within = m.and(number, m.constant(width - 1));
  if (change !== 'none') m.write(dst, width, m.truncate(changed(m, change, value, m.shl(m.constant(1), within)), width));
  // Only CF is defined; the others stay on the processors we measured.
  m.setFlags('carry', width, m.and(m.shr(value, within), m.constant(1)), m.constant(0), m.constant(0));
}

function bitTest(mnemonic: string, title: string, change: Change, opcode: number, digit: number): readonly Instruction[] {
  const shared = { mnemonic, sdm: `Vol. 2A, ${title}`, flags: { writes: 'C', undefined: 'OSAP' } } as const;
  const encodings = rows([`0F BA /${digit} ib`, 'r/m16/32/64, imm8']);
  const byRegister = rows([`0F ${hex(opcode)} /r`, 'r/m16/32/64, r16/32/64']);
  return [
    {
      ...shared,
      encodings: change === 'none' ? encodings : lockable(encodings),
      execute: (m, { width, operands: [dst, src] }) => testBit(m, width, dst!, m.immediate(src!), change),
    },
    {
      ...shared,
      encodings: change === 'none' ? byRegister : lockable(byRegister),
      execute(m, { width, operands: [dst, src] }) {
        const number = m.read(src!, width);
        // A bit string in memory: the bit may be any distance from the address.
        if (dst!.kind === 'memory')
          m.displace(dst!, m.shl(m.sar(m.signExtend(number, width), m.constant(width === 16 ? 4 : 5)), m.constant(width === 16 ? 1 : 2)));
        testBit(m, width, dst!, number, change);
      },
    },
  ];
}

function scan(mnemonic: 'BSF' | 'BSR', opcode: number): Instruction {
  return {
    mnemonic,
    sdm: mnemonic === 'BSF' ? 'Vol. 2A, BSF—Bit Scan Forward' : 'Vol. 2A, BSR—Bit Scan Reverse',
    // `none`: with F3 these are TZCNT and LZCNT on CPUs that have them; ours ignores the prefix.
    encodings: rows([`0F ${hex(opcode)} /r`, 'r16/32/64, r/m16/32/64']),
    flags: { writes: 'Z', undefined: 'OSAPC' },
    execute(m, { width, operands: [dst, src] }) {
      const value = m.read(src!, width);
      const found = mnemonic === 'BSF' ? m.ctz(value) : m.xor(m.clz(value), m.constant(31));
      const isZero = m.isZero(value);
      // A zero source leaves the destination unchanged (documented by AMD, true of Intel's).
      m.write(dst!, width, m.select(isZero, m.read(dst!, width), found));
      // The others are undefined; an AMD EPYC clears them, with PF of the index (measured).
      const index = m.select(isZero, m.constant(0), found);
      const parity = m.xor(m.and(m.popcnt(index), m.constant(1)), m.constant(1));
      m.setFlags('set', width, m.constant(0), m.constant(0), m.or(m.shl(isZero, m.constant(6)), m.shl(parity, m.constant(2))));
    },
  };
}

const ZF = 0x40;
/** GPR slots of state.ts. */
const RAX = 0x40;
const RCX = 0x48;
const RDX = 0x50;
const RBX = 0x58;

export const bitInstructions: readonly Instruction[] = [
  ...bitTest('BT', 'BT—Bit Test', 'none', 0xa3, 4),
  ...bitTest('BTS', 'BTS—Bit Test and Set', 'set', 0xab, 5),
  ...bitTest('BTR', 'BTR—Bit Test and Reset', 'reset', 0xb3, 6),
  ...bitTest('BTC', 'BTC—Bit Test and Complement', 'complement', 0xbb, 7),
  scan('BSF', 0xbc),
  scan('BSR', 0xbd),
  {
    mnemonic: 'CMPXCHG8B',
    sdm: 'Vol. 2A, CMPXCHG8B/CMPXCHG16B—Compare and Exchange Bytes',
    encodings: lockable(rows(['0F C7 /1', 'm64'])),
    flags: { writes: 'Z' },
    execute(m, { operands: [dst] }) {
      m.probeOperand(dst!, 8);
      const old = m.loadOperand(dst!, 0, 64);
      const pair = (high: number, low: number): Value =>
        m.or(m.shl(m.extendU(m.stateLoad(high, 32)), m.constant64(32n)), m.extendU(m.stateLoad(low, 32)));
      const isEqual = m.eq(old, pair(RDX, RAX));
      m.storeOperand(dst!, 0, 64, m.select(isEqual, pair(RCX, RBX), old));
      m.stateStore(RAX, 32, m.select(isEqual, m.stateLoad(RAX, 32), m.wrap(old)));
      m.stateStore(RDX, 32, m.select(isEqual, m.stateLoad(RDX, 32), m.wrap(m.shr(old, m.constant64(32n)))));
      const flags = m.and(m.arithmeticFlags(), m.constant(~ZF));
      m.setFlags('set', 32, m.constant(0), m.constant(0), m.or(flags, m.shl(isEqual, m.constant(6))));
    },
  },
];
