/**
 * Looks for texts in a stream of bytes and in text-mode screens. A stream's tail is kept, so that a text split between two
 * pieces is found; escape sequences and carriage returns are ignored.
 */
export class TextWatch {
  #tail = '';
  readonly #longest: number;

  constructor(private readonly texts: readonly string[]) {
    this.#longest = Math.max(0, ...texts.map((text) => text.length));
  }

  get isEmpty(): boolean {
    return this.texts.length === 0;
  }

  /** Returns the text that these bytes completed, if one. */
  addBytes(bytes: Uint8Array): string | undefined {
    this.#tail = (this.#tail + Buffer.from(bytes).toString('latin1')).replaceAll(ANSI, '').replaceAll('\r', '');
    const found = this.#find(this.#tail);
    this.#tail = this.#tail.slice(-Math.max(256, this.#longest * 2));
    return found;
  }

  /** Rows of a text screen. */
  addScreen(rows: readonly string[]): string | undefined {
    return this.#find(rows.join('\n'));
  }

  #find(text: string): string | undefined {
    return this.texts.find((wanted) => text.includes(wanted));
  }
}

/** CSI sequences of a terminal (ECMA-48 §5.4). */
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[@-~]`, 'g');
