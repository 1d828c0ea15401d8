import { InvalidMachineSpec, MachineError } from '@millwright/x86-vmm';
import { CommandError, ExitStatus } from './exit-status.js';
import type { RunOptions } from './run-options.js';

/**
 * Why a machine could not be built, in the words of the command line: the library names the part (`disk1: …`), the person gave a
 * flag. What is neither the machine's description nor a file is a defect of ours and stays what it is.
 */
export function refusalOf(error: unknown, options: RunOptions): unknown {
  if (error instanceof InvalidMachineSpec) return refused(error.field, error.message, options);
  if (!(error instanceof MachineError)) return error;
  if (error.code.startsWith('snapshot.'))
    return new CommandError(ExitStatus.imageRefused, `--restore ${options.restore}: ${error.message}`);
  if (error.code === 'medium.failed') return refused(/^\w+/.exec(error.message)?.[0] ?? '', error.message, options);
  return error;
}

function refused(part: string, message: string, options: RunOptions): CommandError {
  const given: Readonly<Record<string, string>> = {
    memoryMiB: `--memory ${options.memory}`,
    bios: `--bios ${options.bios}`,
    videoBios: `--vgabios ${options.vgabios}`,
    flat: `--flat ${options.flat}`,
    kernel: `--kernel ${options.kernel}`,
    cdrom: `--cdrom ${options.cdrom}`,
    floppy0: `--floppy ${options.floppy}`,
    ...Object.fromEntries(options.disk.map((path, place) => [`disk${place}`, `--disk ${path}`])),
  };
  const why = message.startsWith(`${part}: `) ? message.slice(part.length + 2) : message;
  return new CommandError(ExitStatus.imageRefused, `${given[part] ?? part}: ${why}`);
}
