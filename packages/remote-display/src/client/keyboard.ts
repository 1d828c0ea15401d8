import { USAGE_OF_CODE } from '../protocol/keys.js';

export interface KeyboardOutput {
  key(usage: number, down: boolean): void;
  releaseAll(): void;
}

/** Left Control, Alt and Shift together let the pointer and keyboard go. */
const RELEASE_CODES = ['ControlLeft', 'AltLeft', 'ShiftLeft'];

/**
 * Turns the browser's key events on an element into physical keys. Keys are let go when the element loses the
 * focus or the page is hidden, because their release will then go elsewhere.
 */
export class Keyboard {
  readonly #element: HTMLElement;
  readonly #output: KeyboardOutput;
  readonly #onRelease: () => void;
  readonly #pressed = new Map<string, number>();
  readonly #stop = new AbortController();
  #controlPressedAtMs = Number.NEGATIVE_INFINITY;

  /** @param onRelease called when the user asks for the pointer back. */
  constructor(element: HTMLElement, output: KeyboardOutput, onRelease: () => void) {
    this.#element = element;
    this.#output = output;
    this.#onRelease = onRelease;
    const { signal } = this.#stop;
    element.addEventListener('keydown', (event) => this.#down(event), { signal });
    element.addEventListener('keyup', (event) => this.#up(event), { signal });
    element.addEventListener('blur', () => this.releaseAll(), { signal });
    window.addEventListener('blur', () => this.releaseAll(), { signal });
    window.addEventListener('pagehide', () => this.releaseAll(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden && this.releaseAll(), { signal });
  }

  releaseAll(): void {
    if (this.#pressed.size === 0) return;
    this.#pressed.clear();
    this.#output.releaseAll();
  }

  dispose(): void {
    this.releaseAll();
    this.#stop.abort();
  }

  #down(event: KeyboardEvent): void {
    const usage = Object.hasOwn(USAGE_OF_CODE, event.code) ? USAGE_OF_CODE[event.code] : undefined;
    if (usage === undefined || event.isComposing) return;
    event.preventDefault();
    // Windows sends a left Control just before AltGr that nobody pressed.
    if (event.code === 'ControlLeft') this.#controlPressedAtMs = event.timeStamp;
    const isAltGr = event.code === 'AltRight' && event.key === 'AltGraph';
    if (isAltGr && event.timeStamp - this.#controlPressedAtMs < 5 && this.#pressed.delete('ControlLeft')) {
      this.#output.key(USAGE_OF_CODE['ControlLeft']!, false);
    }
    this.#pressed.set(event.code, usage);
    this.#output.key(usage, true);
    if (RELEASE_CODES.every((code) => this.#pressed.has(code))) {
      this.releaseAll();
      this.#onRelease();
    }
  }

  #up(event: KeyboardEvent): void {
    const usage = this.#pressed.get(event.code);
    if (usage === undefined) return;
    event.preventDefault();
    this.#pressed.delete(event.code);
    this.#output.key(usage, false);
    // While Meta is held macOS reports no release of other keys.
    if (event.code.startsWith('Meta')) this.releaseAll();
  }

  /** Gives the element the keyboard. */
  focus(): void {
    this.#element.focus({ preventScroll: true });
  }
}
