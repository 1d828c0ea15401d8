import type { VideoDirtyPages } from '../../../bus/screen.js';
import type { PlaneMemory } from './plane-memory.js';

/*
 * Which pages of video memory changed since the last picture, from both writers: the CPU's direct stores (VideoDirtyPages) and the
 * legacy window (PlaneMemory.written). Pages outside the picture keep their marks until they are shown.
 */

export const PAGE_SHIFT = 12;

export class VideoPages {
  /** One byte a page: changed, as of the last `take`. */
  readonly changed: Uint8Array;
  /** Of these, pages that the CPU wrote directly. */
  directly = false;
  readonly #dirtyWords: Uint32Array | undefined;

  constructor(
    private readonly direct: VideoDirtyPages,
    private readonly planes: PlaneMemory,
    pages: number,
  ) {
    this.changed = new Uint8Array(pages);
    const { dirty } = direct;
    this.#dirtyWords = dirty.byteOffset % 4 === 0 ? new Uint32Array(dirty.buffer, dirty.byteOffset, pages >> 2) : undefined;
  }

  /** Moves the marks of pages `[first, last]` into `changed`; false: there are none. */
  take(first: number, last: number): boolean {
    const own = this.planes.anyWritten;
    this.directly = this.#anyDirect(first, last);
    if (!own && !this.directly) return false;
    const { dirty } = this.direct;
    const { written } = this.planes;
    let any = false;
    for (let page = first; page <= last; page++) {
      const marked = dirty[page]! | written[page]!;
      this.changed[page] = marked;
      if (marked === 0) continue;
      any = true;
      dirty[page] = written[page] = 0;
    }
    // Marks outside of the picture stay in `written`, and are looked for again when it moves there: a move redraws all.
    this.planes.anyWritten = false;
    if (this.directly) this.direct.rearm();
    return any;
  }

  #anyDirect(first: number, last: number): boolean {
    const { dirty } = this.direct;
    const words = this.#dirtyWords;
    let page = first;
    if (words !== undefined) {
      for (; page <= last && page & 3; page++) if (dirty[page]) return true;
      for (; page + 3 <= last; page += 4) if (words[page >> 2]) return true;
    }
    for (; page <= last; page++) if (dirty[page]) return true;
    return false;
  }
}
