import type { BlinkingCell, Rectangle, TextCursor } from '../bus/screen.js';
import type { GuestStack } from '../cpu/profile/guest-profiler.js';
import type { MachineTimes } from '../machine/machine-times.js';
import type { MachineSpec } from '../machine-spec.js';

/** A machine's lifecycle: created → running ⇄ paused → stopped. */
export type MachineState = 'created' | 'running' | 'paused' | 'stopped';

/** Why a machine stopped. */
export type StopReason =
  | { readonly kind: 'requested' }
  /** The guest switched the power off (ACPI S5, APM). */
  | { readonly kind: 'powered-off' }
  /** The guest reset or triple-faulted and the spec says to stop there. */
  | { readonly kind: 'reset'; readonly tripleFault: boolean }
  /** The guest wrote `value` to the debug-exit port. */
  | { readonly kind: 'debug-exit'; readonly value: number }
  /** A defect of ours. */
  | { readonly kind: 'failed'; readonly message: string };

export interface ScreenUpdate {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rectangles: readonly Rectangle[];
  readonly cursor: TextCursor | undefined;
  readonly blinkingCells: readonly BlinkingCell[];
}

export interface PointerMode {
  /** The guest has enabled an absolute pointer. */
  readonly absolute: boolean;
}

export interface MachineStatistics {
  /** Since power-on. */
  readonly instructions: number;
  readonly guestTimeMs: number;
  /** Wall time in which the machine was running and not halted. */
  readonly busyMs: number;
  /** Guest time over wall time lately; 1 keeps up. */
  readonly speed: number;
  /** Size of the guest's video mode, whether or not anybody looks. */
  readonly screen: { readonly widthPx: number; readonly heightPx: number };
  /** Where the wall time went since the machine's worker began. */
  readonly times: MachineTimes;
  /** Counters of engine and board since the machine was built, by name. */
  readonly engine: Readonly<Record<string, number>>;
}

/** Everything that a state hash is made of, to be compared byte by byte. */
export interface MachineInspection {
  readonly instructions: number;
  /** Offset in CS and linear address of the next instruction, its bytes and those behind it as far as they are mapped, and its code size. */
  readonly eip: number;
  readonly linear: number;
  readonly code: Uint8Array;
  readonly codeBits: 16 | 32;
  /** The machine's memory itself: it changes when the machine runs on. */
  readonly memory: SharedArrayBuffer;
  /** CPU state, RAM and video memory in `memory`. */
  readonly regions: readonly { readonly name: 'cpu' | 'ram' | 'vram'; readonly offset: number; readonly bytes: number }[];
  /** State of all devices as JSON. */
  readonly devices: string;
}

/** Calls from the machine's owner into the worker, by name: arguments and result. All values are structured-cloneable. */
export interface WorkerCalls {
  start(): void;
  /** Runs a created or paused machine for so many instructions and pauses it: exactly there in instruction-counted mode. */
  runFor(instructions: number): void;
  pause(): void;
  resume(): void;
  reset(): void;
  stop(): void;
  pressPowerButton(): void;
  save(path: string): void;
  key(usage: number, down: boolean): void;
  pointerRelative(dx: number, dy: number, dz: number, buttons: number): void;
  /** x and y 0..65535. */
  pointerAbsolute(x: number, y: number, dz: number, buttons: number): void;
  serialReceive(port: number, bytes: Uint8Array): void;
  screenUpdate(full: boolean): ScreenUpdate;
  picture(): { readonly widthPx: number; readonly heightPx: number };
  textScreen(): readonly string[] | undefined;
  statistics(): MachineStatistics;
  takeProfile(): readonly GuestStack[];
  stateHash(): string;
  inspect(): MachineInspection;
  changeMedium(drive: 'cdrom' | 'floppy', medium: { readonly module: string; readonly options: unknown } | undefined): void;
  dumpState(): Readonly<Record<string, unknown>>;
  loadState(state: Readonly<Record<string, unknown>>): void;
  readMemory(address: number, length: number): Uint8Array;
  /** Runs exactly this many instructions while paused. */
  step(instructions: number): void;
}

export interface WorkerStart {
  readonly spec: MachineSpec;
  /** Pixels, MAX_WIDTH_PX x MAX_HEIGHT_PX x 4 bytes. */
  readonly frame: SharedArrayBuffer;
  /** A saved state to begin from, instead of power-on. */
  readonly restoreFrom: string | undefined;
}

export type WorkerRequest = { readonly id: number; readonly call: keyof WorkerCalls; readonly args: readonly unknown[] };

/** What the worker tells without being asked. */
export type MachineEvent =
  | { readonly event: 'state'; readonly state: MachineState; readonly reason?: StopReason }
  | { readonly event: 'serial'; readonly port: number; readonly bytes: Uint8Array }
  | { readonly event: 'pointer-mode'; readonly mode: PointerMode }
  | { readonly event: 'leds'; readonly leds: number }
  | { readonly event: 'tone'; readonly hertz: number }
  | { readonly event: 'post'; readonly port: number; readonly code: number }
  | { readonly event: 'debug'; readonly bytes: Uint8Array }
  | { readonly event: 'guest-reset' };

export type WorkerMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: { readonly code: string; readonly message: string } }
  | { readonly ready: true }
  | MachineEvent;
