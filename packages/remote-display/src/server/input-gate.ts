import type { InputMessage } from '../protocol/client-messages.js';
import type { InputPort } from '../screen/screen-port.js';

/** Input that waits while the guest's keyboard buffer is full; a client that fills this is not a person typing. */
const MAX_QUEUED = 4_096;

/** Something that a person does on purpose; a pointer also passes over a screen that somebody only looks at. */
export function isUse(message: InputMessage): boolean {
  switch (message.type) {
    case 'key':
      return message.down;
    case 'pointer-absolute':
    case 'pointer-relative':
      return message.buttons !== 0;
    case 'wheel':
      return true;
    case 'release-all':
    case 'sync':
      return false;
  }
}

interface Queued {
  message: InputMessage;
  readonly done: (id: number) => void;
}

/**
 * The one way to the machine's keyboard and pointer: keeps order, waits where the port waits, joins pointer
 * moves that wait, and remembers what is held so that it can be let go on cut, blur and hand-over.
 */
export class InputGate {
  readonly #port: InputPort;
  readonly #queue: Queued[] = [];
  readonly #heldKeys = new Set<number>();
  #buttons = 0;
  /** How buttons were last reported, so that a release goes the same way. */
  #pointerAt: { readonly x: number; readonly y: number } | undefined;
  #draining = false;

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
    if (this.#queue.length >= MAX_QUEUED && message.type !== 'release-all') return false;
    this.#queue.push({ message, done });
    if (!this.#draining) void this.#drain();
    return true;
  }

  /** Lets go of every key and button, after the input that waits. */
  releaseAll(): void {
    this.push({ type: 'release-all', id: 0 });
  }

  #joinsLast(message: InputMessage): boolean {
    // The head of the queue is with the port while draining: only what still waits may change.
    const last = this.#queue.length > 1 ? this.#queue.at(-1) : undefined;
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

  async #drain(): Promise<void> {
    this.#draining = true;
    for (let head = this.#queue[0]; head; head = this.#queue[0]) {
      try {
        const waiting = this.#deliver(head.message);
        // Awaiting only where the port waits keeps a key press inside one turn of the event loop.
        if (waiting) await waiting;
      } catch {
        // The machine refused (stopped, being reset): input is not repeated, the next one may pass.
      }
      this.#queue.shift();
      head.done(head.message.id);
    }
    this.#draining = false;
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
