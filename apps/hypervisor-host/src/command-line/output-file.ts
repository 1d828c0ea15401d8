import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CommandError, ExitStatus } from './exit-status.js';
import { fileProblem } from './file-problem.js';

/** Files are written at the end, perhaps of a long run; what cannot be written is refused before. @throws CommandError */
export async function refuseUnwritable(flag: string, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const refuse = (why: string): CommandError => new CommandError(ExitStatus.imageRefused, `${flag} ${path}: ${why}`);
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) throw refuse('is a folder; give a file');
  const folder = dirname(resolve(path));
  await access(existing ? path : folder, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw refuse(`there is no folder ${folder}; make it, or give another path`);
    throw new CommandError(ExitStatus.imageRefused, fileProblem(flag, path, error));
  });
}

/** Writes what was asked for. @throws CommandError when the file cannot be written */
export async function written(flag: string, path: string, write: (path: string) => Promise<void>): Promise<void> {
  try {
    await write(path);
  } catch (error) {
    const isFile = /^E[A-Z]+\b/.test((error as NodeJS.ErrnoException).code ?? '');
    throw isFile ? new CommandError(ExitStatus.imageRefused, fileProblem(flag, path, error)) : error;
  }
}
