import type { Instruction } from './instruction.js';

/*
 * String instructions, one element: the builder repeats them (SDM Vol. 2B REP). Bytes have entries of their own because no operand tells
 * the width. INS and OUTS are with the ports.
 */
const RAX = 0x40;
type Narrow = 8 | 16 | 32;

interface StringInstruction {
  readonly mnemonic: string;
  readonly title: string;
  readonly opcode: number;
  readonly repeats: 'rep' | 'repe';
  readonly repeatKernel?: string;
  readonly flags?: Instruction['flags'];
  element(m: Parameters<NonNullable<Instruction['execute']>>[0], width: Narrow, repeat: number): void;
}

function both({ mnemonic, title, opcode, repeats, repeatKernel, flags = {}, element }: StringInstruction): readonly Instruction[] {
  const hex = (byte: number): string => byte.toString(16).toUpperCase();
  const shared = { sdm: `Vol. 2, ${title}`, flags, repeats, ...(repeatKernel ? { repeatKernel } : {}) };
  return [
    {
      ...shared,
      mnemonic: `${mnemonic}B`,
      encodings: [{ opcode: hex(opcode), operands: '', width: 8 }],
      execute: (m, form) => element(m, 8, form.repeat),
    },
    {
      ...shared,
      mnemonic: `${mnemonic}W`,
      encodings: [{ opcode: hex(opcode + 1), operands: '', operandSize: 16 }],
      execute: (m, form) => element(m, 16, form.repeat),
    },
    {
      ...shared,
      mnemonic: `${mnemonic}D`,
      encodings: [{ opcode: hex(opcode + 1), operands: '', operandSize: 32 }],
      execute: (m, form) => element(m, 32, form.repeat),
    },
  ];
}

const COMPARE = { writes: 'OSZAPC' } as const;

export const stringInstructions: readonly Instruction[] = [
  ...both({
    mnemonic: 'MOVS',
    title: 'MOVS/MOVSB/MOVSW/MOVSD/MOVSQ—Move Data From String to String',
    opcode: 0xa4,
    repeats: 'rep',
    repeatKernel: 'repeatMovs',
    element(m, width) {
      m.storeString(width, m.loadString('source', width));
      m.advanceString('source', width);
      m.advanceString('destination', width);
      m.repeat();
    },
  }),
  ...both({
    mnemonic: 'STOS',
    title: 'STOS/STOSB/STOSW/STOSD/STOSQ—Store String',
    opcode: 0xaa,
    repeats: 'rep',
    repeatKernel: 'repeatStos',
    element(m, width) {
      m.storeString(width, m.stateLoad(RAX, width));
      m.advanceString('destination', width);
      m.repeat();
    },
  }),
  ...both({
    mnemonic: 'LODS',
    title: 'LODS/LODSB/LODSW/LODSD/LODSQ—Load String',
    opcode: 0xac,
    repeats: 'rep',
    element(m, width) {
      m.stateStore(RAX, width, m.loadString('source', width));
      m.advanceString('source', width);
      m.repeat();
    },
  }),
  ...both({
    mnemonic: 'CMPS',
    title: 'CMPS/CMPSB/CMPSW/CMPSD/CMPSQ—Compare String Operands',
    opcode: 0xa6,
    repeats: 'repe',
    flags: COMPARE,
    element(m, width, repeat) {
      const left = m.loadString('source', width);
      const right = m.loadString('destination', width);
      const result = m.truncate(m.sub(left, right), width);
      m.setFlags('sub', width, left, right, result);
      m.advanceString('source', width);
      m.advanceString('destination', width);
      m.repeat(repeat === 0xf2 ? m.isZero(m.isZero(result)) : m.isZero(result));
    },
  }),
  ...both({
    mnemonic: 'SCAS',
    title: 'SCAS/SCASB/SCASW/SCASD—Scan String',
    opcode: 0xae,
    repeats: 'repe',
    flags: COMPARE,
    element(m, width, repeat) {
      const left = m.stateLoad(RAX, width);
      const right = m.loadString('destination', width);
      const result = m.truncate(m.sub(left, right), width);
      m.setFlags('sub', width, left, right, result);
      m.advanceString('destination', width);
      m.repeat(repeat === 0xf2 ? m.isZero(m.isZero(result)) : m.isZero(result));
    },
  }),
];
