import type { BlockBackend } from '../bus/backends.js';
import type { TimeLedger } from '../bus/time-ledger.js';
import { MachineError } from '../machine-error.js';
import type { BackendSpec, MachineSpec } from '../machine-spec.js';

/** What is in a drive: a backend with what a saved state needs of it. */
export interface Medium extends BlockBackend {
  readonly generation?: string;
  checkpoint?(): Promise<string>;
  close?(): Promise<void>;
}

/** Opens the media of a machine into `media`, by the names of their drives: those opened before a failure are the caller's to close. */
export async function openMedia(spec: MachineSpec, media: Map<string, Medium>, times: TimeLedger): Promise<void> {
  const open = async (name: string, backend: BackendSpec | undefined): Promise<void> => {
    if (backend) media.set(name, await openMedium(name, backend, times));
  };
  for (const [place, drive] of (spec.ide ?? []).entries()) await open(drive?.kind === 'cdrom' ? 'cdrom' : `disk${place}`, drive?.backend);
  for (const [n, backend] of (spec.floppies ?? []).entries()) await open(`floppy${n}`, backend);
}

/** Opens what a drive holds; what it does from then on counts as time of disks. @throws MachineError medium.failed */
export async function openMedium(name: string, { module, options }: BackendSpec, times: TimeLedger): Promise<Medium> {
  try {
    const { open } = (await import(module)) as { open(options: unknown): Promise<Medium> };
    const medium = await open(options);
    account(medium, times);
    return medium;
  } catch (error) {
    throw new MachineError('medium.failed', `${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** What a medium does before its first wait happens in the device's turn, often inside of a slice. */
function account(medium: Medium, times: TimeLedger): void {
  const { read, write, flush } = medium;
  medium.read = (sector, into) => times.during('disk', () => read.call(medium, sector, into));
  medium.write = (sector, from) => times.during('disk', () => write.call(medium, sector, from));
  medium.flush = () => times.during('disk', () => flush.call(medium));
}
