/**
 * One channel of the DMA controller as the device on its DREQ/DACK lines uses it. Transfers are in the device's hands: it moves as
 * many bytes as it has, the channel stops at terminal count. A 16-bit channel (5 to 7) moves whole words: lengths are even.
 */
export interface DmaChannel {
  /** The channel would answer DREQ now: programmed, unmasked, the controller enabled. */
  readonly isReady: boolean;
  /** The last `pull`, `push` or `verify` reached terminal count (TC was pulsed). */
  readonly terminalCount: boolean;
  /** Memory to device. Returns bytes moved: fewer than asked for after terminal count, 0 when not ready. */
  pull(into: Uint8Array): number;
  /** Device to memory. Same result. */
  push(from: Uint8Array): number;
  /** Level of DREQ, for the status register. */
  setRequest(level: boolean): void;
  /** Called when the guest makes the channel ready after it was not. */
  onReady(listener: () => void): void;
}
