/** What to do about a file that the system would not open or write, by errno(3). */
const MENDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder; check the path',
  EISDIR: 'is a folder; give a file',
  ENOTDIR: 'a part of the path is no folder; check the path',
  EACCES: 'may not be opened; change its permissions',
  EPERM: 'may not be opened; change its permissions',
  EROFS: 'the file system is read-only; give a file elsewhere',
  ENOSPC: 'the disk is full; make room or give a file elsewhere',
};

/** One line that names the flag, the file and the mend. */
export function fileProblem(flag: string, path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return `${flag} ${path}: ${MENDS[code ?? ''] ?? message}`;
}
