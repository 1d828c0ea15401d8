import type { KeyboardEvent as ReactKeyboardEvent } from 'react';

/** The same three keys let go of a captured pointer (remote-display's keyboard.ts). */
const RELEASE_CODES = ['ControlLeft', 'AltLeft', 'ShiftLeft'];

/**
 * Watches keys on their way to a guest. When the release keys are down together it calls `leave`, after the guest's
 * handler has seen the last one: without this, Tab and every other key would belong to the guest for good.
 */
export class ReleaseKeys {
  readonly #down = new Set<string>();

  constructor(private readonly leave: () => void) {}

  readonly onKeyDown = (event: Pick<ReactKeyboardEvent | KeyboardEvent, 'code'>): void => {
    this.#down.add(event.code);
    if (!RELEASE_CODES.every((code) => this.#down.has(code))) return;
    this.#down.clear();
    setTimeout(this.leave);
  };

  readonly onKeyUp = (event: Pick<ReactKeyboardEvent | KeyboardEvent, 'code'>): void => {
    this.#down.delete(event.code);
  };

  readonly onBlur = (): void => {
    this.#down.clear();
  };
}
