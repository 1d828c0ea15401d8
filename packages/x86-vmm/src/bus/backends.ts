/** Bytes in a sector everywhere in the board; an ATAPI device groups four of them. */
export const SECTOR_BYTES = 512;

/**
 * What a disk controller needs of a medium. `@millwright/block-store`'s Volume fits it; neither knows the other.
 * A rejected promise is a medium error: the controller reports it to the guest as hardware would.
 */
export interface BlockBackend {
  readonly sectors: number;
  readonly readOnly: boolean;
  read(sector: number, into: Uint8Array): Promise<void>;
  write(sector: number, from: Uint8Array): Promise<void>;
  /** Resolves when everything written before is on stable storage. */
  flush(): Promise<void>;
}

/**
 * Hands the completion of asynchronous work back to a device on the vCPU's turn. In real-time mode that is as soon as the
 * work is done; in instruction-counted mode at a count fixed when the request was made, so that runs repeat exactly.
 */
export interface Completions {
  /** Calls `done` once: without argument when `work` resolved, with the reason when it rejected. Dropped if the machine is reset first. */
  deliver(work: Promise<void>, done: (failure?: unknown) => void): void;
}

/** The far side of a serial line, as a UART sees it. Bytes arrive paced by the UART's divisor in guest time. */
export interface SerialBackend {
  /** A byte left the transmitter's shift register. */
  transmitted(byte: number): void;
}

/** Tone generator of the PC speaker: 0 Hz is silence. Called only on changes. */
export interface SpeakerBackend {
  tone(hertz: number): void;
}
