import type { Blink, FrameMessage, TextCursor } from '../protocol/server-messages.js';
import { type DirtyBounds, FrameDecoder } from './frame-decoder.js';

/** A canvas of either kind; in a worker it is an OffscreenCanvas. */
export type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;

/**
 * Draws the decoded screen on a canvas, and over it what blinks: the picture itself always shows blinking cells
 * on and no text cursor, so the overlay can be taken back by painting the picture again.
 */
export class Renderer {
  readonly #canvas: AnyCanvas;
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  readonly #decoder = new FrameDecoder();
  #image: ImageData | undefined;
  #cursor: TextCursor | undefined;
  #blink: Blink | undefined;
  #cursorShown = true;
  #cellsShown = true;
  #cursorTimer: ReturnType<typeof setInterval> | undefined;
  #blinkTimer: ReturnType<typeof setInterval> | undefined;

  constructor(canvas: AnyCanvas) {
    this.#canvas = canvas;
    const context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
    if (!context) throw new Error('This canvas gives no 2D context.');
    this.#context = context;
  }

  /** The picture without overlay: bytes R, G, B, 255. */
  get picture(): { readonly widthPx: number; readonly heightPx: number; readonly pixels: Uint32Array<ArrayBuffer> } {
    return this.#decoder;
  }

  resize(widthPx: number, heightPx: number): void {
    if (!this.#decoder.resize(widthPx, heightPx)) return;
    this.#canvas.width = widthPx;
    this.#canvas.height = heightPx;
    this.#image = new ImageData(new Uint8ClampedArray(this.#decoder.pixels.buffer), widthPx, heightPx);
    this.setCursor(undefined);
    this.setBlink(undefined);
    this.#paint({ left: 0, top: 0, right: widthPx, bottom: heightPx });
  }

  /** Decodes and paints. @throws MalformedMessage */
  draw(message: FrameMessage): void {
    const dirty = this.#decoder.decode(message);
    if (dirty.right <= dirty.left) return;
    this.#paint(dirty);
    this.#paintOverlay();
  }

  setCursor(cursor: TextCursor | undefined): void {
    const before = this.#cursor;
    clearInterval(this.#cursorTimer);
    this.#cursor = cursor;
    this.#cursorShown = true;
    if (before) this.#paintPicture(before);
    this.#paintOverlay();
    if (!cursor || cursor.halfPeriodMs === 0) return;
    this.#cursorTimer = setInterval(() => {
      this.#cursorShown = !this.#cursorShown;
      if (!this.#cursorShown) this.#paintPicture(cursor);
      this.#paintOverlay();
    }, cursor.halfPeriodMs);
  }

  setBlink(blink: Blink | undefined): void {
    const before = this.#blink;
    clearInterval(this.#blinkTimer);
    this.#blink = blink;
    this.#cellsShown = true;
    for (const cell of before?.cells ?? []) this.#paintPicture(cell);
    this.#paintOverlay();
    if (!blink || blink.halfPeriodMs === 0) return;
    this.#blinkTimer = setInterval(() => {
      this.#cellsShown = !this.#cellsShown;
      if (this.#cellsShown) for (const cell of blink.cells) this.#paintPicture(cell);
      this.#paintOverlay();
    }, blink.halfPeriodMs);
  }

  dispose(): void {
    clearInterval(this.#cursorTimer);
    clearInterval(this.#blinkTimer);
  }

  #paint({ left, top, right, bottom }: DirtyBounds): void {
    if (this.#image) this.#context.putImageData(this.#image, 0, 0, left, top, right - left, bottom - top);
  }

  #paintPicture({ x, y, widthPx, heightPx }: { x: number; y: number; widthPx: number; heightPx: number }): void {
    this.#paint({ left: x, top: y, right: x + widthPx, bottom: y + heightPx });
  }

  #paintOverlay(): void {
    if (this.#blink && !this.#cellsShown) for (const cell of this.#blink.cells) this.#fill(cell, cell.background);
    if (this.#cursor && this.#cursorShown) this.#fill(this.#cursor, this.#cursor.color);
  }

  #fill({ x, y, widthPx, heightPx }: { x: number; y: number; widthPx: number; heightPx: number }, color: number): void {
    this.#context.fillStyle = `#${color.toString(16).padStart(6, '0')}`;
    this.#context.fillRect(x, y, widthPx, heightPx);
  }
}
