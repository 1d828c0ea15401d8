/** Bytes that a drive and the data register exchange: the largest piece that goes to a backend at once. */
export const WINDOW_BYTES = 128 << 10;

export interface DataWindowState {
  readonly version: 1;
  readonly bytes: Uint8Array;
  readonly position: number;
  readonly end: number;
  readonly toHost: boolean;
}

/** A drive's buffer and the part of it that the guest moves through the data register now. */
export class DataWindow {
  bytes = new Uint8Array(WINDOW_BYTES);
  position = 0;
  /** The guest may move up to here; equal to `position`: nothing. */
  end = 0;
  toHost = true;

  open(from: number, to: number, toHost: boolean): void {
    this.position = from;
    this.end = to;
    this.toHost = toHost;
  }

  close(): void {
    this.position = this.end = 0;
  }

  /** A backend may still be using the old buffer: later commands get another. */
  replace(): void {
    this.bytes = new Uint8Array(WINDOW_BYTES);
    this.close();
  }

  /** @param used bytes of the buffer that mean something */
  save(used: number): DataWindowState {
    return { version: 1, bytes: this.bytes.slice(0, used), position: this.position, end: this.end, toHost: this.toHost };
  }

  restore(state: DataWindowState): void {
    if (state.end > WINDOW_BYTES || state.position > state.end || state.bytes.length > WINDOW_BYTES)
      throw new Error('ide: not a saved buffer');
    this.bytes.set(state.bytes);
    this.position = state.position;
    this.end = state.end;
    this.toHost = state.toHost;
  }
}
