import type { AccessSize, Device, PortRange } from '../../../bus/device.js';
import { DEBUG_PORTS } from './registers.js';

/*
 * POST codes (0x80, 0x190) and, where the machine is started for it, the debug console (0xE9) and the exit port (0xF4).
 */

export interface DebugPortState {
  readonly version: 1;
  readonly post: number;
}

export interface DebugPortOptions {
  /** A POST code was written; `port` is 0x80 or 0x190. Port 0x80 is also written just to pass a microsecond (Linux does). */
  readonly post?: (port: number, code: number) => void;
  /** A byte for the debug console. Absent: port 0xE9 does not exist, so that guests do not find it. */
  readonly console?: (byte: number) => void;
  /** The guest ends the machine with this exit status (odd). Absent: port 0xF4 does not exist. */
  readonly exit?: (status: number) => void;
}

export class DebugPort implements Device<DebugPortState> {
  readonly name = 'debug-port';
  readonly ports: readonly PortRange[];
  /** Port 0x80 reads back, as the page register it is. */
  #post = 0;

  constructor(private readonly options: DebugPortOptions) {
    this.ports = [
      { name: 'post', base: DEBUG_PORTS.POST, length: 1 },
      { name: 'post-second', base: DEBUG_PORTS.POST_SECOND, length: 1 },
      ...(options.console ? [{ name: 'debug-console', base: DEBUG_PORTS.CONSOLE, length: 1 }] : []),
      ...(options.exit ? [{ name: 'debug-exit', base: DEBUG_PORTS.EXIT, length: 4, widest: 4 as const }] : []),
    ];
  }

  readPort(range: PortRange, _offset: number, _size: AccessSize): number {
    if (range.base === DEBUG_PORTS.POST) return this.#post;
    return range.base === DEBUG_PORTS.CONSOLE ? DEBUG_PORTS.CONSOLE : range.base === DEBUG_PORTS.EXIT ? 0 : 0xff;
  }

  writePort(range: PortRange, _offset: number, _size: AccessSize, value: number): void {
    switch (range.base) {
      case DEBUG_PORTS.CONSOLE:
        this.options.console?.(value);
        return;
      case DEBUG_PORTS.EXIT:
        // An exit status has eight bits.
        this.options.exit?.(((value << 1) | 1) & 0xff);
        return;
      default:
        if (range.base === DEBUG_PORTS.POST) this.#post = value;
        this.options.post?.(range.base, value);
    }
  }

  reset(): void {
    this.#post = 0;
  }

  save(): DebugPortState {
    return { version: 1, post: this.#post };
  }

  restore(state: DebugPortState): void {
    if (state.version !== 1) throw new Error('debug-port: unknown state version');
    this.#post = state.post & 0xff;
  }
}
