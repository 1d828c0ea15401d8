import type { Blink, PointerShape, TextCursor } from '../protocol/server-messages.js';
import type { Rectangle } from './region.js';

/** What is new on a screen. `cursor`, `blink` and `pointerShape` are the state now; absent: there is none. */
export interface ScreenUpdate {
  /** Damage since the update before; may be too large (whole scan lines), never too small. */
  readonly rectangles: readonly Rectangle[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly cursor?: TextCursor | undefined;
  readonly blink?: Blink | undefined;
  readonly pointerShape?: PointerShape | undefined;
}

/**
 * A screen to be shown; the host implements it over its video card.
 *
 * `requestUpdate` is called only while some viewer has credit, by one caller at a time. It resolves once
 * there is damage (or a new cursor or blink state) and does not resolve while nothing changes, so an idle
 * screen costs nothing. When it resolves, `frame` is complete and holds still until control returns to
 * the event loop; the display copies the damaged part then. A rejection means that the screen is gone.
 */
export interface ScreenPort {
  readonly widthPx: number;
  readonly heightPx: number;
  /** 0xffRRGGBB, stride = widthPx; may be another array after a change of size. Blinking cells are shown on, the text cursor is not in it. */
  readonly frame: Uint32Array;
  requestUpdate(): Promise<ScreenUpdate>;
}

/**
 * Where input goes; the host implements it over the machine's keyboard and pointer. A returned promise makes
 * the next input wait (a full keyboard buffer), so that no key is lost.
 */
export interface InputPort {
  /** HID usage of page 7. Repeats of a held key arrive as further `down`. */
  key(usage: number, down: boolean): void | Promise<void>;
  /** 0..65535 from the first to the last pixel; buttons as in `BUTTON`. */
  pointerAbsolute(x: number, y: number, buttons: number): void | Promise<void>;
  /** Counts of a mouse: right and down are positive. */
  pointerRelative(dx: number, dy: number, buttons: number): void | Promise<void>;
  /** Notches; positive is towards the user (the page moves down), as in WheelEvent.deltaY. */
  wheel(dz: number): void | Promise<void>;
}
