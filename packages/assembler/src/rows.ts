import { allInstructions, parseRow, type Row } from '@millwright/x86-vmm/instructions';

/** A row of the instruction tables, under a mnemonic that an assembler knows, with the operand size that the mnemonic implies. */
export interface MnemonicRow {
  readonly row: Row;
  /** `PUSHFD` is `PUSHF` at 32 bits. */
  readonly operandSize: 16 | 32 | undefined;
}

/**
 * Assembler mnemonics that the SDM's pages name in one row of several sizes. `W`/`D` forms fix the operand size; the others follow the
 * code's.
 */
const SIZED: readonly (readonly [alias: string, mnemonic: string, size: 16 | 32])[] = [
  ['IRETW', 'IRET', 16], ['IRETD', 'IRET', 32], ['PUSHFW', 'PUSHF', 16], ['PUSHFD', 'PUSHF', 32], ['POPFW', 'POPF', 16], ['POPFD', 'POPF', 32],
  ['PUSHAW', 'PUSHA', 16], ['PUSHAD', 'PUSHA', 32], ['POPAW', 'POPA', 16], ['POPAD', 'POPA', 32],
  ['RETFD', 'RETF', 32], ['RETFW', 'RETF', 16],
];
const PLAIN: readonly (readonly [alias: string, mnemonic: string])[] = [['RETN', 'RET'], ['FWAIT', 'WAIT'], ['SAL', 'SHL'], ['XLATB', 'XLAT'], ['ICEBP', 'INT1']];

const table = new Map<string, MnemonicRow[]>();
let id = 0;
for (const instruction of allInstructions) {
  for (const encoding of instruction.encodings) {
    if (encoding.mode64 === 'only') continue;
    const row: MnemonicRow = { row: parseRow(instruction, encoding, id++), operandSize: undefined };
    for (const mnemonic of [instruction.mnemonic, ...(instruction.synonyms ?? [])]) add(mnemonic, row);
  }
}
for (const [alias, mnemonic] of PLAIN) if (!table.has(alias)) for (const row of table.get(mnemonic) ?? []) add(alias, row);
for (const [alias, mnemonic, size] of SIZED) {
  if (!table.has(alias)) for (const { row } of table.get(mnemonic) ?? []) add(alias, { row, operandSize: size });
}

function add(mnemonic: string, row: MnemonicRow): void {
  const key = mnemonic.toUpperCase();
  const known = table.get(key);
  if (known) known.push(row);
  else table.set(key, [row]);
}

export function rowsOf(mnemonic: string): readonly MnemonicRow[] | undefined {
  return table.get(mnemonic.toUpperCase());
}
