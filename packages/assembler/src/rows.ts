import { allInstructions, parseRow, type Row } from '@millwright/x86-vmm/instructions';

/** A row of the instruction tables under a mnemonic that an assembler knows, with what that mnemonic implies. */
export interface MnemonicRow {
  readonly row: Row;
  /** `PUSHAD` is `PUSHA` at 32 bits. */
  readonly operandSize?: 16 | 32;
  /** `JCXZ` counts in CX, `JECXZ` in ECX. */
  readonly addressSize?: 16 | 32;
  /** `PUSHF` without a letter follows the code's size; the tables have a row for each. */
  readonly codeSize?: 16 | 32;
}

const table = new Map<string, MnemonicRow[]>();

function add(mnemonic: string, row: MnemonicRow): void {
  const key = mnemonic.toUpperCase();
  const known = table.get(key);
  if (known) known.push(row);
  else table.set(key, [row]);
}

let id = 0;
for (const instruction of allInstructions) {
  for (const encoding of instruction.encodings) {
    if (encoding.mode64 === 'only') continue;
    const row: MnemonicRow = { row: parseRow(instruction, encoding, id++) };
    for (const mnemonic of [instruction.mnemonic, ...(instruction.synonyms ?? [])]) add(mnemonic, row);
  }
}

/** Names that assemblers give to forms which the SDM's pages keep in one row, or to the letterless form of two rows. */
function alias(name: string, mnemonics: readonly string[], implied: Omit<MnemonicRow, 'row'>): void {
  const rows = mnemonics.flatMap((mnemonic) => table.get(mnemonic) ?? []);
  table.set(name, rows.map(({ row }) => ({ row, ...implied })));
}

for (const stem of ['PUSHA', 'POPA']) {
  alias(`${stem}W`, [stem], { operandSize: 16 });
  alias(`${stem}D`, [stem], { operandSize: 32 });
}
for (const stem of ['PUSHF', 'POPF', 'IRET']) {
  const [word, double] = [[...(table.get(stem) ?? [])], [...(table.get(`${stem}D`) ?? [])]];
  const plain = word[0]?.row === double[0]?.row || word[0]?.row.encoding.operandSize === undefined;
  if (plain) {
    alias(`${stem}W`, [stem], { operandSize: 16 });
    alias(`${stem}D`, [stem], { operandSize: 32 });
    continue;
  }
  table.set(`${stem}W`, word);
  table.set(stem, [...word.map((each) => ({ ...each, codeSize: 16 as const })), ...double.map((each) => ({ ...each, codeSize: 32 as const }))]);
}
alias('RETFW', ['RETF'], { operandSize: 16 });
alias('RETFD', ['RETF'], { operandSize: 32 });
alias('JCXZ', ['JECXZ'], { addressSize: 16 });
alias('JECXZ', ['JECXZ'], { addressSize: 32 });
for (const [name, mnemonic] of [['RETN', 'RET'], ['FWAIT', 'WAIT']] as const) if (!table.has(name)) alias(name, [mnemonic], {});

export function rowsOf(mnemonic: string): readonly MnemonicRow[] | undefined {
  return table.get(mnemonic.toUpperCase());
}
