import type { BlockBackend } from '../../../bus/backends.js';
import { type FloppyFormat, FORMATS } from './registers.js';

/** The stop of the head carriage: a little beyond the last track of an 80-track drive. */
const LAST_TRACK = 85;

export interface FloppyDriveState {
  readonly track: number;
  readonly changed: boolean;
}

/**
 * One floppy drive with or without a medium. The format follows from the image's size.
 * Differs: the disk-change line is cleared by any seek with a medium in the drive, also one that does not step.
 */
export class FloppyDrive {
  #medium: BlockBackend | undefined;
  #format: FloppyFormat | undefined;
  #track = 0;
  #changed: boolean;

  /** @throws RangeError when the medium's size is no floppy format */
  constructor(medium?: BlockBackend) {
    if (medium) this.#load(medium);
    this.#changed = medium === undefined;
  }

  get medium(): BlockBackend | undefined {
    return this.#medium;
  }

  get format(): FloppyFormat | undefined {
    return this.#format;
  }

  /** Where the head stands. */
  get track(): number {
    return this.#track;
  }

  /** The disk-change line: the drive was opened since the last seek with a medium. */
  get changed(): boolean {
    return this.#changed;
  }

  /** @throws RangeError when the medium's size is no floppy format */
  insert(medium: BlockBackend): void {
    this.#load(medium);
    this.#changed = true;
  }

  eject(): void {
    this.#medium = undefined;
    this.#format = undefined;
    this.#changed = true;
  }

  stepTo(track: number): void {
    this.#track = Math.max(0, Math.min(LAST_TRACK, track));
    if (this.#medium) this.#changed = false;
  }

  save(): FloppyDriveState {
    return { track: this.#track, changed: this.#changed };
  }

  restore(state: FloppyDriveState): void {
    this.#track = Math.max(0, Math.min(LAST_TRACK, state.track));
    this.#changed = state.changed;
  }

  #load(medium: BlockBackend): void {
    const format = FORMATS.find(({ sectors }) => sectors === medium.sectors);
    if (!format)
      throw new RangeError(`${medium.sectors} sectors are no floppy format; use one of ${FORMATS.map((f) => f.sectors).join(', ')}`);
    this.#medium = medium;
    this.#format = format;
  }
}
