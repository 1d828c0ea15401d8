import type { Damage } from '../screen/damage.js';
import type { Copy } from '../screen/motion.js';
import type { ScreenFeed } from '../screen/screen-feed.js';
import { encodeFrameBody, type FrameBody } from './encode-frame.js';

interface Entry {
  readonly damage: Damage;
  readonly copies: readonly Copy[];
  readonly mayDeflate: boolean;
  readonly encoded: FrameBody;
}

/** Different bodies kept of one picture: the common one, a full one for those who join, and a few stragglers. */
const MAX_ENTRIES = 8;

/** One encode for all viewers that need the same parts of the same picture on top of the same base. */
export class EncodeCache {
  readonly #feed: ScreenFeed;
  #generation = -1;
  #entries: Entry[] = [];
  /** Bodies really encoded, for measurements. */
  encodes = 0;

  constructor(feed: ScreenFeed) {
    this.#feed = feed;
  }

  /** `damage` is copied where kept; `copies` is compared by identity (one array per update of the feed). */
  encode(damage: Damage, copies: readonly Copy[], mayDeflate: boolean): FrameBody {
    if (this.#generation !== this.#feed.generation) {
      this.#generation = this.#feed.generation;
      this.#entries = [];
    }
    const known = this.#entries.find(
      (entry) =>
        entry.mayDeflate === mayDeflate &&
        (entry.copies === copies || (entry.copies.length === 0 && copies.length === 0)) &&
        entry.damage.equals(damage),
    );
    if (known) return known.encoded;
    const encoded = encodeFrameBody(this.#feed.frame, damage, copies, mayDeflate);
    this.encodes++;
    if (this.#entries.length < MAX_ENTRIES) this.#entries.push({ damage: damage.clone(), copies, mayDeflate, encoded });
    return encoded;
  }
}
