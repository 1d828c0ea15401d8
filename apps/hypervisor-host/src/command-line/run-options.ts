import { readFile } from 'node:fs/promises';
import { mediumModule } from '@millwright/block-store';
import { readBios, readKernelLoader, readVideoBios } from '@millwright/firmware';
import {
  type BackendSpec,
  type BootDevice,
  CPU_MODELS,
  type CpuModel,
  type IdeDriveSpec,
  isCpuModel,
  type KernelSpec,
  type MachineSpec,
} from '@millwright/x86-vmm';
import { CommandError, ExitStatus } from './exit-status.js';

/** Options of `x86-vmm run` as commander gives them. */
export interface RunOptions {
  readonly memory: string;
  readonly disk: readonly string[];
  readonly cdrom?: string;
  readonly floppy?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly boot?: string;
  readonly bios?: string;
  readonly vgabios?: string;
  readonly flat?: string;
  readonly cpuState?: string;
  readonly steps?: string;
  readonly dumpState?: string;
  readonly dumpMemory?: string;
  readonly serial: string;
  readonly screenshotOnExit?: string;
  readonly exitOn: readonly string[];
  readonly type?: string;
  readonly timeout?: string;
  readonly stats?: boolean;
  readonly save?: string;
  readonly restore?: string;
  readonly vnc?: string;
  readonly vncPasswordFile?: string;
  readonly debugExit?: boolean;
  readonly trace?: string;
  /** commander's `--no-reboot`. */
  readonly reboot: boolean;
  readonly snapshot?: boolean;
  readonly icount?: string;
  readonly cpu?: string;
}

/** MiB of `128M`, `1G` or `64` (MiB). */
export function parseMemory(text: string): number {
  const match = /^(\d+)([MG]?)$/i.exec(text);
  const mib = match ? Number(match[1]) * (match[2]?.toUpperCase() === 'G' ? 1024 : 1) : 0;
  if (mib < 1 || mib > 3072) throw new CommandError(ExitStatus.usage, `--memory ${text}: give 1M to 3072M`);
  return mib;
}

function parseCpu(text: string): CpuModel {
  if (!isCpuModel(text)) throw new CommandError(ExitStatus.usage, `--cpu ${text}: one of ${CPU_MODELS.join(', ')}`);
  return text;
}

export function parseAddress(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new CommandError(ExitStatus.usage, `${text}: not an address below 4 GiB`);
  }
  return value;
}

async function readImage(option: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(ExitStatus.imageRefused, `${option} ${path}: ${(error as Error).message}`);
  }
}

const medium = (image: string, readOnly: boolean): BackendSpec => ({ module: mediumModule, options: { image, readOnly } });

/** The machine that the options describe. @throws CommandError */
export async function machineSpecOf(options: RunOptions): Promise<MachineSpec> {
  if (options.disk.length > 3) throw new CommandError(ExitStatus.usage, '--disk: at most three, the fourth place is the CD-ROM');
  const ide: (IdeDriveSpec | undefined)[] = options.disk.map((image) => ({ kind: 'disk', backend: medium(image, false) }));
  if (ide.length < 3) ide.length = options.disk.length > 2 ? 3 : 2;
  const cdromPlace = options.disk.length > 2 ? 3 : 2;
  ide[cdromPlace] = { kind: 'cdrom', ...(options.cdrom ? { backend: medium(options.cdrom, true) } : {}) };
  const spec: MachineSpec = {
    memoryMiB: parseMemory(options.memory),
    bios: options.bios ? await readImage('--bios', options.bios) : readBios(),
    ide: Array.from(ide, (drive) => drive),
    floppies: options.floppy ? [medium(options.floppy, false)] : [],
    debugExit: options.debugExit ?? false,
    tracePost: options.trace === 'post',
    stopOnReset: !options.reboot,
    bootOrder: bootOrder(options),
    clock: options.icount ? { kind: 'instructions', nsPerInstruction: Number(options.icount) } : { kind: 'wall' },
    ...(options.cpu === undefined ? {} : { cpuModel: parseCpu(options.cpu) }),
    ...(options.vgabios
      ? { videoBios: await readImage('--vgabios', options.vgabios) }
      : options.bios
        ? { videoBios: readVideoBios() }
        : {}),
    ...(options.kernel ? { kernel: await kernelOf(options, options.kernel) } : {}),
    ...(options.flat ? { flat: await flatOf(options.flat) } : {}),
  };
  return spec;
}

function bootOrder(options: RunOptions): BootDevice[] {
  const letters: Record<string, BootDevice> = { a: 'floppy', c: 'disk', d: 'cdrom' };
  if (options.boot) {
    return Array.from(options.boot, (letter) => {
      const device = letters[letter];
      if (!device) throw new CommandError(ExitStatus.usage, `--boot ${options.boot}: letters a (floppy), c (disk), d (CD-ROM)`);
      return device;
    });
  }
  if (options.disk.length > 0) return ['disk', 'cdrom', 'floppy'];
  return options.cdrom ? ['cdrom', 'floppy', 'disk'] : ['floppy', 'disk', 'cdrom'];
}

async function kernelOf(options: RunOptions, path: string): Promise<KernelSpec> {
  const image = await readImage('--kernel', path);
  const initrd = options.initrd ? await readImage('--initrd', options.initrd) : undefined;
  return { image, commandLine: options.append ?? '', loaderRom: readKernelLoader(), ...(initrd ? { initrd } : {}) };
}

async function flatOf(text: string): Promise<{ image: Uint8Array; address: number }> {
  const at = text.lastIndexOf('@');
  if (at < 1) throw new CommandError(ExitStatus.usage, `--flat ${text}: give FILE@ADDRESS`);
  return { image: await readImage('--flat', text.slice(0, at)), address: parseAddress(text.slice(at + 1)) };
}
