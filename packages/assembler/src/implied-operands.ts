import type { SourceOperand } from './operand.js';
import type { MnemonicRow } from './rows.js';

const number = (value: bigint): SourceOperand => ({
  kind: 'immediate',
  size: 0,
  value: { value, labels: 0, known: true },
  short: false,
  near: false,
  strict: false,
});
const st = (index: number): SourceOperand => ({ kind: 'register', group: 'st', index, size: 80 });
/** The base that AAM and AAD have when none is written. */
const TEN = number(10n);

const isSt = (operand: SourceOperand | undefined, index?: number): boolean =>
  operand?.kind === 'register' && operand.group === 'st' && (index === undefined || operand.index === index);

/** Operands that may be left out in writing, put in as the tables print them: AAM, IMUL r, imm, and the x87's ST(0) and ST(1). */
export function withImpliedOperands(
  mnemonic: string,
  rows: readonly MnemonicRow[],
  operands: readonly SourceOperand[],
): readonly SourceOperand[] {
  const name = mnemonic.toUpperCase();
  const [first, second] = operands;
  if (operands.length === 0 && (name === 'AAM' || name === 'AAD')) return [TEN];
  if (name === 'IMUL' && operands.length === 2 && second!.kind === 'immediate') return [first!, first!, second!];
  if (!name.startsWith('F')) return operands;
  const registers = rows.find(({ row }) => row.operands.some((source) => source.from === 'st' && source.fixed === undefined))?.row.operands;
  if (registers === undefined) return operands;
  if (registers.length === 1) {
    // FXCH ST(0), ST(1) either way round; FCOM alone means ST(1).
    if (operands.length === 2 && name === 'FXCH') return isSt(first, 0) ? [second!] : isSt(second, 0) ? [first!] : operands;
    return operands.length === 0 && !/^(FLD|FST|FSTP|FFREEP?)$/.test(name) ? [st(1)] : operands;
  }
  const intoTop = registers[0]?.from === 'st' && registers[0].fixed === 0;
  if (operands.length === 0 && !intoTop) return [st(1), st(0)];
  if (operands.length === 1 && isSt(first)) return intoTop ? [st(0), first!] : [first!, st(0)];
  return operands;
}
