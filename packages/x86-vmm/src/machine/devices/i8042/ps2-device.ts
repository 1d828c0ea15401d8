/** What is plugged into one of the controller's two PS/2 connectors. The controller takes bytes when the line is free. */
export interface Ps2Device {
  /** A byte from the host. */
  receive(byte: number): void;
  readonly hasOutput: boolean;
  /** The next byte for the host; only when `hasOutput`. */
  takeOutput(): number;
}
