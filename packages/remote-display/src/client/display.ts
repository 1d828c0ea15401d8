import type { KeyCombination } from '../protocol/keys.js';
import type { KeyboardLayout } from '../protocol/layouts.js';
import type { ControlState, Leds, PointerMode, Rights } from '../protocol/server-messages.js';
import type { LatencySummary } from './input-latency.js';
import type { PaintedFrame, ScreenPicture } from './painter.js';

/* What a page says to a display and hears from it. */

/** Where the connection stands, for the page around the screen. */
export type DisplayStatus =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'connected'; readonly roundTripMs: number | undefined }
  | { readonly phase: 'reconnecting'; readonly attempt: number; readonly reason: string }
  | { readonly phase: 'ended'; readonly code: number; readonly reason: string };

/** To be thrown by `ticket` when asking again cannot help (signed out, no right, no such desktop). */
export class DisplayEndedError extends Error {
  override readonly name = 'DisplayEndedError';
}

export interface DisplayOptions {
  /** Where the screen draws. It takes the keyboard while it has the focus; give it a tabIndex. */
  readonly canvas: HTMLCanvasElement;
  /** A new single-use ticket for each attempt. */
  readonly ticket: () => Promise<string>;
  /** WebSocket address, asked for after each ticket if it may change; or `openSocket` for anything that behaves like one. */
  readonly url?: string | URL | (() => string | URL);
  readonly openSocket?: () => WebSocket;
  /** Makes the decode worker; without it, or where OffscreenCanvas is missing, the page's thread decodes. */
  readonly createWorker?: () => Worker;
  readonly onStatus?: (status: DisplayStatus) => void;
  readonly onControl?: (state: ControlState) => void;
  /** This person asked for control, and the holder keeps it. */
  readonly onControlDeclined?: (holderName: string) => void;
  /** A key, button or the wheel was used in vain: somebody else operates, or this person may only look. */
  readonly onUsedInVain?: () => void;
  readonly onGeometry?: (size: { readonly widthPx: number; readonly heightPx: number }) => void;
  readonly onPointerMode?: (mode: PointerMode) => void;
  /** Relative mode: whether the pointer is captured; show how to get it back (Esc, or left Ctrl+Alt+Shift). */
  readonly onCapture?: (captured: boolean) => void;
  readonly onLeds?: (leds: Leds) => void;
  /** After each painted frame. */
  readonly onPainted?: (frame: PaintedFrame) => void;
}

export interface DisplayConnection {
  readonly status: DisplayStatus;
  readonly control: ControlState;
  /** Nobody holds control, and this person's next key, button or wheel takes it. False for who gave it up: that takes a request. */
  readonly takesControlByUse: boolean;
  readonly rights: Rights;
  readonly pointerMode: PointerMode;
  readonly size: { readonly widthPx: number; readonly heightPx: number };
  /** Calls `listener` now and after each change, until the returned function is called. */
  onStatus(listener: (status: DisplayStatus) => void): () => void;
  onControl(listener: (state: ControlState) => void): () => void;
  requestControl(): void;
  handOver(): void;
  /** Whether the host can tell who asks that their request is declined; one that runs since before an update cannot. */
  readonly mayDecline: boolean;
  /** Answers a request: the holder goes on, and who asked is told. */
  declineControl(): void;
  takeControl(): void;
  /** HID usage of page 7. */
  sendKey(usage: number, down: boolean): void;
  /** A named combination, or KeyboardEvent codes pressed in order and released backwards. */
  sendCombination(keys: KeyCombination | readonly string[]): void;
  /**
   * Types on a guest with the named layout, as fast as the guest's keyboard takes it. Resolves when all has
   * reached the guest, with the characters that the layout cannot type. Rejects when the line is cut or
   * control is elsewhere.
   */
  typeText(text: string, layout: KeyboardLayout): Promise<{ readonly untypable: string[] }>;
  releaseAll(): void;
  focus(): void;
  /** The picture as decoded, without cursor and blinking. */
  picture(): Promise<ScreenPicture>;
  /** Time from input to its painted effect, over the last inputs. */
  inputToPaint(): LatencySummary | undefined;
  close(): void;
}
