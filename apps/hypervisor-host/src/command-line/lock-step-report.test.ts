import { assemble } from '@millwright/assembler';
import { createMachine, type EngineTier, type Machine, type MachineSpec } from '@millwright/x86-vmm';
import { assert, test } from 'vitest';
import { type MachinePair, runInLockStep, type SteppedMachine, traceTo } from './lock-step.js';
import { differenceLines } from './lock-step-report.js';

const ROM_BYTES = 0x1_0000;
/** Counts; three instructions a turn. */
const PROGRAM = `
bits 16
org 0x100
        xor ecx, ecx
.turn:  inc ecx
        lea ebx, [ecx*4+ecx]
        jmp .turn
`;

function rom(): Uint8Array {
  const bytes = new Uint8Array(ROM_BYTES).fill(0xf4);
  bytes.set(assemble(PROGRAM, { file: 'rom' }).bytes, 0x100);
  bytes.set(assemble('bits 16\norg 0xfff0\njmp 0xF000:0x0100\n', { file: 'reset' }).bytes, 0xfff0);
  return bytes;
}

const spec = (engine: EngineTier): MachineSpec => ({
  memoryMiB: 1,
  bios: rom(),
  engine,
  clock: { kind: 'instructions', nsPerInstruction: 20 },
});

/** A real machine in whose EBX one bit falls over after so many instructions. */
function withDefect(machine: Machine, at: number): SteppedMachine {
  let done = 0;
  const planted: Partial<SteppedMachine> = {
    async runFor(instructions) {
      const before = at > done && at <= done + instructions ? at - done : 0;
      if (before > 0) {
        await machine.runFor(before);
        const registers = await machine.dumpState();
        await machine.loadState({ ...registers, EBX: (registers['EBX'] as number) ^ 0x100 });
      }
      if (instructions > before) await machine.runFor(instructions - before);
      done += instructions;
    },
  };
  return new Proxy(machine as SteppedMachine, {
    get: (target, name) => planted[name as keyof SteppedMachine] ?? bound(target, name as keyof SteppedMachine),
  });
}

function bound(target: SteppedMachine, name: keyof SteppedMachine): unknown {
  const value = target[name];
  return typeof value === 'function' ? value.bind(target) : value;
}

test('a difference in a real machine is reported by its instruction, its registers and the code that led to it', async () => {
  const AT = 37;
  const makePair = async (): Promise<MachinePair> => {
    const [reference, other] = [await createMachine(spec('interpreter')), await createMachine(spec('auto'))];
    const end = async (): Promise<void> => {
      await Promise.all([reference.stop(), other.stop()]);
    };
    return { reference, other: withDefect(other, AT), end };
  };
  const told: number[][] = [];
  const limits = { every: 8, mostInstructions: 80, isOver: () => false };
  const { difference } = await runInLockStep(makePair, limits, (...between) => told.push(between));
  assert.deepEqual(told, [[32, 40]]);
  assert.equal(difference?.instructions, AT);

  const trace = await traceTo(() => createMachine(spec('interpreter')), AT, 4);
  const lines = differenceLines(difference!, trace, 'auto');
  assert.equal(lines[0], `x86-vmm: first difference after ${AT} instructions (interpreter, auto):`);
  assert.match(lines[1]!, /^ {2}cpu [0-9a-f]{8}: [0-9a-f]{8}, [0-9a-f]{8}$/);
  const { EBX } = difference!.reference.registers as { EBX: number };
  assert.include(lines, `  EBX: ${EBX}, ${EBX ^ 0x100}`);
  assert.deepEqual(lines.slice(-4), [
    '  33 000f0105 66678d1c89       lea ebx, [ecx+ecx*4]',
    '  34 000f010a ebf7             jmp short 0x103',
    '  35 000f0103 6641             inc ecx',
    '  36 000f0105 66678d1c89       lea ebx, [ecx+ecx*4]',
  ]);
});
