import type { Writable } from 'node:stream';

/**
 * What a command says. Results go to standard output (text, or with --json the contract's shape on one line), everything
 * else to standard error, so that a pipe gets results only.
 */
export class Output {
  readonly #out: Writable;
  readonly #err: Writable & { readonly isTTY?: boolean };
  #progressShown = false;

  constructor(
    readonly json: boolean,
    out: Writable,
    err: Writable & { readonly isTTY?: boolean },
  ) {
    this.#out = out;
    this.#err = err;
  }

  /** The command's answer: `value` for programs, `text` for people. */
  result(value: unknown, text: string): void {
    this.#endProgress();
    const line = this.json ? JSON.stringify(value) : text;
    if (line !== '') this.#out.write(`${line}\n`);
  }

  /** Said to people only. */
  note(text: string): void {
    this.#endProgress();
    if (!this.json) this.#err.write(`${text}\n`);
  }

  /** The same line over and over on a terminal; nothing elsewhere. */
  progress(text: string): void {
    if (this.json || !this.#err.isTTY) return;
    this.#err.write(`\r\u001b[K${text}`);
    this.#progressShown = true;
  }

  #endProgress(): void {
    if (this.#progressShown) this.#err.write('\r\u001b[K');
    this.#progressShown = false;
  }
}
