import { afterAll, assert, test } from 'vitest';
import { opcodeMap } from '../../../packages/x86-vmm/src/cpu/decoder/opcode-map.js';
import { BareMachine } from '../../../packages/x86-vmm/src/engines/portable/support/bare-machine.js';
import { SeededRandom } from '../../../packages/x86-vmm/src/verification/seeded-random.js';
import { X87State } from './x87-machine.js';
import { oracleMissing, ROW_BYTES, ROW_MEMORY, ROW_OPERATION, X87Oracle } from './x87-oracle.js';
import { memoryDecimal, memoryF32, memoryF64, memoryF80, memoryInteger, writeRow } from './x87-rows.js';

/*
 * Every x87 and MMX encoding through decoder and interpreter against the physical CPU: opcodes D8-DF with all 64 register ModR/M bytes and the
 * memory forms at [ESI], 0F 60-7F and D0-FF of MMX in register and memory form. Kernels have tests of their own with many more rows.
 */
const ROWS = 250;
const REGISTERS_MODRM = 0xc0;
/** FNSTENV, FLDENV, FNSAVE: the row has the first 16 bytes of the operand, of which 12 (control, status, tags) are compared. */
const ENVIRONMENT = new Set(['D9/4', 'D9/6', 'DD/6']);
const ENVIRONMENT_COMPARED = 12;
/** FRSTOR's registers would come from outside the row. */
const LEFT_OUT = new Set(['DD/4']);
/** Results may be one unit apart. */
const TRANSCENDENTAL = new Set([0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff]);

interface Case {
  readonly name: string;
  readonly code: readonly number[];
  readonly approximate: boolean;
  readonly mmx: boolean;
  readonly environment?: boolean;
}
const hex = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');
const undefinedForms: string[] = [];
const cases: Case[] = [];
for (let opcode = 0xd8; opcode <= 0xdf; opcode++) {
  const rows = opcodeMap[0]![opcode]!.byModRM!;
  for (let modRM = REGISTERS_MODRM; modRM < 0x100; modRM++) {
    const row = rows[modRM]?.[0];
    const name = `${hex(opcode)} ${hex(modRM)}`;
    if (!row) undefinedForms.push(name);
    else {
      const approximate = opcode === 0xd9 && TRANSCENDENTAL.has(modRM);
      cases.push({ name: `${row.instruction.mnemonic} ${name}`, code: [opcode, modRM], approximate, mmx: false });
      // FCMOVcc once more with ZF and CF clear: TEST AL, AL before it.
      if (row.instruction.mnemonic.startsWith('FCMOV'))
        cases.push({
          name: `TEST AL, AL; ${row.instruction.mnemonic} ${name}`,
          code: [0x84, 0xc0, opcode, modRM],
          approximate,
          mmx: false,
        });
    }
  }
  for (let digit = 0; digit < 8; digit++) {
    const row = rows[digit * 8 + 6]?.[0];
    const name = `${hex(opcode)}/${digit}`;
    if (!row) undefinedForms.push(name);
    else if (!LEFT_OUT.has(name))
      cases.push({
        name: `${row.instruction.mnemonic} ${name}`,
        code: [opcode, digit * 8 + 6],
        approximate: false,
        mmx: false,
        environment: ENVIRONMENT.has(name),
      });
  }
}
for (const { instruction, opcode, digit } of new Set(
  opcodeMap[1]!.flatMap((entry) => entry?.byModRM?.flatMap((rows) => rows ?? []) ?? []),
)) {
  const first = instruction.encodings[0]!;
  // Those that came with SSE are compared in native/.
  if (instruction.requires !== undefined || !/\bmm\b/.test(`${first.operands}`)) continue;
  for (const modRM of [0x06, 0xc1, 0xd3, 0xc0]) {
    const whole = digit >= 0 ? (modRM & 0xc7) | (digit << 3) : modRM;
    const row = opcodeMap[1]![opcode]!.byModRM![whole]?.[0];
    if (!row) continue;
    for (const count of digit >= 0 ? [1, 9, 40] : [undefined]) {
      const code = [0x0f, opcode, whole, ...(count === undefined ? [] : [count])];
      // MOVD of registers: only EAX is the same in the oracle.
      if ((opcode === 0x6e || opcode === 0x7e) && modRM !== 0x06 && modRM !== 0xc0) continue;
      cases.push({ name: `${instruction.mnemonic} ${code.map(hex).join(' ')}`, code, approximate: false, mmx: true });
    }
  }
}
cases.push({ name: 'EMMS 0F 77', code: [0x0f, 0x77], approximate: false, mmx: true });

