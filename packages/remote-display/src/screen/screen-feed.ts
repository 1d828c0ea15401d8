import { MAX_SCREEN_PX } from '../protocol/limits.js';
import type { Blink, PointerShape, TextCursor } from '../protocol/server-messages.js';
import { type Clock, systemClock } from './clock.js';
import { addDifference } from './compare.js';
import { Damage } from './damage.js';
import { Frame } from './frame.js';
import { type Copy, findVerticalMotion } from './motion.js';
import { clipToScreen } from './region.js';
import type { ScreenPort, ScreenUpdate } from './screen-port.js';

/** What changed between two pictures of the feed. */
export interface FeedUpdate {
  /** Everything that differs, for consumers that do not have the picture before. */
  readonly damage: Damage;
  /** For those that do: apply `copies` in order to the picture before, then redraw `rest`. */
  readonly copies: readonly Copy[];
  readonly rest: Damage;
}

/** Somebody who shows the screen: a viewer of our protocol or an RFB client. Calls are synchronous and must not throw. */
export interface ScreenConsumer {
  /** True while this consumer could use a new picture at once; the screen is asked only then. */
  hungry(): boolean;
  /** The size changed: everything known about the picture before is void. */
  resized(): void;
  /** The picture changed. Called for every consumer, hungry or not. */
  updated(update: FeedUpdate): void;
  /** Text cursor, blink or pointer shape changed. */
  cursorChanged(): void;
  /** The screen is gone; nothing follows. */
  ended(reason: string): void;
}

/** Faster than a monitor refreshes nobody sees it; the first update after a pause is never delayed. */
const MAX_FRAMES_PER_SECOND = 60;

/**
 * The one reader of a ScreenPort, whoever watches: asks for updates while a consumer is hungry, compares
 * only inside the reported damage with its own copy of the picture, finds scrolling, and tells everybody.
 * Its copy (`frame`) is what consumers encode from, so all of them see the same picture.
 */
export class ScreenFeed {
  readonly #port: ScreenPort;
  readonly #clock: Clock;
  readonly #minIntervalMs: number;
  readonly #consumers = new Set<ScreenConsumer>();
  #frame: Frame;
  #isAsking = false;
  #endReason: string | undefined;
  #cursor: TextCursor | undefined;
  #blink: Blink | undefined;
  #pointerShape: PointerShape | undefined;
  #generation = 0;
  #takenMs = Number.NEGATIVE_INFINITY;

  constructor(port: ScreenPort, clock: Clock = systemClock, maxFramesPerSecond: number = MAX_FRAMES_PER_SECOND) {
    this.#port = port;
    this.#clock = clock;
    this.#minIntervalMs = 1000 / maxFramesPerSecond;
    this.#frame = this.#copyOfPort();
  }

  /** The picture as last told to consumers. */
  get frame(): Frame {
    return this.#frame;
  }
  /** Rises with every change of the picture. */
  get generation(): number {
    return this.#generation;
  }
  get cursor(): TextCursor | undefined {
    return this.#cursor;
  }
  get blink(): Blink | undefined {
    return this.#blink;
  }
  get pointerShape(): PointerShape | undefined {
    return this.#pointerShape;
  }
  get endReason(): string | undefined {
    return this.#endReason;
  }
  /** True while the port owes an answer: then `frame` is the newest picture there is. */
  get isWaiting(): boolean {
    return this.#isAsking;
  }

  /** Starts telling `consumer`; the returned function stops it. */
  add(consumer: ScreenConsumer): () => void {
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  /** To be called by a consumer that became hungry. */
  feed(): void {
    if (!this.#isAsking) void this.#ask();
  }

  /** The only loop that asks the port; it ends when nobody is hungry. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      while (this.#endReason === undefined && this.#someoneHungry()) {
        const restMs = this.#takenMs + this.#minIntervalMs - this.#clock.now();
        if (restMs > 0) await new Promise<void>((resolve) => void this.#clock.after(restMs, resolve));
        const update = await this.#port.requestUpdate();
        this.#takenMs = this.#clock.now();
        this.#take(update);
      }
      this.#isAsking = false;
    } catch (error) {
      this.#isAsking = false;
      this.end(error instanceof Error ? error.message : String(error));
    }
  }

  /** Tells every consumer that nothing will follow. */
  end(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    for (const consumer of [...this.#consumers]) consumer.ended(reason);
  }

  #someoneHungry(): boolean {
    for (const consumer of this.#consumers) if (consumer.hungry()) return true;
    return false;
  }

  #take(update: ScreenUpdate): void {
    if (this.#port.widthPx !== this.#frame.widthPx || this.#port.heightPx !== this.#frame.heightPx) {
      this.#frame = this.#copyOfPort();
      this.#generation++;
      this.#takeCursor(update);
      for (const consumer of [...this.#consumers]) consumer.resized();
      return;
    }
    const damage = this.#realDamage(update);
    const cursorChanged = this.#takeCursor(update);
    if (!damage.isEmpty) {
      const rest = damage.clone();
      const copies = findVerticalMotion(rest, this.#port.frame, this.#frame.pixels);
      for (const area of damage.rectangles()) this.#frame.copyFrom(this.#port.frame, area);
      this.#generation++;
      for (const consumer of [...this.#consumers]) consumer.updated({ damage, copies, rest });
    }
    if (cursorChanged) for (const consumer of [...this.#consumers]) consumer.cursorChanged();
  }

  #realDamage(update: ScreenUpdate): Damage {
    const { widthPx, heightPx, pixels } = this.#frame;
    const damage = new Damage(widthPx, heightPx);
    for (const rectangle of update.rectangles) {
      const area = clipToScreen(rectangle, widthPx, heightPx);
      if (area) addDifference(damage, this.#port.frame, pixels, area);
    }
    return damage;
  }

  #takeCursor(update: ScreenUpdate): boolean {
    const same =
      sameValue(this.#cursor, update.cursor) &&
      sameValue(this.#blink, update.blink) &&
      samePointer(this.#pointerShape, update.pointerShape);
    this.#cursor = update.cursor;
    this.#blink = update.blink;
    this.#pointerShape = update.pointerShape;
    return !same;
  }

  #copyOfPort(): Frame {
    const { widthPx, heightPx, frame } = this.#port;
    if (!(widthPx > 0 && heightPx > 0 && widthPx <= MAX_SCREEN_PX && heightPx <= MAX_SCREEN_PX) || frame.length < widthPx * heightPx) {
      throw new RangeError(`A screen of ${widthPx}x${heightPx} with ${frame.length} pixels cannot be shown.`);
    }
    const copy = new Frame(widthPx, heightPx);
    copy.pixels.set(frame.subarray(0, widthPx * heightPx));
    return copy;
  }
}

/** Cursor and blink states are small plain data: compared by what would be sent. */
function sameValue(a: TextCursor | Blink | undefined, b: TextCursor | Blink | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function samePointer(a: PointerShape | undefined, b: PointerShape | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.widthPx !== b.widthPx || a.heightPx !== b.heightPx || a.hotX !== b.hotX || a.hotY !== b.hotY) return false;
  return a.pixels.every((pixel, index) => pixel === b.pixels[index]);
}
