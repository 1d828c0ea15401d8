import { readFile, writeFile } from 'node:fs/promises';
import { type Machine, MachineError } from '@millwright/x86-vmm';
import { CommandError, ExitStatus } from './exit-status.js';
import { fileProblem } from './file-problem.js';
import { parseAddress, parseCount } from './parse-number.js';
import { type RunOptions } from './run-options.js';

/** Steps between two looks at the clock and the signals: some tenths of a second. */
const STEPS_AT_ONCE = 1_000_000;
/** Above it a real-mode CS with base 0 does not reach. */
const LAST_REAL_MODE_OFFSET = 0xffff;

/** Gives the machine its first registers: those of --cpu-state, or the beginning of the bare image. @throws CommandError */
export async function enterBareImage(machine: Machine, options: RunOptions): Promise<void> {
  if (options.cpuState !== undefined) {
    const state = await readBareState(options.cpuState);
    await machine.loadState(state).catch((error: unknown) => {
      if (!(error instanceof MachineError && error.code === 'machine.argument')) throw error;
      throw new CommandError(ExitStatus.imageRefused, `--cpu-state ${options.cpuState}: ${error.message}`);
    });
  } else if (options.flat !== undefined && options.restore === undefined) {
    const address = parseAddress('--flat', options.flat.slice(options.flat.lastIndexOf('@') + 1));
    if (address > LAST_REAL_MODE_OFFSET)
      throw new CommandError(ExitStatus.usage, `--flat ${options.flat}: above 0xffff say with --cpu-state where and how to begin`);
    await machine.loadState({ EIP: address, CS: { selector: 0, base: 0, limit: 0xffff, attributes: 0x9b } });
  }
}

/** Runs exactly so many instructions, fewer when the CPU stands still or `isOver`. */
export async function runSteps(machine: Machine, steps: number, isOver: () => boolean): Promise<void> {
  for (let left = steps; left > 0 && machine.state !== 'stopped' && !isOver(); left -= STEPS_AT_ONCE)
    await machine.step(Math.min(left, STEPS_AT_ONCE));
}

/** Reads a register file in the published JSON form (docs/x86-vmm-state.schema.json). @throws CommandError */
async function readBareState(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(ExitStatus.imageRefused, fileProblem('--cpu-state', path, error));
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // V8 quotes the text, which may be anything.
    const why = (error as Error).message.replaceAll(/[^ -~]+/g, '?');
    throw new CommandError(ExitStatus.imageRefused, `--cpu-state ${path}: ${why}; give a JSON object of registers`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CommandError(ExitStatus.imageRefused, `--cpu-state ${path}: give a JSON object of registers`);
  return value as Readonly<Record<string, unknown>>;
}

/** Writes registers and the memory asked for to a file, or to standard output when no file is named. */
export async function dumpBareState(machine: Machine, options: RunOptions): Promise<void> {
  const dump: Record<string, unknown> = { ...(await machine.dumpState()) };
  if (options.dumpMemory !== undefined) {
    const { address, length } = parseRange(options.dumpMemory);
    dump['memory'] = { address, bytes: Buffer.from(await machine.readMemory(address, length)).toString('hex') };
  }
  const text = `${JSON.stringify(dump, null, 2)}\n`;
  if (options.dumpState === undefined) process.stdout.write(text);
  else await writeFile(options.dumpState, text);
}

/** `address:length`. @throws CommandError */
export function parseRange(text: string): { readonly address: number; readonly length: number } {
  const [address, length, ...rest] = text.split(':');
  if (length === undefined || rest.length > 0) throw new CommandError(ExitStatus.usage, `--dump-memory ${text}: give ADDRESS:LENGTH`);
  return { address: parseAddress('--dump-memory', address ?? ''), length: parseCount('--dump-memory', length, 0, 1 << 24) };
}
