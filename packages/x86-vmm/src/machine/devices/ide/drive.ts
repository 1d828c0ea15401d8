import type { BusMaster } from './bus-master.js';
import type { DataWindow } from './data-window.js';
import type { TaskFile } from './task-file.js';

/** What a channel gives to a drive when it is attached. */
export interface DriveHost {
  /** The drive asserts INTRQ. The channel masks it and takes it back when status is read. */
  interrupt(): void;
  readonly busMaster: BusMaster;
}

/**
 * A drive on a channel. The channel owns ports, selection, soft reset and INTRQ; the drive owns its registers and what commands do.
 * A drive is busy (STATUS.BSY) while its backend works; the channel then keeps commands and data away from it.
 */
export interface IdeDrive {
  readonly taskFile: TaskFile;
  /** The block that the data register moves now. Reached its end: `blockMoved`. */
  readonly data: DataWindow;
  attach(host: DriveHost): void;
  /** The command register was written, while the drive was not busy (or with DEVICE RESET). */
  command(code: number): void;
  blockMoved(): void;
  /** The bus master was started while this drive is selected. */
  dmaStarted(): void;
  /** Soft reset, power-on or EXECUTE DIAGNOSTIC: shows the signature and forgets what was under way. */
  reset(cause: 'power-on' | 'soft' | 'diagnostic'): void;
  save(): unknown;
  restore(state: unknown): void;
}
