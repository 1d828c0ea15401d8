export { MAX_HEIGHT_PX, MAX_WIDTH_PX } from './bus/screen.js';
export { CPU_MODELS, type CpuModel, isCpuModel } from './cpu/model.js';
export type { GuestStack } from './cpu/profile/guest-profiler.js';
export { ENGINE_TIERS, type EngineTier } from './engines/engine.js';
export { LARGEST_FLOPPY_BYTES } from './machine/devices/fdc82077/registers.js';
export type { MachineTimes } from './machine/machine-times.js';
export { createMachine, Machine, type MachineListener } from './machine.js';
export { MachineError } from './machine-error.js';
export {
  type BackendSpec,
  type BootDevice,
  type ClockSpec,
  type IdeDriveSpec,
  InvalidMachineSpec,
  type KernelSpec,
  LEAST_PROFILE_PERIOD,
  type MachineSpec,
  MOST_PROFILE_PERIOD,
} from './machine-spec.js';
export type {
  MachineEvent,
  MachineInspection,
  MachineState,
  MachineStatistics,
  PointerMode,
  ScreenUpdate,
  StopReason,
} from './worker/messages.js';
