import type { InputMessage } from '../protocol/client-messages.js';
import { BUTTON, toAbsolute } from '../protocol/pointer.js';
import type { PointerMode } from '../protocol/server-messages.js';
import { usageOfKeysym } from './keysyms.js';
import { usageOfScanCode } from './scan-codes.js';

/** RFB button mask bits, RFC 6143 §7.5.5: left, middle, right, wheel up, wheel down. */
const RFB_BUTTON = { left: 1, middle: 2, right: 4, wheelUp: 8, wheelDown: 16 } as const;
/** A relative position is sent around this value (rfbproto, "QEMU Pointer Motion Change"). */
const RELATIVE_CENTRE = 0x7fff;

/** Turns RFB's keys and pointer into input messages. Knows the last position and buttons of its client. */
export class RfbInput {
  readonly #send: (message: InputMessage) => void;
  #buttons = 0;
  #last: { readonly x: number; readonly y: number } | undefined;

  constructor(send: (message: InputMessage) => void) {
    this.#send = send;
  }

  key(keysym: number, down: boolean): void {
    this.#key(usageOfKeysym(keysym), down);
  }

  /** A scan code says which key it is; its keysym is only asked when the code is unknown. */
  extendedKey(scanCode: number, keysym: number, down: boolean): void {
    this.#key(usageOfScanCode(scanCode) ?? usageOfKeysym(keysym), down);
  }

  /**
   * @param sendsDifferences the client knows the pointer motion change encoding and is in relative mode.
   */
  pointer(
    x: number,
    y: number,
    mask: number,
    mode: PointerMode,
    sendsDifferences: boolean,
    size: { widthPx: number; heightPx: number },
  ): void {
    const pressed = mask & ~this.#buttons;
    const buttons =
      (mask & RFB_BUTTON.left ? BUTTON.left : 0) |
      (mask & RFB_BUTTON.middle ? BUTTON.middle : 0) |
      (mask & RFB_BUTTON.right ? BUTTON.right : 0);
    this.#buttons = mask;
    if (mode === 'absolute') {
      this.#send({ type: 'pointer-absolute', id: 0, x: toAbsolute(x, size.widthPx), y: toAbsolute(y, size.heightPx), buttons });
    } else if (sendsDifferences) {
      this.#send({ type: 'pointer-relative', id: 0, dx: x - RELATIVE_CENTRE, dy: y - RELATIVE_CENTRE, buttons });
    } else {
      const last = this.#last ?? { x, y };
      this.#send({ type: 'pointer-relative', id: 0, dx: x - last.x, dy: y - last.y, buttons });
    }
    this.#last = { x, y };
    if (pressed & RFB_BUTTON.wheelUp) this.#send({ type: 'wheel', id: 0, dz: -1 });
    if (pressed & RFB_BUTTON.wheelDown) this.#send({ type: 'wheel', id: 0, dz: 1 });
  }

  #key(usage: number | undefined, down: boolean): void {
    if (usage !== undefined) this.#send({ type: 'key', id: 0, usage, down });
  }
}
