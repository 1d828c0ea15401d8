/** Sectors are 512 bytes everywhere in this package; a 4K disk is a property of the device, not of the volume. */
export const SECTOR_BYTES = 512;

/**
 * A medium. Offsets and lengths are whole sectors inside the volume; anything else is refused with `volume.out-of-range`.
 * Operations of one volume take effect in the order of the calls.
 */
export interface Volume {
  readonly sectors: number;
  readonly readOnly: boolean;
  /** Fills `into` (a whole number of sectors) from `sector` on. Never returns short. */
  read(sector: number, into: Uint8Array): Promise<void>;
  write(sector: number, from: Uint8Array): Promise<void>;
  /** Resolves when everything written before is on stable storage, parents included. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A writable volume that can tell whether it was written since a moment. */
export interface GenerationVolume extends Volume {
  /** Names the content: the first write after `checkpoint` (or after opening) changes it, durably, before the write. */
  readonly generation: string;
  /** Flushes; the returned generation stays valid until something is written. */
  checkpoint(): Promise<string>;
}

/** `code` is stable: `volume.out-of-range`, `volume.read-only`, `volume.bad-header`, `volume.closed`, `volume.io`. */
export class VolumeError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** @throws VolumeError volume.out-of-range */
export function checkRange(volume: { readonly sectors: number }, sector: number, bytes: Uint8Array): void {
  const count = bytes.length / SECTOR_BYTES;
  if (!Number.isInteger(sector) || !Number.isInteger(count) || sector < 0 || sector + count > volume.sectors) {
    throw new VolumeError('volume.out-of-range', `Sectors ${sector} to ${sector + count} are not all in a volume of ${volume.sectors}.`);
  }
}
