import type { Instruction } from './instruction.js';
import { CONDITION_FLAGS, CONDITIONS, hex, rows } from './notation.js';

/** GPR slot of state.ts. */
const RCX = 0x48;

export const controlFlowInstructions: readonly Instruction[] = [
  {
    mnemonic: 'JMP',
    sdm: 'Vol. 2A, JMP—Jump',
    encodings: rows(['EB cb', 'rel8'], ['E9 cw/cd', 'rel16/32'], ['FF /4', 'r/m16/32/64']),
    flags: {},
    endsBlock: true,
    execute: (m, { width, operands: [target] }) => m.jump(m.read(target!, width)),
  },
  {
    mnemonic: 'CALL',
    sdm: 'Vol. 2A, CALL—Call Procedure',
    encodings: rows(['E8 cw/cd', 'rel16/32'], ['FF /2', 'r/m16/32/64']),
    flags: {},
    endsBlock: true,
    execute(m, { width, operands: [target] }) {
      m.jump(m.read(target!, width));
      m.push(width, m.nextEip());
    },
  },
  {
    mnemonic: 'RET',
    sdm: 'Vol. 2B, RET—Return From Procedure',
    encodings: rows(['C3', '']),
    flags: {},
    endsBlock: true,
    execute: (m, { width }) => m.jump(m.pop(width)),
  },
  {
    mnemonic: 'RET',
    sdm: 'Vol. 2B, RET—Return From Procedure',
    encodings: rows(['C2 iw', 'imm16']),
    flags: {},
    endsBlock: true,
    execute(m, { width, operands: [bytes] }) {
      const target = m.pop(width);
      m.setStackPointer(m.add(m.stackPointer(), m.read(bytes!, 16)));
      m.jump(target);
    },
  },
  ...CONDITIONS.map(
    ([name, ...synonyms], code): Instruction => ({
      mnemonic: `J${name}`,
      synonyms: synonyms.map((each) => `J${each}`),
      sdm: 'Vol. 2A, Jcc—Jump if Condition Is Met',
      encodings: rows([`${hex(0x70 + code)} cb`, 'rel8'], [`0F ${hex(0x80 + code)} cw/cd`, 'rel16/32']),
      flags: { reads: CONDITION_FLAGS[code >> 1]! },
      endsBlock: true,
      execute: (m, { width, operands: [target] }) => m.branch(m.condition(code), m.read(target!, width)),
    }),
  ),
  {
    mnemonic: 'JECXZ',
    synonyms: ['JCXZ'],
    sdm: 'Vol. 2A, Jcc—Jump if Condition Is Met',
    encodings: rows(['E3 cb', 'rel8']),
    flags: {},
    endsBlock: true,
    execute(m, form) {
      const count = m.stateLoad(RCX, form.addressSize === 16 ? 16 : 32);
      m.branch(m.isZero(count), m.read(form.operands[0]!, form.width));
    },
  },
  ...(
    [
      ['LOOPNE', 0xe0, 'LOOPNZ'],
      ['LOOPE', 0xe1, 'LOOPZ'],
      ['LOOP', 0xe2],
    ] as const
  ).map(
    ([mnemonic, opcode, synonym]): Instruction => ({
      mnemonic,
      ...(synonym ? { synonyms: [synonym] } : {}),
      sdm: 'Vol. 2A, LOOP/LOOPcc—Loop According to ECX Counter',
      encodings: rows([`${hex(opcode)} cb`, 'rel8']),
      flags: mnemonic === 'LOOP' ? {} : { reads: 'Z' },
      endsBlock: true,
      execute(m, form) {
        const width = form.addressSize === 16 ? 16 : 32;
        const count = m.truncate(m.sub(m.stateLoad(RCX, width), m.constant(1)), width);
        const more = m.eq(m.isZero(count), m.constant(0));
        const goOn = mnemonic === 'LOOP' ? more : m.and(more, m.condition(mnemonic === 'LOOPE' ? 4 : 5));
        m.branch(goOn, m.read(form.operands[0]!, form.width));
        m.stateStore(RCX, width, count);
      },
    }),
  ),
  {
    mnemonic: 'BOUND',
    sdm: 'Vol. 2A, BOUND—Check Array Index Against Bounds',
    encodings: [{ opcode: '62 /r', operands: 'r16/32, m16/32&16/32', mode64: 'invalid' }],
    flags: {},
    execute(m, { width, operands: [index, bounds] }) {
      const value = m.signExtend(m.read(index!, width), width);
      const lower = m.signExtend(m.loadOperand(bounds!, 0, width), width);
      const upper = m.signExtend(m.loadOperand(bounds!, width / 8, width), width);
      m.raiseIf(m.or(m.ltS(value, lower), m.ltS(upper, value)), 5);
    },
  },
];
