import { allInstructions } from '../semantics/table.js';
import { parseRow, type Row } from './encoding.js';

/**
 * The opcode maps of SDM Vol. 2D appendix A, made from the rows of the instruction tables. For an opcode without ModR/M: its rows; with:
 * 256 lists by the ModR/M byte. A list has more than one row only where a prefix or the operand size decides.
 */
export interface OpcodeEntry {
  readonly hasModRM: boolean;
  readonly rows: readonly Row[] | undefined;
  readonly byModRM: readonly (readonly Row[] | undefined)[] | undefined;
}

/** All rows in table order; a row's `id` is its place here. */
export const allRows: readonly Row[] = allInstructions
  .flatMap((instruction) => instruction.encodings.map((encoding) => [instruction, encoding] as const))
  .map(([instruction, encoding], id) => parseRow(instruction, encoding, id));

/** By map (0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A) and opcode. */
export const opcodeMap: readonly (readonly (OpcodeEntry | undefined)[])[] = [0, 1, 2, 3].map(mapOf);

function mapOf(map: number): (OpcodeEntry | undefined)[] {
  const byOpcode: Row[][] = Array.from({ length: 256 }, () => []);
  for (const row of allRows) {
    if (row.map !== map) continue;
    for (let i = 0; i < (row.plusRegister ? 8 : 1); i++) byOpcode[row.opcode + i]!.push(row);
  }
  return byOpcode.map((rows) => {
    if (rows.length === 0) return undefined;
    const hasModRM = rows.some((row) => row.hasModRM);
    if (!hasModRM) return { hasModRM, rows, byModRM: undefined };
    return { hasModRM, rows: undefined, byModRM: Array.from({ length: 256 }, (_, modRM) => rowsFor(rows, modRM)) };
  });
}

function rowsFor(rows: readonly Row[], modRM: number): readonly Row[] | undefined {
  const fitting = rows.filter((row) => fits(row, modRM));
  // A row with the whole byte fixed goes before one that only wants a digit (0F 01 /7 and 0F 01 F8).
  const exact = fitting.filter((row) => row.modRM >= 0);
  const chosen = exact.length > 0 ? exact : fitting;
  return chosen.length > 0 ? chosen : undefined;
}

function fits(row: Row, modRM: number): boolean {
  if (!row.hasModRM) return true;
  if (row.modRM >= 0) return modRM >= row.modRM && modRM < row.modRM + row.modRMCount;
  if (row.digit >= 0 && ((modRM >> 3) & 7) !== row.digit) return false;
  const rm = row.operands.find((operand) => operand.from === 'rm');
  if (rm?.from !== 'rm') return true;
  return modRM >= 0xc0 ? rm.register !== 'none' : rm.memory;
}
