import { usage } from '../command-error.js';

/** The byte of a control key written as `^]` or `^A`. @throws CommandError */
export function parseEscape(text: string): number {
  const match = /^\^([@-_a-z])$/.exec(text);
  if (!match) throw usage(`--escape ${text}: give a control key like ^] or ^A.`);
  return match[1]!.toUpperCase().charCodeAt(0) & 0x1f;
}

/** Passes what is typed to the guest until the escape key; pressed twice it is sent once. */
export class EscapeFilter {
  #pending = false;

  constructor(private readonly leaveKey: number) {}

  /** What to send, and whether to leave afterwards. */
  take(typed: Uint8Array): { readonly bytes: Uint8Array; readonly leaves: boolean } {
    const bytes: number[] = [];
    for (const byte of typed) {
      if (this.#pending) {
        this.#pending = false;
        if (byte !== this.leaveKey) return { bytes: Uint8Array.from(bytes), leaves: true };
        bytes.push(byte);
      } else if (byte === this.leaveKey) {
        this.#pending = true;
      } else bytes.push(byte);
    }
    return { bytes: Uint8Array.from(bytes), leaves: false };
  }

  /** The escape key was pressed and nothing followed for a moment: it was meant. */
  get isWaiting(): boolean {
    return this.#pending;
  }
}
