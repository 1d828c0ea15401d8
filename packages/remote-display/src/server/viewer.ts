import type { InputMessage } from '../protocol/client-messages.js';
import { FEATURE } from '../protocol/limits.js';
import { type ControlState, type Rights, type ServerMessage, serverMessages } from '../protocol/server-messages.js';
import { Damage } from '../screen/damage.js';
import type { Copy } from '../screen/motion.js';
import type { FeedUpdate, ScreenConsumer, ScreenFeed } from '../screen/screen-feed.js';
import type { LeaseMember } from './control-lease.js';
import type { EncodeCache } from './encode-cache.js';
import { Pacing } from './pacing.js';

/** The way to one client; `send` takes whole messages and keeps the bytes it is given. */
export interface ViewerLine {
  send(bytes: Uint8Array): void;
  readonly bufferedBytes: number;
}

const NO_COPIES: readonly Copy[] = [];

/**
 * One viewer of a screen across its connections: which parts of the picture it still needs, which frames are
 * on their way to it, and which of its input had taken effect.
 *
 *   live ──line lost──► cut ──hello with its session id──► live
 *                        └──resume window over──► dropped by the server
 */
export class Viewer implements ScreenConsumer, LeaseMember {
  readonly #feed: ScreenFeed;
  readonly #cache: EncodeCache;
  readonly #pacing = new Pacing();
  #line: ViewerLine | undefined;
  #features = 0;
  /** Needed by the client and not on its way. */
  #pending: Damage;
  #geometrySent = false;
  #cursorDue = false;
  #appliedInput = 0;
  /** `#appliedInput` when the picture was taken: only then may a frame claim to show its effect. */
  #capturedInput = 0;
  #settling = false;

  constructor(
    /** Secret of this viewer: who knows it may resume. */
    readonly id: Uint8Array,
    readonly user: string,
    readonly name: string,
    readonly rights: Rights,
    feed: ScreenFeed,
    cache: EncodeCache,
  ) {
    this.#feed = feed;
    this.#cache = cache;
    this.#pending = this.#everything();
  }

  get isLive(): boolean {
    return this.#line !== undefined;
  }

  get line(): ViewerLine | undefined {
    return this.#line;
  }

  /**
   * The client is there (again). Returns whether its picture could be built on; when not, all of it is sent.
   * Frames wait until `settled` when `settling`, so that a newcomer does not get an old picture first.
   */
  connect(line: ViewerLine, features: number, lastFrame: number | undefined, settling: boolean): boolean {
    this.#line = line;
    this.#features = features;
    this.#geometrySent = false;
    this.#cursorDue = true;
    this.#settling = settling;
    const { widthPx, heightPx } = this.#feed.frame;
    const lost = this.#pacing.resume(lastFrame ?? 0, widthPx, heightPx);
    if (lost) for (const { damage } of lost) if (sameSize(damage, this.#pending)) this.#pending.union(damage);
    if (!lost) this.#pending = this.#everything();
    return lost !== undefined;
  }

  /** Called after the first update of the feed or a short time, whichever is first. */
  settled(): void {
    this.#settling = false;
    this.flush();
  }

  disconnect(): void {
    this.#line = undefined;
  }

  send(message: ServerMessage): void {
    this.#line?.send(serverMessages.encode(message));
  }

  sendControlState(state: ControlState): void {
    this.send({ type: 'control-state', state });
  }

  /** This viewer asked for control, and the holder keeps it. */
  controlDeclined(holderName: string): void {
    if ((this.#features & FEATURE.decline) !== 0) this.send({ type: 'control-declined', holderName });
  }

  acknowledge(frame: number, decodeMicros: number): void {
    this.#pacing.acknowledge(frame, decodeMicros);
    this.flush();
  }

  /** The client lost its picture. */
  refresh(): void {
    this.#pending = this.#everything();
    this.flush();
  }

  inputApplied(id: InputMessage['id']): void {
    if (id > this.#appliedInput) this.#appliedInput = id;
  }

  hungry(): boolean {
    if (this.#settling) return this.isLive;
    return this.#hasCredit() && this.#pending.isEmpty;
  }

  resized(): void {
    this.#pending = this.#everything();
    this.#geometrySent = false;
    this.#cursorDue = true;
    this.#capturedInput = this.#appliedInput;
    this.#settling = false;
    this.flush();
  }

  updated(update: FeedUpdate): void {
    this.#capturedInput = this.#appliedInput;
    this.#settling = false;
    const isUpToDate = this.#pending.isEmpty;
    if (isUpToDate && this.#hasCredit()) {
      const mayCopy = (this.#features & FEATURE.copy) !== 0;
      if (mayCopy) this.#sendFrame(update.damage, update.rest, update.copies);
      else this.#sendFrame(update.damage, update.damage, NO_COPIES);
      return;
    }
    this.#pending.union(update.damage);
    this.flush();
  }

  cursorChanged(): void {
    this.#cursorDue = true;
    this.flush();
  }

  ended(_reason: string): void {
    // The server says good-bye on the connection, which knows the close code.
  }

  /** Sends what is due as far as there is credit. */
  flush(): void {
    if (!this.#hasCredit()) return;
    if (!this.#pending.isEmpty) {
      const damage = this.#pending;
      this.#pending = new Damage(damage.widthPx, damage.heightPx);
      this.#sendFrame(damage, damage, NO_COPIES);
    }
    if (this.#cursorDue) this.#sendCursor();
  }

  #hasCredit(): boolean {
    return this.#line !== undefined && !this.#settling && this.#pacing.hasCredit(this.#line.bufferedBytes);
  }

  /** @param covered what the client has right after this frame; @param tiles the part of it that is redrawn, not copied. */
  #sendFrame(covered: Damage, tiles: Damage, copies: readonly Copy[]): void {
    const { widthPx, heightPx } = this.#feed.frame;
    if (!this.#geometrySent) this.send({ type: 'geometry', widthPx, heightPx });
    this.#geometrySent = true;
    const encoded = this.#cache.encode(tiles, copies, (this.#features & FEATURE.deflate) !== 0);
    const frame = this.#pacing.sent(covered);
    this.send({ type: 'frame', frame, inputId: this.#capturedInput, ...encoded });
  }

  #sendCursor(): void {
    this.#cursorDue = false;
    this.send({ type: 'text-cursor', cursor: this.#feed.cursor });
    this.send({ type: 'blink', blink: this.#feed.blink });
    this.send({ type: 'pointer-shape', shape: this.#feed.pointerShape });
  }

  #everything(): Damage {
    const damage = new Damage(this.#feed.frame.widthPx, this.#feed.frame.heightPx);
    damage.addAll();
    return damage;
  }
}

function sameSize(a: Damage, b: Damage): boolean {
  return a.widthPx === b.widthPx && a.heightPx === b.heightPx;
}
