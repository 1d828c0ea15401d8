import type { SpeakerBackend } from '../../../bus/backends.js';

/*
 * The PC speaker: timer 2's square wave, let through by port 0x61 bit 1. It holds no registers of its own, so it is not a bus
 * device; the board calls `update` from the timer's `toneChanged` and port 0x61's `speakerChanged`.
 * Left out: sound made by switching bit 1 or short counts by hand (pulse-width modulation).
 */

/** Below, a beat rather than a tone; above, nothing a person hears (and what games use to silence the speaker). */
const LOWEST_HZ = 20;
const HIGHEST_HZ = 20_000;

export interface SpeakerSources {
  /** Frequency of timer 2 while it runs in a periodic mode, else 0. */
  toneHz(): number;
  /** Port 0x61 bit 1. */
  speakerData(): boolean;
}

export class Speaker {
  #hertz = 0;

  constructor(
    private readonly sources: SpeakerSources,
    private readonly backend: SpeakerBackend,
  ) {}

  /** A source may have changed: tells the backend when the tone did. */
  update(): void {
    const tone = this.sources.speakerData() ? this.sources.toneHz() : 0;
    const hertz = tone >= LOWEST_HZ && tone <= HIGHEST_HZ ? tone : 0;
    if (hertz === this.#hertz) return;
    this.#hertz = hertz;
    this.backend.tone(hertz);
  }
}
