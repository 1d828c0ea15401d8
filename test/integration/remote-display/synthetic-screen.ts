import type { InputPort, ScreenPort, ScreenUpdate } from '@millwright/remote-display/server';

/**
 * A screen and its keyboard without a machine: what is painted is reported as whole scan lines, as a video
 * card does, and each key press paints a block at the next place.
 */
export class SyntheticScreen implements ScreenPort, InputPort {
  widthPx: number;
  heightPx: number;
  frame: Uint32Array;
  cursor: ScreenUpdate['cursor'];
  readonly input: string[] = [];
  #dirty: { top: number; bottom: number } | undefined;
  #answer: ((update: ScreenUpdate) => void) | undefined;
  #seed = 1;
  #presses = 0;

  constructor(widthPx: number, heightPx: number) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.frame = new Uint32Array(widthPx * heightPx).fill(0xff000000);
  }

  requestUpdate(): Promise<ScreenUpdate> {
    if (this.#dirty) return Promise.resolve(this.#take());
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  fill(x: number, y: number, widthPx: number, heightPx: number, color: number): void {
    for (let row = y; row < y + heightPx; row++) this.frame.fill(color, row * this.widthPx + x, row * this.widthPx + x + widthPx);
    this.changed(y, y + heightPx);
  }

  /** Lines of pseudo-text in a few colours, which palette tiles take. */
  text(y: number, lines: number): void {
    for (let row = y; row < y + lines * 16; row++) {
      for (let x = 0; x < this.widthPx; x++) {
        const ink = row % 16 < 12 && this.#random() < 0.3;
        this.frame[row * this.widthPx + x] = ink ? 0xff000000 | ((x >> 7) * 0x1f3a57) : 0xfff0f0e8;
      }
    }
    this.changed(y, y + lines * 16);
  }

  /** Every pixel another colour, which only raw tiles take. */
  photo(x: number, y: number, widthPx: number, heightPx: number): void {
    for (let row = y; row < y + heightPx; row++) {
      for (let column = x; column < x + widthPx; column++) {
        this.frame[row * this.widthPx + column] = (0xff000000 | (this.#random() * 0x1000000)) >>> 0;
      }
    }
    this.changed(y, y + heightPx);
  }

  scroll(lines: number): void {
    this.frame.copyWithin(0, lines * this.widthPx);
    this.changed(0, this.heightPx);
  }

  resize(widthPx: number, heightPx: number): void {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.frame = new Uint32Array(widthPx * heightPx).fill(0xff203040);
    this.changed(0, heightPx);
  }

  key(usage: number, down: boolean): void {
    this.input.push(`${down ? '+' : '-'}${usage}`);
    if (!down) return;
    const at = this.#presses++ % 3000;
    this.fill((at % 60) * 10, Math.floor(at / 60) * 12, 8, 10, 0xff000000 | (0x800000 + this.#presses * 97));
  }

  pointerAbsolute(x: number, y: number, buttons: number): void {
    this.input.push(`abs ${x},${y},${buttons}`);
  }

  pointerRelative(dx: number, dy: number, buttons: number): void {
    this.input.push(`rel ${dx},${dy},${buttons}`);
  }

  wheel(dz: number): void {
    this.input.push(`wheel ${dz}`);
  }

  changed(top: number, bottom: number): void {
    this.#dirty = { top: Math.min(top, this.#dirty?.top ?? top), bottom: Math.max(bottom, this.#dirty?.bottom ?? bottom) };
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(this.#take());
  }

  #take(): ScreenUpdate {
    const { top, bottom } = this.#dirty ?? { top: 0, bottom: 0 };
    this.#dirty = undefined;
    const rectangles = [{ x: 0, y: top, widthPx: this.widthPx, heightPx: bottom - top }];
    return { rectangles, widthPx: this.widthPx, heightPx: this.heightPx, cursor: this.cursor };
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) | 0;
    return (this.#seed >>> 8) / 0x1000000;
  }
}
