import { createHash } from 'node:crypto';
import type { Completions } from '../bus/backends.js';
import type { Device } from '../bus/device.js';
import { TimeLedger } from '../bus/time-ledger.js';
import { BusMasterMemory } from '../cpu/mmu/bus-master-memory.js';
import { createLinearMemory, type LinearMemory } from '../cpu/mmu/linear-memory.js';
import { PagedPhysicalMap } from '../cpu/mmu/physical-map.js';
import { videoDirtyPages } from '../cpu/mmu/video-dirty-pages.js';
import { isCpuModel, NEWEST_MODEL } from '../cpu/model.js';
import {
  CPU_STATE_END,
  EIP,
  MODE_KEY,
  ModeKey,
  PHYSICAL_MMIO,
  PHYSICAL_READ,
  RAM,
  ROM,
  ROM_BYTES,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField,
  SegmentIndex,
  VIDEO_RAM,
  VIDEO_RAM_BYTES,
} from '../cpu/state.js';
import { MachineError } from '../machine-error.js';
import type { BackendSpec, MachineSpec } from '../machine-spec.js';
import { SnapshotFile } from '../snapshot/restore.js';
import { writeSnapshot } from '../snapshot/save.js';
import type { MachineInspection, StopReason } from '../worker/messages.js';
import { Pc } from './chipset/pc.js';
import { type GuestClock, InstructionClock, RealTimeClock } from './clock/guest-clock.js';
import { CountedCompletions, RealTimeCompletions } from './completion-queue.js';
import { FloppyDrive } from './devices/fdc82077/floppy-drive.js';
import { AtaDisk } from './devices/ide/ata-disk.js';
import { AtapiCdrom } from './devices/ide/atapi-cdrom.js';
import type { IdeDrive } from './devices/ide/drive.js';
import { setUpCmos } from './devices/mc146818/cmos-set-up.js';
import { KernelLoader, placeKernel } from './kernel/kernel-loader.js';
import { type Medium, openMedia, openMedium } from './media.js';
import { ProcessorCore } from './processor-core.js';
import { RomLayout } from './rom-layout.js';
import { RunLoop } from './run-loop.js';

/** The date a repeatable machine wakes up to: 2026-01-01 00:00 UTC. */
const FIXED_START_MS = 1_767_225_600_000;

/** Enough for the longest instruction and some that follow. */
const INSPECTED_CODE_BYTES = 64;

/** What the machine tells whoever runs it; called on the vCPU's turn. */
export interface CoreListener {
  serial(port: number, byte: number): void;
  serialSpace(port: number): void;
  debug(byte: number): void;
  post(port: number, code: number): void;
  tone(hertz: number): void;
  pointerAbsolute(absolute: boolean): void;
  guestReset(): void;
  /** The machine has ended itself; the run loop stops before the next instruction. */
  ended(reason: StopReason): void;
  /** Between two slices. */
  afterSlice(): void;
  /** Between two slices, before the event loop's turn: collected output goes out. */
  beforeTurn(): void;
}

/** One machine: memory, processor, board, clock and run loop put together. Lives in the vCPU's worker; all calls are on its turn. */
export class MachineCore {
  readonly pc: Pc;
  readonly processor: ProcessorCore;
  readonly clock: GuestClock;
  readonly loop: RunLoop;
  readonly times: TimeLedger;
  readonly floppies: readonly FloppyDrive[];
  readonly cdrom: AtapiCdrom | undefined;
  readonly #memory: LinearMemory;
  readonly #completions: RealTimeCompletions | CountedCompletions;
  readonly #media: Map<string, Medium>;
  /** A reset was asked for by the guest; carried out between two slices. */
  #resetWanted: 'cpu' | 'board' | undefined;