test('what the manual leaves undefined has no row', () => {
  const expected = [
    ...range(0xd9, 0xd1, 0xd7),
    'D9 E2',
    'D9 E3',
    'D9 E6',
    'D9 E7',
    'D9 EF',
    'D9/1',
    ...range(0xda, 0xe0, 0xe8),
    ...range(0xda, 0xea, 0xff),
    ...range(0xdb, 0xe5, 0xe7),
    ...range(0xdb, 0xf8, 0xff),
    'DB/4',
    'DB/6',
    ...range(0xdd, 0xf0, 0xff),
    'DD/5',
    ...range(0xde, 0xd8, 0xd8),
    ...range(0xde, 0xda, 0xdf),
    ...range(0xdf, 0xe1, 0xe7),
    ...range(0xdf, 0xf8, 0xff),
  ];
  assert.deepEqual([...undefinedForms].sort(), expected.sort());
});
function range(opcode: number, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => `${hex(opcode)} ${hex(first + i)}`);
}

const reason = oracleMissing();
const oracle = reason === undefined ? new X87Oracle(cases.map(({ code }) => code)) : undefined;
afterAll(() => oracle?.dispose());
const machine = reason === undefined ? new BareMachine('interpreter') : undefined;
const [EAX, ESI] = [0, 6];
const OPERAND = 0x8000;
const CODE = 0x1000;
const HLT = 0xf4;
const MEMORY = [memoryF32, memoryF64, memoryF80, memoryInteger, memoryDecimal];

/** FNSAVE's tags with valid, zero and special as one. */
function emptyTags(tags: number): number {
  const empty = tags & (tags >> 1) & 0x5555;
  return empty | (empty << 1);
}
function copyStatusBits(mine: Buffer, theirs: Buffer, bits: number): void {
  mine.writeUInt16LE((mine.readUInt16LE(4) & ~bits) | (theirs.readUInt16LE(4) & bits), 4);
}

for (const [index, { name, code, approximate, mmx, environment }] of cases.entries()) {
  test.skipIf(reason !== undefined)(`${name}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    if (!oracle || !machine) return;
    const state = new X87State(machine.memory.memory);
    const random = new SeededRandom(0x5551 + 7919 * index);
    const rows = Buffer.alloc(ROWS * ROW_BYTES);
    for (let i = 0; i < ROWS; i++)
      writeRow(random, rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES), index, {
        near: random.pick([0x3fff, 0x401e]),
        memory: random.pick(MEMORY),
      });
    const answers = oracle.run(rows);
    const mine = Buffer.alloc(ROW_BYTES);
    for (let i = 0; i < ROWS; i++) {
      const row = rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      const theirs = answers.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      if (i === 0) {
        machine.load(CODE, [...code, HLT]);
        machine.engine.codeWritten(CODE, code.length + 1);
      }
      machine.cpu.reset();
      state.load(row);
      machine.enterFlat(CODE);
      machine.load(OPERAND, row.subarray(ROW_MEMORY, ROW_MEMORY + 16));
      machine.setRegister(ESI, OPERAND);
      machine.setRegister(EAX, 0x5555);
      machine.cpu.setEflags(0x8d7);
      machine.firstFault = -1;
      machine.engine.run(code.length > 3 ? 3 : 2);
      assert.equal(machine.firstFault, -1, 'no exception');
      assert.equal(machine.eip, CODE + code.length + 1, 'ran to the end');
      state.save(mine, row);
      for (let j = 0; j < 16; j++) mine[ROW_MEMORY + j] = machine.read8(OPERAND + j);
      const rax = machine.register(EAX) & 0xffff;
      mine.writeUInt32LE(((rax << 16) | (machine.cpu.getEflags() & 0x8d7)) >>> 0, ROW_OPERATION);
      theirs.fill(0, 2, 4).fill(0, 6, 8).fill(0, 10, 28);
      theirs.writeUInt16LE(emptyTags(theirs.readUInt16LE(8)), 8);
      theirs.writeUInt32LE((theirs.readUInt32LE(ROW_OPERATION) & 0xffff_08d7) >>> 0, ROW_OPERATION);
      if (environment) mine.copy(theirs, ROW_MEMORY + ENVIRONMENT_COMPARED, ROW_MEMORY + ENVIRONMENT_COMPARED, ROW_BYTES);
      // Where AMD and the manual part: see x87-kernels.test.ts.
      if (!mmx && mine.readUInt16LE(4) & ~mine.readUInt16LE(0) & 1) {
        copyStatusBits(mine, theirs, 0x4500);
        if (/^FU?COMI/.test(name)) mine.writeUInt32LE(theirs.readUInt32LE(ROW_OPERATION), ROW_OPERATION);
      }
      if (/^FU?COMI/.test(name)) copyStatusBits(mine, theirs, 0x200);
      if (approximate) {
        copyStatusBits(mine, theirs, 0x200);
        for (const j of [0, 1]) {
          const apart = mine.readBigUInt64LE(28 + 10 * j) - theirs.readBigUInt64LE(28 + 10 * j);
          if (apart >= -2n && apart <= 2n) theirs.copy(mine, 28 + 10 * j, 28 + 10 * j, 36 + 10 * j);
        }
      }
      if (!mine.equals(theirs)) assert.equal(mine.toString('hex'), theirs.toString('hex'), `row ${row.toString('hex')}`);
    }
  });
}
