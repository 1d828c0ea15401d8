import { toAbsolute } from '../protocol/pointer.js';
import type { PointerMode, PointerShape } from '../protocol/server-messages.js';

export interface PointerOutput {
  pointerAbsolute(x: number, y: number, buttons: number): void;
  pointerRelative(dx: number, dy: number, buttons: number): void;
  wheel(dz: number): void;
  /** Asked before a click captures the pointer. */
  mayCapture(): boolean;
}

/** Pixels of a wheel event that make one notch (Chromium sends 100 or 120 for one). */
const WHEEL_NOTCH_PX = 100;
/** Lines of a wheel event in line mode that make one notch (Firefox). */
const WHEEL_NOTCH_LINES = 3;

/**
 * Turns mouse, pen and touch on the canvas into what the guest's pointer understands. Absolute: the local
 * position is the truth. Relative: a click captures the pointer (pointer lock) and differences are sent.
 */
export class Pointer {
  readonly #canvas: HTMLCanvasElement;
  readonly #output: PointerOutput;
  readonly #screen: () => { readonly widthPx: number; readonly heightPx: number };
  readonly #stop = new AbortController();
  #mode: PointerMode = 'absolute';
  #shape: PointerShape | undefined;
  #wheel = 0;
  /** Fractions of a count that were not sent yet. */
  #restX = 0;
  #restY = 0;
  /** Of the last relative message of this capture. */
  #buttons = 0;
  #last: { readonly x: number; readonly y: number } | undefined;

  /** @param onCapture called when the pointer is captured or let go. */
  constructor(
    canvas: HTMLCanvasElement,
    output: PointerOutput,
    screen: () => { readonly widthPx: number; readonly heightPx: number },
    onCapture: (captured: boolean) => void,
  ) {
    this.#canvas = canvas;
    this.#output = output;
    this.#screen = screen;
    const { signal } = this.#stop;
    canvas.style.touchAction = 'none';
    canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    canvas.addEventListener('pointermove', (event) => this.#move(event), { signal });
    canvas.addEventListener('pointerup', (event) => this.#move(event), { signal });
    canvas.addEventListener('pointercancel', (event) => this.#move(event), { signal });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    canvas.addEventListener('wheel', (event) => this.#onWheel(event), { signal, passive: false });
    const captureChanged = (): void => {
      // What was held in the last capture is not held in this one.
      [this.#buttons, this.#restX, this.#restY] = [0, 0, 0];
      onCapture(this.isCaptured);
    };
    document.addEventListener('pointerlockchange', captureChanged, { signal });
  }

  get isCaptured(): boolean {
    return document.pointerLockElement === this.#canvas;
  }

  setMode(mode: PointerMode): void {
    this.#mode = mode;
    if (mode === 'absolute') this.release();
    this.#showCursor();
  }

  setShape(shape: PointerShape | undefined): void {
    this.#shape = shape;
    this.#showCursor();
  }

  release(): void {
    if (this.isCaptured) document.exitPointerLock();
  }

  dispose(): void {
    this.release();
    this.#stop.abort();
  }

  #down(event: PointerEvent): void {
    event.preventDefault();
    this.#canvas.focus({ preventScroll: true });
    if (this.#mode === 'relative' && event.pointerType === 'mouse' && !this.isCaptured) {
      if (!this.#output.mayCapture()) return;
      // The click that captures is not the guest's. It may be refused (no user gesture); the next click tries again.
      Promise.resolve(this.#canvas.requestPointerLock() as unknown).catch(() => {});
      return;
    }
    if (!this.isCaptured) this.#canvas.setPointerCapture(event.pointerId);
    this.#last = { x: event.clientX, y: event.clientY };
    this.#move(event);
  }

  #move(event: PointerEvent): void {
    const buttons = event.type === 'pointercancel' ? 0 : event.buttons & 0x1f;
    if (this.#mode === 'absolute') {
      const { x, y } = this.#position(event);
      return this.#output.pointerAbsolute(x, y, buttons);
    }
    if (event.pointerType === 'mouse') {
      if (this.isCaptured) this.#relative(event.movementX, event.movementY, buttons);
      return;
    }
    const last = this.#last ?? { x: event.clientX, y: event.clientY };
    this.#last = { x: event.clientX, y: event.clientY };
    this.#relative(event.clientX - last.x, event.clientY - last.y, buttons);
  }

  #relative(dx: number, dy: number, buttons: number): void {
    this.#restX += dx;
    this.#restY += dy;
    const [x, y] = [Math.trunc(this.#restX), Math.trunc(this.#restY)];
    this.#restX -= x;
    this.#restY -= y;
    // Nothing moved and nothing was pressed: the release of the click that captured, or less than a count.
    if (x === 0 && y === 0 && buttons === this.#buttons) return;
    this.#buttons = buttons;
    this.#output.pointerRelative(x, y, buttons);
  }

  /** Position on the screen for a position on the page, whatever the canvas is scaled to. */
  #position(event: PointerEvent): { x: number; y: number } {
    const { widthPx, heightPx } = this.#screen();
    const box = this.#canvas.getBoundingClientRect();
    let [left, top, width, height] = [box.left, box.top, box.width, box.height];
    if (getComputedStyle(this.#canvas).objectFit === 'contain') {
      const scale = Math.min(width / widthPx, height / heightPx);
      left += (width - widthPx * scale) / 2;
      top += (height - heightPx * scale) / 2;
      width = widthPx * scale;
      height = heightPx * scale;
    }
    const px = Math.floor(((event.clientX - left) / width) * widthPx);
    const py = Math.floor(((event.clientY - top) / height) * heightPx);
    return { x: toAbsolute(px, widthPx), y: toAbsolute(py, heightPx) };
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    const notch =
      event.deltaMode === WheelEvent.DOM_DELTA_PIXEL
        ? WHEEL_NOTCH_PX
        : event.deltaMode === WheelEvent.DOM_DELTA_LINE
          ? WHEEL_NOTCH_LINES
          : 1;
    this.#wheel += event.deltaY / notch;
    const notches = Math.trunc(this.#wheel);
    if (notches === 0) return;
    this.#wheel -= notches;
    this.#output.wheel(notches);
  }

  #showCursor(): void {
    if (this.#mode === 'relative') this.#canvas.style.cursor = 'none';
    else this.#canvas.style.cursor = this.#shape ? cssCursor(this.#shape) : 'default';
  }
}

function cssCursor({ widthPx, heightPx, hotX, hotY, pixels }: PointerShape): string {
  const canvas = document.createElement('canvas');
  canvas.width = widthPx;
  canvas.height = heightPx;
  const image = new ImageData(widthPx, heightPx);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i]!;
    image.data.set([(pixel >>> 16) & 0xff, (pixel >>> 8) & 0xff, pixel & 0xff, pixel >>> 24], 4 * i);
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return `url(${canvas.toDataURL()}) ${hotX} ${hotY}, default`;
}
