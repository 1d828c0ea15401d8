import type { InputMessage } from '../protocol/client-messages.js';
import type { InputPort } from '../screen/screen-port.js';

/** Input that waits while the guest's keyboard buffer is full; a client that fills this is not a person typing. */
const MAX_QUEUED = 4_096;

interface Queued {
  message: InputMessage;
  readonly done: (id: number) => void;
}

/** With the port; answered once the port has taken it. */
interface UnderWay extends Queued {
  answered: boolean;
}

/**
 * The one way to the machine's keyboard and pointer: keeps order, waits where the port waits, joins pointer
 * moves that wait, and remembers what is held so that it can be let go on cut, blur and hand-over.
 *
 * A key's release does not wait for the answer to its press: on a host that is late by half a second the guest's keyboard
 * would begin to repeat a key that nobody holds any more. The port keeps the order of what it was given.
 */
export class InputGate {
  readonly #port: InputPort;
  /** Waits for the port, which answers one input after the other. */
  readonly #queue: Queued[] = [];
  readonly #underWay: UnderWay[] = [];
  #advancing = false;
  readonly #heldKeys = new Set<number>();
  #buttons = 0;
  /** How buttons were last reported, so that a release goes the same way. */
  #pointerAt: { readonly x: number; readonly y: number } | undefined;

  constructor(port: InputPort) {
    this.#port = port;
  }

  /** Usages held down now, in the order of their presses. */
  get heldKeys(): readonly number[] {
    return [...this.#heldKeys];
  }

  /**
   * Takes one input; `done` is called with its id when it has reached the machine. Returns false when too
   * much waits already: the caller closes the session that sent it.
   */
  push(message: InputMessage, done: (id: number) => void = () => {}): boolean {
    if (this.#joinsLast(message)) return true;
    if (this.#queue.length + this.#underWay.length >= MAX_QUEUED && message.type !== 'release-all') return false;
    this.#queue.push({ message, done });
    this.#advance();
    return true;
  }

  /** Lets go of every key and button, after the input that waits. */
  releaseAll(): void {
    this.push({ type: 'release-all', id: 0 });
  }

  #joinsLast(message: InputMessage): boolean {
    const last = this.#queue.at(-1);
    if (!last) return false;
    const waiting = last.message;
    if (message.type === 'pointer-absolute' && waiting.type === 'pointer-absolute' && message.buttons === waiting.buttons) {
      last.message = message;
      return true;
    }
    if (message.type === 'pointer-relative' && waiting.type === 'pointer-relative' && message.buttons === waiting.buttons) {
      last.message = { ...message, dx: waiting.dx + message.dx, dy: waiting.dy + message.dy };
      return true;
    }
    return false;
  }

  /** Tells what was answered, in the order of arrival, and gives what may go. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    try {
      while (this.#takeStep());
    } finally {
      // Whoever is told may throw; the input of everybody else goes on with the next answer or message.
      this.#advancing = false;
    }
  }

  /** Returns false when nothing more can be done now. */
  #takeStep(): boolean {
    const [first] = this.#underWay;
    if (first?.answered) {
      this.#underWay.shift();
      first.done(first.message.id);
      return true;
    }
    const [next] = this.#queue;
    if (!next || !this.#mayGo(next.message)) return false;
    this.#queue.shift();
    this.#give({ ...next, answered: false });
    return true;
  }

  #mayGo(message: InputMessage): boolean {
    if (this.#underWay.length === 0) return true;
    return message.type === 'key' && !message.down && this.#underWay.every(({ message: { type } }) => type === 'key');
  }

  #give(input: UnderWay): void {
    this.#underWay.push(input);
    const answered = (): void => {
      input.answered = true;
      this.#advance();
    };
    try {
      const waiting = this.#deliver(input.message);
      // Input that the machine refused (stopped, being reset) is not repeated, the next one may pass.
      if (waiting) waiting.then(answered, answered);
      else answered();
    } catch {
      answered();
    }
  }

  #deliver(message: InputMessage): void | Promise<void> {
    switch (message.type) {
      case 'key':
        return this.#key(message.usage, message.down);
      case 'pointer-absolute':
        this.#buttons = message.buttons;
        this.#pointerAt = { x: message.x, y: message.y };
        return this.#port.pointerAbsolute(message.x, message.y, message.buttons);
      case 'pointer-relative':
        this.#buttons = message.buttons;
        this.#pointerAt = undefined;
        return this.#port.pointerRelative(message.dx, message.dy, message.buttons);
      case 'wheel':
        return this.#port.wheel(message.dz);
      case 'release-all':
        return this.#releaseHeld();
      case 'sync':
        return undefined;
    }
  }

  #key(usage: number, down: boolean): void | Promise<void> {
    if (down) this.#heldKeys.add(usage);
    // A release without a press (pressed before this viewer held the lease) means nothing to the guest.
    else if (!this.#heldKeys.delete(usage)) return undefined;
    return this.#port.key(usage, down);
  }

  async #releaseHeld(): Promise<void> {
    const held = [...this.#heldKeys].reverse();
    this.#heldKeys.clear();
    for (const usage of held) await this.#port.key(usage, false);
    if (this.#buttons === 0) return;
    this.#buttons = 0;
    if (this.#pointerAt) await this.#port.pointerAbsolute(this.#pointerAt.x, this.#pointerAt.y, 0);
    else await this.#port.pointerRelative(0, 0, 0);
  }
}
