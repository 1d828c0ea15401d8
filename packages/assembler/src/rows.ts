import { allInstructions, type OperandSource, parseRow, type Row } from '@millwright/x86-vmm/instructions';

/** A row of the instruction tables under a mnemonic that an assembler knows, with what that mnemonic implies. */
export interface MnemonicRow {
  readonly row: Row;
  /** `PUSHAD` is `PUSHA` at 32 bits. */
  readonly operandSize?: 16 | 32;
  /** `JCXZ` counts in CX, `JECXZ` in ECX. */
  readonly addressSize?: 16 | 32;
  /** `PUSHF` without a letter follows the code's size; the tables have a row for each. */
  readonly codeSize?: 16 | 32;
  /** `FINIT` is WAIT and `FNINIT`. */
  readonly wait?: true;
  /** The immediate byte stands for a wider operand with the same sign: the mnemonic has a form with the whole immediate too. */
  readonly byteExtends?: true;
  /** The only operand is an immediate whose size is the operand size (PUSH). */
  readonly takesOwnSize?: true;
}

const table = new Map<string, MnemonicRow[]>();

let id = 0;
for (const instruction of allInstructions) {
  for (const encoding of instruction.encodings) {
    const row = parseRow(instruction, encoding, id++);
    if (encoding.mode64 === 'only') continue;
    for (const mnemonic of [instruction.mnemonic, ...(instruction.synonyms ?? [])]) {
      const known = table.get(mnemonic);
      if (known) known.push({ row });
      else table.set(mnemonic, [{ row }]);
    }
  }
}
for (const [mnemonic, rows] of table) table.set(mnemonic, withImmediates(mnemonic, rows));

/** Marks forms with a sign-extended byte and puts them first: of two equally short encodings the earlier is taken, as NASM does. */
function withImmediates(mnemonic: string, rows: readonly MnemonicRow[]): MnemonicRow[] {
  const hasWhole = (count: number): boolean =>
    rows.some(({ row }) => row.operands.length === count && row.operands.at(-1)?.from === 'immediate' && isWhole(row));
  const marked = rows.map((each): MnemonicRow => {
    const { operands } = each.row;
    const last = operands.at(-1);
    if (last?.from !== 'immediate') return each;
    const takesOwnSize = mnemonic === 'PUSH' ? { takesOwnSize: true as const } : {};
    const first = operands.length > 1 ? operands[0] : undefined;
    const isByteOperation = first !== undefined && 'width' in first && first.width !== 'v';
    return last.bytes === 1 && !isByteOperation && hasWhole(operands.length)
      ? { ...each, ...takesOwnSize, byteExtends: true }
      : { ...each, ...takesOwnSize };
  });
  return [...marked.filter(({ byteExtends }) => byteExtends), ...marked.filter(({ byteExtends }) => !byteExtends)];
}

function isWhole({ operands }: Row): boolean {
  const last = operands.at(-1);
  return last?.from === 'immediate' && last.bytes === 'z';
}

// The hint NOPs have one row an opcode, whatever ModRM.reg is; NASM names each of the 64 (its manual, "HINT_NOPn").
const FIRST_HINT = 0x18;
const PREFETCHES = ['PREFETCHNTA', 'PREFETCHT0', 'PREFETCHT1', 'PREFETCHT2'];
const LONG_NOP = 0x1f;
const nops = table.get('NOP')!;
table.set(
  'NOP',
  nops.filter(({ row }) => !row.hasModRM),
);
for (const { row } of nops.filter((each) => each.row.hasModRM)) {
  for (let digit = 0; digit < 8; digit++) {
    table.set(`HINT_NOP${8 * (row.opcode - FIRST_HINT) + digit}`, [{ row: { ...row, digit } }]);
    if (row.opcode === LONG_NOP && digit === 0) table.get('NOP')!.push({ row: { ...row, digit } });
    const bytes: OperandSource = { from: 'rm', register: 'none', memory: true, width: 8 };
    if (row.opcode === FIRST_HINT && digit < PREFETCHES.length)
      table.set(PREFETCHES[digit]!, [{ row: { ...row, digit, operands: [bytes] } }]);
  }
}

/** A further name for the rows of a mnemonic, with what it implies. */
function alias(name: string, mnemonic: string, implied: Omit<MnemonicRow, 'row'> = {}): void {
  table.set(
    name,
    (table.get(mnemonic) ?? []).map((each) => ({ ...each, ...implied })),
  );
}

// Names that assemblers give to the sizes of one row, or without letter to two rows of one size each.
for (const stem of ['PUSHA', 'POPA', 'RETF']) {
  alias(`${stem}W`, stem, { operandSize: 16 });
  alias(`${stem}D`, stem, { operandSize: 32 });
}
for (const stem of ['PUSHF', 'POPF', 'IRET']) {
  alias(`${stem}W`, stem);
  const sizes = [16, 32] as const;
  table.set(
    stem,
    sizes.flatMap((codeSize) => table.get(`${stem}${codeSize === 16 ? 'W' : 'D'}`)!.map((each) => ({ ...each, codeSize }))),
  );
}
alias('JCXZ', 'JECXZ', { addressSize: 16 });
alias('JECXZ', 'JECXZ', { addressSize: 32 });
alias('RETN', 'RET');
alias('FWAIT', 'WAIT');
alias('FSETPM', 'FNSETPM');
// The x87's control instructions as assemblers wait before them.
for (const stem of ['CLEX', 'INIT', 'STSW', 'STCW', 'STENV', 'SAVE', 'ENI', 'DISI'])
  if (!table.has(`F${stem}`)) alias(`F${stem}`, `FN${stem}`, { wait: true });

/** What a mnemonic may be encoded as, in the order in which equally short encodings are preferred. */
export function rowsOf(mnemonic: string): readonly MnemonicRow[] | undefined {
  return table.get(mnemonic.toUpperCase());
}

/** Every mnemonic with its rows. */
export function allMnemonicRows(): ReadonlyMap<string, readonly MnemonicRow[]> {
  return table;
}
