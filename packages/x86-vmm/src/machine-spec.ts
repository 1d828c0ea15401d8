import { CPU_MODELS, type CpuModel, isCpuModel } from './cpu/model.js';
import { ENGINE_TIERS, type EngineTier } from './engines/engine.js';

/** A module that opens a medium inside the vCPU's worker: its `open(options)` resolves to a BlockBackend (bus/backends.ts). */
export interface BackendSpec {
  /** URL of an ES module. It comes from the host program, never from a client or a guest. */
  readonly module: string;
  /** Structured-cloneable argument of the module's `open`. */
  readonly options: unknown;
}

/** A drive on one of the four IDE positions: primary 0, primary 1, secondary 0, secondary 1. */
export interface IdeDriveSpec {
  readonly kind: 'disk' | 'cdrom';
  /** Absent for a CD-ROM: an empty tray. */
  readonly backend?: BackendSpec;
}

export type BootDevice = 'floppy' | 'disk' | 'cdrom';

/** A kernel that is started without a boot medium: Linux bzImage (entered at its real-mode set-up code) or Multiboot 1 ELF. */
export interface KernelSpec {
  readonly image: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly commandLine: string;
  /** Option ROM that starts what the loader put into memory (packages/firmware, `readKernelLoader`). */
  readonly loaderRom: Uint8Array;
}

/** How guest time passes. */
export type ClockSpec =
  /** As the host's, while the machine runs; the real-time clock also follows the host over pauses and saved states. */
  | { readonly kind: 'wall' }
  /** A function of executed instructions; the run repeats exactly. */
  | { readonly kind: 'instructions'; readonly nsPerInstruction: number };

/** What a PC is built from. Everything is validated by `createMachine`; sizes are in MiB where the name says so. */
export interface MachineSpec {
  /** 1..3072. */
  readonly memoryMiB: number;
  /** The processor, by the last one that had what it has (cpu/model.ts). Absent: the newest, or that of the saved state. */
  readonly cpuModel?: CpuModel;
  /** System ROM, a multiple of 64 KiB up to 512 KiB; its last byte is at FFFFFFFF and under 1 MiB. */
  readonly bios: Uint8Array;
  /** Video BIOS at C0000, at most 64 KiB; absent when the system ROM brings its own. */
  readonly videoBios?: Uint8Array;
  readonly ide?: readonly (IdeDriveSpec | undefined)[];
  readonly floppies?: readonly (BackendSpec | undefined)[];
  readonly bootOrder?: readonly BootDevice[];
  readonly kernel?: KernelSpec;
  /** Raw bytes placed in RAM. Execution starts at the reset vector, or where `loadState` says. */
  readonly flat?: { readonly image: Uint8Array; readonly address: number };
  readonly clock?: ClockSpec;
  /** Absent: `auto`. All of them lead to the same states. */
  readonly engine?: EngineTier;
  /** Date of the real-time clock at power-on, ms since 1970 UTC. Absent: now (a fixed date in instruction-counted mode). */
  readonly startTimeMs?: number;
  /** Tells `post` events. Off unless wanted: Linux writes to port 0x80 thousands of times a second, as a delay. */
  readonly tracePost?: boolean;
  /** Samples where the guest is, every so many instructions (1,000 to 1,000,000,000); `Machine.takeProfile` has them. */
  readonly profile?: { readonly periodInstructions: number };
  /** Ports 0xE9 (debug console) and 0xF4 (exit). */
  readonly debugExit?: boolean;
  /** A triple fault or guest reset stops the machine instead of restarting it. */
  readonly stopOnReset?: boolean;
}

/** A sample takes some microseconds: more often it would measure itself. */
export const LEAST_PROFILE_PERIOD = 1_000;
export const MOST_PROFILE_PERIOD = 1_000_000_000;

/** A spec that cannot be built; `field` names the part, the message says what would be right. */
export class InvalidMachineSpec extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(`${field}: ${message}`);
  }
}

/** @throws InvalidMachineSpec */
export function validateSpec(spec: MachineSpec): void {
  if (!Number.isInteger(spec.memoryMiB) || spec.memoryMiB < 1 || spec.memoryMiB > 3072) {
    throw new InvalidMachineSpec('memoryMiB', `${spec.memoryMiB} is not a whole number from 1 to 3072`);
  }
  if (spec.cpuModel !== undefined && !isCpuModel(spec.cpuModel)) {
    throw new InvalidMachineSpec('cpuModel', `${String(spec.cpuModel)} is none of ${CPU_MODELS.join(', ')}`);
  }
  const bios = spec.bios.length;
  if (bios === 0 || bios % 0x1_0000 !== 0 || bios > 0x8_0000) {
    throw new InvalidMachineSpec('bios', `${bios} bytes; a system ROM has 64, 128, 256 or 512 KiB`);
  }
  if (spec.videoBios !== undefined && (spec.videoBios.length === 0 || spec.videoBios.length > 0x1_0000)) {
    throw new InvalidMachineSpec('videoBios', `${spec.videoBios.length} bytes; a video BIOS has 1 byte to 64 KiB`);
  }
  if (spec.engine !== undefined && !ENGINE_TIERS.includes(spec.engine)) {
    throw new InvalidMachineSpec('engine', `${spec.engine} is none of ${ENGINE_TIERS.join(', ')}`);
  }
  const period = spec.profile?.periodInstructions ?? LEAST_PROFILE_PERIOD;
  if (!Number.isInteger(period) || period < LEAST_PROFILE_PERIOD || period > MOST_PROFILE_PERIOD) {
    throw new InvalidMachineSpec('profile', `${period} is not a whole number from ${LEAST_PROFILE_PERIOD} to ${MOST_PROFILE_PERIOD}`);
  }
  if ((spec.ide?.length ?? 0) > 4) throw new InvalidMachineSpec('ide', 'there are four IDE positions');
  if ((spec.floppies?.length ?? 0) > 2) throw new InvalidMachineSpec('floppies', 'there are two floppy drives');
  spec.ide?.forEach((drive, i) => {
    if (drive?.kind === 'disk' && !drive.backend) throw new InvalidMachineSpec(`ide[${i}]`, 'a disk needs a backend');
  });
  if (spec.flat && (spec.flat.address < 0 || spec.flat.address + spec.flat.image.length > spec.memoryMiB * 0x10_0000)) {
    throw new InvalidMachineSpec('flat', 'the image does not fit into memory at its address');
  }
}
