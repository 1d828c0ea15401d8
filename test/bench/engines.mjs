import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/*
 * How to start a machine with COM1 on standard input and output, in ours and in the peers: `{ memoryMiB, floppy }` or
 * `{ memoryMiB, kernel, initrd, append }`, for QEMU and ours also `disk`.
 */

export const X86_VMM = fileURLToPath(new URL('../../apps/hypervisor-host/bin/x86-vmm.mjs', import.meta.url));
const V86 = fileURLToPath(new URL('v86-process.mjs', import.meta.url));
const SEABIOS = '/usr/share/seabios/bios.bin';
const QEMU = '/usr/bin/qemu-system-i386';

/**
 * Words for the command line; none when no engine is asked for, which leaves the choice to the command, or when there is only one.
 * @throws Error when the command has no such choice
 */
export function engineWords(engine) {
  if (engine === undefined) return [];
  const help = execFileSync(process.execPath, [X86_VMM, 'run', '--help'], { encoding: 'utf8' });
  if (help.includes('--engine ')) return ['--engine', engine];
  if (engine === 'interpreter') return [];
  throw new Error(`x86-vmm run has no --engine ${engine}`);
}

/** @param {string | undefined} engine for `x86-vmm run --engine` */
export function ourEngine(engine) {
  const chosen = engineWords(engine);
  return {
    missing: () => undefined,
    command: ({ memoryMiB, floppy, kernel, initrd, append, disk }) => [
      process.execPath,
      X86_VMM,
      'run',
      ...['--memory', `${memoryMiB}M`, '--serial', 'stdio'],
      ...chosen,
      ...(floppy ? ['--floppy', floppy] : []),
      ...(disk ? ['--disk', disk] : []),
      ...(kernel ? ['--kernel', kernel, '--append', append] : []),
      ...(initrd ? ['--initrd', initrd] : []),
    ],
  };
}

export const v86 = {
  missing: () => (existsSync(SEABIOS) ? undefined : `${SEABIOS} is missing (Debian's seabios)`),
  command: (machine) => [process.execPath, V86, JSON.stringify(machine)],
};

export const qemu = {
  missing: () => (existsSync(QEMU) ? undefined : `${QEMU} is missing (Debian's qemu-system-x86)`),
  command: ({ memoryMiB, floppy, kernel, initrd, append, disk }) => [
    QEMU,
    ...['-accel', 'tcg,thread=single', '-m', `${memoryMiB}`, '-display', 'none', '-monitor', 'none', '-nodefaults', '-serial', 'stdio'],
    ...(floppy ? ['-drive', `if=floppy,format=raw,file=${floppy}`] : []),
    ...(disk ? ['-drive', `if=ide,format=raw,snapshot=on,file=${disk}`] : []),
    ...(kernel ? ['-kernel', kernel, '-append', append] : []),
    ...(initrd ? ['-initrd', initrd] : []),
  ],
};
