import { access, constants, type FileHandle, open, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { mediumModule } from '@millwright/block-store';
import type { ImageKind } from '@millwright/contracts';
import { readBios, readKernelLoader, readVideoBios } from '@millwright/firmware';
import {
  type BackendSpec,
  type BootDevice,
  CPU_MODELS,
  type CpuModel,
  ENGINE_TIERS,
  type EngineTier,
  type IdeDriveSpec,
  isCpuModel,
  type KernelSpec,
  type MachineSpec,
} from '@millwright/x86-vmm';
import { imageProblem } from '../images/image-problem.js';
import { CommandError, ExitStatus } from './exit-status.js';
import { fileProblem } from './file-problem.js';
import { refuseUnwritable } from './output-file.js';
import { parseAddress, parseCount } from './parse-number.js';
import { profileSpecOf } from './profile/profile-options.js';

/** Options of `x86-vmm run` as commander gives them. */
export interface RunOptions {
  readonly memory: string;
  readonly disk: readonly string[];
  readonly cdrom?: string;
  readonly floppy?: string;
  readonly engine: string;
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
  /** commander gives `true` for the flag alone. */
  readonly stats?: string | true;
  readonly profile?: string;
  readonly profilePeriod?: string;
  readonly profileSymbols?: string;
  readonly save?: string;
  readonly restore?: string;
  readonly vnc?: string;
  readonly vncPasswordFile?: string;
  readonly debugExit?: boolean;
  readonly trace?: string;
  /** commander's `--no-reboot`. */
  readonly reboot: boolean;
  readonly icount?: string;
  readonly cpu?: string;
  readonly lockstep?: string;
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

async function readImage(flag: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(ExitStatus.imageRefused, fileProblem(flag, path, error));
  }
}

/** A raw image that can be opened and is what its drive takes. @throws CommandError */
async function medium(kind: ImageKind, image: string): Promise<BackendSpec> {
  const flag = `--${kind}`;
  const readOnly = kind === 'cdrom';
  const refuse = (why: string): CommandError => new CommandError(ExitStatus.imageRefused, `${flag} ${image}: ${why}`);
  let file: FileHandle | undefined;
  try {
    file = await open(image, 'r');
    if ((await file.stat()).isDirectory()) throw refuse('is a folder; give an image file');
    const problem = await imageProblem(file, kind);
    if (problem) throw refuse(`the file ${problem}`);
    if (!readOnly)
      await access(image, constants.W_OK).catch(() => {
        throw refuse('the file may not be written; change its permissions or give a copy');
      });
  } catch (error) {
    throw error instanceof CommandError ? error : new CommandError(ExitStatus.imageRefused, fileProblem(flag, image, error));
  } finally {
    await file?.close();
  }
  return { module: mediumModule, options: { image, readOnly } };
}

/** The machine that the options describe. @throws CommandError */
export async function machineSpecOf(options: RunOptions): Promise<MachineSpec> {
  refuseContradictions(options);
  const profile = profileSpecOf(options);
  await refuseUnwritable('--screenshot-on-exit', options.screenshotOnExit);
  await refuseUnwritable('--dump-state', options.dumpState);
  await refuseUnwritable('--save', options.save);
  await refuseUnwritable('--profile', options.profile);
  if (options.restore !== undefined) {
    await access(options.restore, constants.R_OK).catch((error: unknown) => {
      throw new CommandError(ExitStatus.imageRefused, fileProblem('--restore', options.restore!, error));
    });
  }
  if (options.disk.length > 3) throw new CommandError(ExitStatus.usage, '--disk: at most three, the fourth place is the CD-ROM');
  const ide: (IdeDriveSpec | undefined)[] = [];
  for (const image of options.disk) ide.push({ kind: 'disk', backend: await medium('disk', image) });
  if (ide.length < 3) ide.length = options.disk.length > 2 ? 3 : 2;
  const cdromPlace = options.disk.length > 2 ? 3 : 2;
  ide[cdromPlace] = { kind: 'cdrom', ...(options.cdrom ? { backend: await medium('cdrom', options.cdrom) } : {}) };
  const spec: MachineSpec = {
    memoryMiB: parseMemory(options.memory),
    bios: options.bios ? await readImage('--bios', options.bios) : readBios(),
    ide: Array.from(ide, (drive) => drive),
    floppies: options.floppy ? [await medium('floppy', options.floppy)] : [],
    debugExit: options.debugExit ?? false,
    tracePost: options.trace === 'post',
    stopOnReset: !options.reboot,
    bootOrder: bootOrder(options),
    engine: engineOf(options.engine),
    ...(profile === undefined ? {} : { profile }),
    ...(options.cpu === undefined ? {} : { cpuModel: parseCpu(options.cpu) }),
    clock: options.icount
      ? { kind: 'instructions', nsPerInstruction: parseCount('--icount', options.icount, 1, 1_000_000) }
      : { kind: 'wall' },
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

function engineOf(text: string): EngineTier {
  const tier = ENGINE_TIERS.find((each) => each === text);
  if (tier === undefined) throw new CommandError(ExitStatus.usage, `--engine ${text}: one of ${ENGINE_TIERS.join(', ')}`);
  return tier;
}

/** What would be forgotten without a word. @throws CommandError */
function refuseContradictions(options: RunOptions): void {
  const refuse = (why: string): never => {
    throw new CommandError(ExitStatus.usage, why);
  };
  if (options.trace !== undefined && options.trace !== 'post') refuse(`--trace ${options.trace}: give post`);
  if (options.initrd !== undefined && options.kernel === undefined) refuse('--initrd: needs --kernel');
  if (options.append !== undefined && options.kernel === undefined) refuse('--append: needs --kernel');
  if (options.vncPasswordFile !== undefined && options.vnc === undefined) refuse('--vnc-password-file: needs --vnc');
  const picture = options.screenshotOnExit;
  if (picture !== undefined && !['', '.png'].includes(extname(picture).toLowerCase()))
    refuse(`--screenshot-on-exit ${picture}: the picture is a PNG; give a file that ends in .png`);
  if (options.exitOn.includes('')) refuse('--exit-on: give a text');
  if (options.restore !== undefined && options.cpuState !== undefined) refuse('--cpu-state: not together with --restore');
}

function bootOrder(options: RunOptions): BootDevice[] {
  const letters: Record<string, BootDevice> = { a: 'floppy', c: 'disk', d: 'cdrom' };
  if (options.boot !== undefined) {
    if (options.boot === '') throw new CommandError(ExitStatus.usage, '--boot: give letters a (floppy), c (disk), d (CD-ROM)');
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
  return { image: await readImage('--flat', text.slice(0, at)), address: parseAddress('--flat', text.slice(at + 1)) };
}
