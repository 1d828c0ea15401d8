import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Machine } from '@millwright/x86-vmm';
import { CommandError, ExitStatus } from '../exit-status.js';
import { fileProblem } from '../file-problem.js';
import { PROFILE_FORMATS } from './profile-formats.js';
import { ProfileTree } from './profile-tree.js';
import { SystemMap, SystemMapError } from './system-map.js';

/** How often the worker's sums are taken, ms: it keeps a bounded number of stacks. */
const TAKE_MS = 1_000;

/** Takes a running machine's profile and writes it at the end. */
export class ProfileRecorder {
  readonly #tree: ProfileTree;
  readonly #timer: NodeJS.Timeout;
  #taking: Promise<void> = Promise.resolve();

  private constructor(
    private readonly machine: Machine,
    private readonly path: string,
    symbols: SystemMap | undefined,
  ) {
    this.#tree = new ProfileTree(symbols);
    this.#timer = setInterval(() => void this.#take(), TAKE_MS);
  }

  static start(machine: Machine, path: string, symbols: SystemMap | undefined): ProfileRecorder {
    return new ProfileRecorder(machine, path, symbols);
  }

  /** Writes what was seen. */
  async write(): Promise<void> {
    clearInterval(this.#timer);
    await this.#take();
    await writeFile(this.path, PROFILE_FORMATS[extname(this.path)]!(this.#tree, 'Where guest time went'));
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #take(): Promise<void> {
    this.#taking = this.#taking.then(async () => this.#tree.add(await this.machine.takeProfile().catch(() => [])));
    return this.#taking;
  }
}

/** @throws CommandError */
export async function readSymbols(path: string): Promise<SystemMap> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new CommandError(ExitStatus.imageRefused, fileProblem('--profile-symbols', path, error));
  });
  try {
    return SystemMap.parse(bytes);
  } catch (error) {
    if (!(error instanceof SystemMapError)) throw error;
    throw new CommandError(ExitStatus.imageRefused, `--profile-symbols ${path}: ${error.message}`);
  }
}
