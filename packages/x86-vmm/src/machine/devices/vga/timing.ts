import type { MachineClock } from '../../../bus/clock.js';
import type { Dispi } from './dispi.js';
import type { RegisterFile } from './register-file.js';
import { CLOCKING, CRTC, MISC, OVERFLOW, SEQ, STATUS_1 } from './registers.js';

/*
 * Where the beam is: input status 1 as a function of guest time. Source: IBM VGA technical reference, "Input Status Register 1"
 * and "CRT Controller"; the crystals are 25.175 and 28.322 MHz.
 */

const CLOCK_HZ = { MHZ_25: 25_175_000, MHZ_28: 28_322_000 } as const;
const NS_PER_SECOND = 1e9;
/** Linear modes have no CRTC timing of their own: 60 frames a second, this many lines of blanking, retrace in its first half. */
const LINEAR = { FRAME_NS: 16_666_667, BLANK_LINES: 32 } as const;
/** A CRTC that nobody programmed yet is taken for 640x400 at 70 Hz. */
const MINIMUM_LINES = 100;
const DEFAULT_FRAME = { lines: 449, shown: 400, retrace: 412, retraceEnd: 414, lineNs: 31_778, shownNs: 25_422 } as const;

export class BeamTiming {
  #lines: number = DEFAULT_FRAME.lines;
  #shown: number = DEFAULT_FRAME.shown;
  #retrace: number = DEFAULT_FRAME.retrace;
  #retraceEnd: number = DEFAULT_FRAME.retraceEnd;
  #lineNs: number = DEFAULT_FRAME.lineNs;
  /** Part of a line with picture. */
  #shownNs: number = DEFAULT_FRAME.shownNs;
  #frameNs = BigInt(DEFAULT_FRAME.lines * DEFAULT_FRAME.lineNs);

  constructor(private readonly clock: MachineClock) {}

  status1(): number {
    const phase = Number(this.clock.now() % this.#frameNs);
    const line = Math.floor(phase / this.#lineNs);
    if (line >= this.#retrace && line < this.#retraceEnd) return STATUS_1.VERTICAL_RETRACE | STATUS_1.DISPLAY_DISABLED;
    return line >= this.#shown || phase - line * this.#lineNs >= this.#shownNs ? STATUS_1.DISPLAY_DISABLED : 0;
  }

  /** A timing register changed. */
  update(registers: RegisterFile, dispi: Dispi): void {
    if (dispi.enabled) this.#setLinear(dispi.height);
    else this.#setFromCrtc(registers);
    this.#frameNs = BigInt(Math.max(1, Math.round(this.#lines * this.#lineNs)));
  }

  #setLinear(height: number): void {
    this.#lines = height + LINEAR.BLANK_LINES;
    this.#shown = this.#retrace = height;
    this.#retraceEnd = height + LINEAR.BLANK_LINES / 2;
    this.#lineNs = LINEAR.FRAME_NS / this.#lines;
    this.#shownNs = this.#lineNs * 0.8;
  }

  #setFromCrtc({ crtc, seq, misc }: RegisterFile): void {
    const overflow = crtc[CRTC.OVERFLOW]!;
    const lines =
      crtc[CRTC.VERTICAL_TOTAL]! +
      (overflow & OVERFLOW.VERTICAL_TOTAL_8 ? 0x100 : 0) +
      (overflow & OVERFLOW.VERTICAL_TOTAL_9 ? 0x200 : 0) +
      2;
    if (lines < MINIMUM_LINES) {
      this.#lines = DEFAULT_FRAME.lines;
      this.#shown = DEFAULT_FRAME.shown;
      this.#retrace = DEFAULT_FRAME.retrace;
      this.#retraceEnd = DEFAULT_FRAME.retraceEnd;
      this.#lineNs = DEFAULT_FRAME.lineNs;
      this.#shownNs = DEFAULT_FRAME.shownNs;
      return;
    }
    this.#lines = lines;
    this.#shown = shownLines(crtc);
    this.#retrace =
      crtc[CRTC.VERTICAL_RETRACE_START]! +
      (overflow & OVERFLOW.VERTICAL_RETRACE_START_8 ? 0x100 : 0) +
      (overflow & OVERFLOW.VERTICAL_RETRACE_START_9 ? 0x200 : 0);
    // The end register holds the low four bits of the line on which retrace ends: one to sixteen lines later.
    this.#retraceEnd = this.#retrace + (((crtc[CRTC.VERTICAL_RETRACE_END]! - this.#retrace - 1) & 0xf) + 1);
    const clocking = seq[SEQ.CLOCKING_MODE]!;
    const dots = (clocking & CLOCKING.EIGHT_DOTS ? 8 : 9) * (clocking & CLOCKING.HALF_DOT_CLOCK ? 2 : 1);
    const hertz = (misc & MISC.CLOCK_MASK) === MISC.CLOCK_28_MHZ ? CLOCK_HZ.MHZ_28 : CLOCK_HZ.MHZ_25;
    this.#lineNs = ((crtc[CRTC.HORIZONTAL_TOTAL]! + 5) * dots * NS_PER_SECOND) / hertz;
    this.#shownNs = ((crtc[CRTC.HORIZONTAL_DISPLAY_END]! + 1) * dots * NS_PER_SECOND) / hertz;
  }
}

/** Scan lines with picture (vertical display end + 1). */
export function shownLines(crtc: Uint8Array): number {
  const overflow = crtc[CRTC.OVERFLOW]!;
  const end =
    crtc[CRTC.VERTICAL_DISPLAY_END]! +
    (overflow & OVERFLOW.VERTICAL_DISPLAY_END_8 ? 0x100 : 0) +
    (overflow & OVERFLOW.VERTICAL_DISPLAY_END_9 ? 0x200 : 0);
  return end + 1;
}
