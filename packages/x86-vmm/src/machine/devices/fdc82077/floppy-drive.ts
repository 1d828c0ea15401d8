import { type BlockBackend, SECTOR_BYTES } from '../../../bus/backends.js';
import { type FloppyFormat, FORMATS, LARGEST_FLOPPY_BYTES } from './registers.js';

/** The stop of the head carriage: a little beyond the last track of an 80-track drive. */
const LAST_TRACK = 85;

export interface FloppyDriveState {
  readonly track: number;
  readonly changed: boolean;
}

/**
 * One floppy drive with or without a medium. The format follows from the image's size; a shorter image is a
 * diskette of the next larger format.
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
    const format = FORMATS.find(({ sectors }) => sectors === medium.sectors) ?? FORMATS.find(({ sectors }) => sectors >= medium.sectors);
    if (!format || medium.sectors === 0)
      throw new RangeError(
        `${medium.sectors * SECTOR_BYTES} bytes are no floppy; the largest has ${LARGEST_FLOPPY_BYTES}. Use the image as a disk`,
      );
    this.#medium = medium.sectors === format.sectors ? medium : new ShortMedium(medium, format.sectors);
    this.#format = format;
  }
}

/** An image that ends before its diskette does, as boot images often do: the rest reads as zeros and cannot be written. */
class ShortMedium implements BlockBackend {
  constructor(
    private readonly medium: BlockBackend,
    readonly sectors: number,
  ) {}

  get readOnly(): boolean {
    return this.medium.readOnly;
  }

  async read(sector: number, into: Uint8Array): Promise<void> {
    const present = Math.max(0, Math.min(into.length, (this.medium.sectors - sector) * SECTOR_BYTES));
    if (present > 0) await this.medium.read(sector, into.subarray(0, present));
    into.fill(0, present);
  }

  async write(sector: number, from: Uint8Array): Promise<void> {
    if (sector + from.length / SECTOR_BYTES > this.medium.sectors) throw new RangeError('beyond the end of the image');
    await this.medium.write(sector, from);
  }

  flush(): Promise<void> {
    return this.medium.flush();
  }
}
