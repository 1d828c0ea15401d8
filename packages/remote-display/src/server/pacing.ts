import { MAX_FRAMES_IN_FLIGHT } from '../protocol/limits.js';
import type { Damage } from '../screen/damage.js';

/** A frame on its way: what it brought up to date, for the case that it never arrives. */
export interface SentFrame {
  readonly frame: number;
  readonly damage: Damage;
}

/** More than this in the socket's own buffer means that the line is full, whatever the acknowledgements say. */
const MAX_BUFFERED_BYTES = 256 * 1024;

/**
 * Credit of one viewer: at most two frames in flight. A viewer without credit gets no frame; its damage is
 * gathered instead, so a slow line skips pictures and never falls behind.
 */
export class Pacing {
  #inFlight: SentFrame[] = [];
  #nextFrame = 1;
  #acknowledged = 0;
  #acknowledgedDamage: Damage | undefined;
  /** Decode time of the last acknowledged frame as the client measured it. */
  decodeMicros = 0;

  hasCredit(bufferedBytes: number): boolean {
    if (this.#inFlight.length === 0) return true;
    return this.#inFlight.length < MAX_FRAMES_IN_FLIGHT && bufferedBytes < MAX_BUFFERED_BYTES;
  }

  /** Registers a frame about to be sent and returns its id. */
  sent(damage: Damage): number {
    const frame = this.#nextFrame;
    this.#nextFrame = frame === 0xffff_ffff ? 1 : frame + 1;
    this.#inFlight.push({ frame, damage });
    return frame;
  }

  /** The client painted `frame` and all before it. False for a frame that is not in flight. */
  acknowledge(frame: number, decodeMicros: number): boolean {
    const at = this.#inFlight.findIndex((sent) => sent.frame === frame);
    if (at < 0) return false;
    this.#acknowledgedDamage = this.#inFlight[at]!.damage;
    this.#inFlight.splice(0, at + 1);
    this.#acknowledged = frame;
    this.decodeMicros = decodeMicros;
    return true;
  }

  /**
   * After a cut: the client says which frame it decoded last. Returns the frames that never arrived, or
   * `undefined` when the client's picture is not one this side can build on.
   */
  resume(lastFrame: number, widthPx: number, heightPx: number): readonly SentFrame[] | undefined {
    const known = this.acknowledge(lastFrame, this.decodeMicros) || (lastFrame !== 0 && lastFrame === this.#acknowledged);
    const lost = this.#inFlight;
    this.#inFlight = [];
    const base = this.#acknowledgedDamage;
    return known && base?.widthPx === widthPx && base.heightPx === heightPx ? lost : undefined;
  }
}