  private constructor(
    private readonly spec: MachineSpec,
    media: Map<string, Medium>,
    private readonly listener: CoreListener,
    times: TimeLedger,
  ) {
    this.times = times;
    this.#media = media;
    this.#memory = createLinearMemory(spec.memoryMiB);
    const memory = this.#memory;
    const deadlineChanged = (): void => this.processor?.endSlice();
    this.clock =
      spec.clock?.kind === 'instructions'
        ? new InstructionClock(BigInt(spec.clock.nsPerInstruction), () => this.processor?.instructions ?? 0n, deadlineChanged)
        : new RealTimeClock(
            () => process.hrtime.bigint(),
            deadlineChanged,
            (lagNs) => this.pc.rtc.followHost(lagNs),
          );
    this.#completions =
      spec.clock?.kind === 'instructions' ? new CountedCompletions(this.clock) : new RealTimeCompletions(() => this.loop.wake());
    this.processor = new ProcessorCore(
      memory,
      () => this.pc.bus,
      this.clock,
      () => this.pc.fpuError.ferrChanged(),
      spec.clock?.kind === 'instructions',
      spec.cpuModel ?? NEWEST_MODEL,
      spec.engine ?? 'auto',
      times,
      spec.profile?.periodInstructions,
    );
    const { cpu, engine } = this.processor;
    const map = new PagedPhysicalMap(memory, () => cpu.flushTranslations(true));
    const guest = new BusMasterMemory(memory, (physical, bytes) => engine.codeWritten(physical, bytes));
    const roms = new RomLayout(memory.u8.subarray(ROM, ROM + ROM_BYTES), spec);
    const ideDrives = driveList(spec, media, this.#completions);
    this.cdrom = ideDrives.find((drive) => drive instanceof AtapiCdrom);
    this.floppies = [0, 1].flatMap((n) =>
      spec.floppies && n < Math.max(1, spec.floppies.length) ? [floppyDrive(`floppy${n}`, media)] : n === 0 ? [new FloppyDrive()] : [],
    );
    this.pc = new Pc({
      clock: this.clock,
      completions: this.#completions,
      memory: guest,
      map,
      memoryBytes: memory.ramBytes,
      videoMemory: memory.u8.subarray(VIDEO_RAM, VIDEO_RAM + VIDEO_RAM_BYTES),
      videoDirty: videoDirtyPages(memory, cpu.kernels),
      interrupt: this.processor.interruptPin,
      fpuErrorPins: this.processor.fpuErrorPins,
      a20: { set: (level) => cpu.setA20(level) },
      resetCpu: () => this.#wantReset('cpu'),
      resetBoard: () => this.#wantReset('board'),
      powerOff: () => this.#end({ kind: 'powered-off' }),
      romAt: (address) => roms.at(address),
      videoRom: roms.videoRom,
      ideDrives,
      floppyDrives: this.floppies,
      serial: [0, 1].map((port) => ({ transmitted: (byte) => listener.serial(port, byte) })),
      serialSpace: (port) => listener.serialSpace(port),
      speaker: { tone: (hertz) => listener.tone(hertz) },
      debug: {
        post: (port, code) => {
          if (spec.tracePost) listener.post(port, code);
        },
        ...(spec.debugExit
          ? {
              console: (byte: number) => listener.debug(byte),
              exit: (status: number) => this.#end({ kind: 'debug-exit', value: status >> 1 }),
            }
          : {}),
      },
      ...(spec.clock?.kind === 'instructions'
        ? { startDateMs: spec.startTimeMs ?? FIXED_START_MS }
        : { startDateMs: spec.startTimeMs ?? Date.now(), hostNowMs: Date.now }),
      backdoorRegisters: this.processor.backdoorRegisters,
      absolutePointerChanged: (absolute) => listener.pointerAbsolute(absolute),
      extra: spec.kernel ? [new KernelLoader(placeKernel(spec.kernel, memory.ramBytes), guest) as Device<unknown>] : [],
    });
    roms.mapTop(map);
    this.#setUpCmos();
    if (spec.flat) guest.write(spec.flat.address, spec.flat.image);
    this.loop = new RunLoop(
      this.processor,
      new InterruptInput(this),
      this.clock,
      this.#completions,
      () => this.#betweenSlices(),
      () => listener.beforeTurn(),
      times,
    );
    this.#powerOnReset();
  }

  /** Opens the media and builds the machine, from power-on or from a saved state. @throws MachineError medium.failed, snapshot.* */
  static async build(spec: MachineSpec, restoreFrom: string | undefined, listener: CoreListener): Promise<MachineCore> {
    const media = new Map<string, Medium>();
    const times = new TimeLedger();
    try {
      await times.duringAsync('disk', () => openMedia(spec, media, times));
      const core = new MachineCore(restoreFrom === undefined ? spec : await withModelOf(spec, restoreFrom), media, listener, times);
      if (restoreFrom !== undefined) await times.duringAsync('disk', () => core.#restore(restoreFrom));
      times.enter('idle');
      return core;
    } catch (error) {
      for (const medium of media.values()) await medium.close?.();
      throw error;
    }
  }

  get memoryMiB(): number {
    return this.spec.memoryMiB;
  }
  get linear(): LinearMemory {
    return this.#memory;
  }

  /** A reset from outside: as the board's reset line. */
  reset(): void {
    this.#carryOutReset('board');
    this.listener.afterSlice();
    this.listener.beforeTurn();
  }

  /** After single steps: ends the machine where the guest's reset does that. Everything else stays as the steps left it. */
  afterSteps(): void {
    const { tripleFault } = this.processor;
    if (this.spec.stopOnReset && (tripleFault || this.#resetWanted === 'board')) this.#end({ kind: 'reset', tripleFault });
    this.listener.afterSlice();
    this.listener.beforeTurn();
  }

  /** Writes the paused machine to a file. Backends are quiet and flushed afterwards. */
  save(path: string): Promise<void> {
    return this.times.duringAsync('disk', () => this.#save(path));
  }

  async #save(path: string): Promise<void> {
    await this.#completions.quiesce();
    const generations: Record<string, string> = {};
    for (const [drive, medium] of this.#media) {
      if (medium.checkpoint) generations[drive] = await medium.checkpoint();
      else if (!medium.readOnly)
        throw new MachineError('medium.failed', `${drive} cannot tell whether it was written: a machine with it cannot be saved.`);
    }
    const regions = this.#regions();
    const header = {
      memoryMiB: this.spec.memoryMiB,
      cpuModel: this.processor.cpu.model,
      guestTimeNs: this.clock.now(),
      cpu: this.#memory.u8.slice(0, CPU_STATE_END),
      devices: this.#saveDevices(),
      generations,
      regions: Object.entries(regions).map(([name, bytes]) => ({ name, bytes: bytes.length })),
    };
    await writeSnapshot(path, header, Object.values(regions));
  }

  /** SHA-256 over CPU state, devices, RAM and video memory of the paused machine. As for a save, backends are quiet afterwards. */
  async stateHash(): Promise<string> {
    await this.#completions.quiesce();
    const hash = createHash('sha256');
    hash.update(this.#memory.u8.slice(0, CPU_STATE_END));
    hash.update(this.#devicesText());
    for (const region of Object.values(this.#regions()))
      for (let at = 0; at < region.length; at += 1 << 20) hash.update(region.slice(at, at + (1 << 20)));
    return hash.digest('hex');
  }

  /** What `stateHash` hashes, for whoever compares two machines often: memory is compared where it is. */
  async inspect(): Promise<MachineInspection> {
    await this.#completions.quiesce();
    const { memory, u8, u32, ramBytes } = this.#memory;
    const { cpu } = this.processor;
    const eip = u32[EIP >> 2]!;
    const linear = (u32[(SEGMENT + SEGMENT_BYTES * SegmentIndex.CS + SegmentField.base) >> 2]! + eip) >>> 0;
    const code: number[] = [];
    for (let i = 0; i < INSPECTED_CODE_BYTES; i++) {
      const physical = Number(cpu.kernels.peekTranslation((linear + i) | 0));
      const page = physical < 0 ? PHYSICAL_MMIO : u32[(PHYSICAL_READ >> 2) + (physical >>> 12)]!;
      if (page === PHYSICAL_MMIO) break;
      code.push(u8[page + (physical & 0xfff)]!);
    }
    return {
      instructions: Number(this.processor.instructions),
      eip,
      linear,
      code: Uint8Array.from(code),
      codeBits: u32[MODE_KEY >> 2]! & ModeKey.code32 ? 32 : 16,
      memory: memory.buffer as unknown as SharedArrayBuffer,
      regions: [
        { name: 'cpu', offset: 0, bytes: CPU_STATE_END },
        { name: 'ram', offset: RAM, bytes: ramBytes },
        { name: 'vram', offset: VIDEO_RAM, bytes: VIDEO_RAM_BYTES },
      ],
      devices: this.#devicesText(),
    };
  }

  closeMedia(): Promise<void> {
    return this.times.duringAsync('disk', () => this.#closeMedia());
  }

  async #closeMedia(): Promise<void> {
    await this.#completions.quiesce();
    for (const medium of this.#media.values()) {
      if (!medium.readOnly) await medium.flush();
      await medium.close?.();
    }
    this.#media.clear();
  }

  /** Puts a medium into the CD-ROM or floppy drive, or takes it out. */
  async changeMedium(drive: 'cdrom' | 'floppy', spec: BackendSpec | undefined): Promise<void> {
    const name = drive === 'cdrom' ? 'cdrom' : 'floppy0';
    const medium = spec === undefined ? undefined : await openMedium(name, spec, this.times);
    const old = this.#media.get(name);
    if (drive === 'cdrom') this.cdrom?.changeMedium(medium);
    else if (medium) this.floppies[0]?.insert(medium);
    else this.floppies[0]?.eject();
    if (medium) this.#media.set(name, medium);
    else this.#media.delete(name);
    await old?.close?.();
  }

  #devicesText(): string {
    return JSON.stringify(this.#saveDevices(), (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  }
  #saveDevices(): Record<string, unknown> {
    return Object.fromEntries(this.pc.devices.map((device) => [device.name, device.save()]));
  }

  #regions(): { readonly ram: Uint8Array; readonly vram: Uint8Array } {
    const { u8, ramBytes } = this.#memory;
    return { ram: u8.subarray(RAM, RAM + ramBytes), vram: u8.subarray(VIDEO_RAM, VIDEO_RAM + VIDEO_RAM_BYTES) };
  }

  async #restore(path: string): Promise<void> {
    const file = await SnapshotFile.open(path);
    try {
      await this.#restoreFrom(file);
    } finally {
      await file.close();
    }
  }

  async #restoreFrom(file: SnapshotFile): Promise<void> {
    const { header } = file;
    const regions = Object.entries(this.#regions());
    const fits =
      header.memoryMiB === this.spec.memoryMiB &&
      header.cpu.length === CPU_STATE_END &&
      header.regions.length === regions.length &&
      regions.every(([name, bytes], i) => header.regions[i]!.name === name && header.regions[i]!.bytes === bytes.length);
    if (!fits) throw new MachineError('snapshot.bad-file', `The saved state belongs to a machine with ${header.memoryMiB} MiB of memory.`);
    if (header.cpuModel !== this.processor.cpu.model)
      throw new MachineError('snapshot.bad-file', `The saved state belongs to a machine with a ${header.cpuModel} processor.`);
    const writable = [...this.#media].filter(([, medium]) => !medium.readOnly).map(([drive]) => drive);
    for (const drive of new Set([...Object.keys(header.generations), ...writable])) {
      const now = this.#media.get(drive)?.generation;
      if (now === undefined || now !== header.generations[drive]) {
        throw new MachineError(
          'snapshot.disk-changed',
          `The disk ${drive} was written after this state was saved, so it cannot be resumed. Start the machine afresh.`,
        );
      }
    }
    await file.restoreInto(regions.map(([, bytes]) => bytes));
    this.#memory.u8.set(header.cpu);
    this.clock.setNow(header.guestTimeNs);
    for (const device of this.pc.devices) {
      if (!Object.hasOwn(header.devices, device.name))
        throw new MachineError('snapshot.bad-file', `The saved state has no ${device.name}: it belongs to another board.`);
      try {
        device.restore(header.devices[device.name]);
      } catch (error) {
        throw new MachineError('snapshot.bad-file', `The saved state's ${device.name} does not fit: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    this.processor.restored();
  }

  #setUpCmos(): void {
    const { spec } = this;
    setUpCmos(this.pc.rtc.cmos, {
      memoryBytes: this.#memory.ramBytes,
      floppies: this.floppies.map(() => '1.44M' as const),
      bootOrder: spec.bootOrder ?? ['disk', 'cdrom', 'floppy'],
    });
  }

  #wantReset(kind: 'cpu' | 'board'): void {
    if (this.#resetWanted !== 'board') this.#resetWanted = kind;
    this.processor.endSlice();
  }

  #end(reason: StopReason): void {
    this.processor.endSlice();
    this.listener.ended(reason);
  }

  #betweenSlices(): void {
    const { tripleFault } = this.processor;
    if (tripleFault) this.#resetWanted = 'board';
    // The board stays as the guest left it: its last screen and registers are what its owner wants to see.
    if (this.#resetWanted === 'board' && this.spec.stopOnReset) this.#end({ kind: 'reset', tripleFault });
    else if (this.#resetWanted !== undefined) this.#carryOutReset(this.#resetWanted);
    this.listener.afterSlice();
  }

  #carryOutReset(kind: 'cpu' | 'board'): void {
    this.#resetWanted = undefined;
    if (kind === 'board') {
      this.listener.guestReset();
      this.#powerOnReset();
    } else this.processor.reset();
  }

  #powerOnReset(): void {
    this.#completions.reset();
    for (const device of this.pc.devices) device.reset();
    this.processor.reset();
    this.processor.cpu.setA20(true);
  }
}

/** The first 8259A's INT output as the CPU latches it, and the INTA cycle. */
class InterruptInput {
  constructor(private readonly core: MachineCore) {}
  get pending(): boolean {
    return this.core.processor.interruptPending;
  }
  acknowledge(): number {
    return this.core.pc.pic.acknowledge();
  }
}

function driveList(spec: MachineSpec, media: ReadonlyMap<string, Medium>, completions: Completions): (IdeDrive | undefined)[] {
  return [0, 1, 2, 3].map((place) => {
    const drive = spec.ide?.[place];
    if (!drive) return undefined;
    if (drive.kind === 'cdrom') return new AtapiCdrom({ completions, serial: 'MW-CD-1' }, media.get('cdrom'));
    return new AtaDisk({ backend: media.get(`disk${place}`)!, completions, serial: `MW-HD-${place}` });
  });
}

/** @throws MachineError medium.failed when the medium's size is no floppy's */
function floppyDrive(name: string, media: ReadonlyMap<string, Medium>): FloppyDrive {
  try {
    return new FloppyDrive(media.get(name));
  } catch (error) {
    throw new MachineError('medium.failed', `${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** A spec that names no processor takes that of the state it begins from. */
async function withModelOf(spec: MachineSpec, restoreFrom: string): Promise<MachineSpec> {
  if (spec.cpuModel !== undefined) return spec;
  const file = await SnapshotFile.open(restoreFrom);
  await file.close();
  return isCpuModel(file.header.cpuModel) ? { ...spec, cpuModel: file.header.cpuModel } : spec;
}
