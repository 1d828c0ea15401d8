import type { Blink, FrameMessage, TextCursor } from '../protocol/server-messages.js';
import { Renderer } from './renderer.js';

/** A frame that is on the canvas now. */
export interface PaintedFrame {
  readonly frame: number;
  readonly inputId: number;
  readonly decodeMicros: number;
  /** Milliseconds since the epoch, comparable between worker and page. */
  readonly paintedAtMs: number;
}

/** A still of the picture: bytes R, G, B, 255, row by row, without cursor and blinking. */
export interface ScreenPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Decodes and draws, here or in a worker; everything happens in the order of the calls. */
export interface Painter {
  resize(widthPx: number, heightPx: number): void;
  draw(message: FrameMessage): void;
  setCursor(cursor: TextCursor | undefined): void;
  setBlink(blink: Blink | undefined): void;
  picture(): Promise<ScreenPicture>;
  /** Who is told; a canvas keeps its painter when a connection is replaced by another. */
  listener: PainterListener | undefined;
}

export interface PainterListener {
  painted(frame: PaintedFrame): void;
  /** A frame could not be decoded: the picture is void. */
  failed(reason: string): void;
}

/** Milliseconds since the epoch with the resolution of performance.now(). */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Draws `message` and measures it. */
export function drawMeasured(renderer: Renderer, message: FrameMessage): PaintedFrame {
  const start = performance.now();
  renderer.draw(message);
  const decodeMicros = Math.round((performance.now() - start) * 1000);
  return { frame: message.frame, inputId: message.inputId, decodeMicros, paintedAtMs: preciseNow() };
}

export function copyPicture(renderer: Renderer): ScreenPicture {
  const { widthPx, heightPx, pixels } = renderer.picture;
  return { widthPx, heightPx, pixels: new Uint8ClampedArray(pixels.slice().buffer) };
}

/** Decodes on the page's own thread: for browsers without OffscreenCanvas, and for pages without a worker. */
export class LocalPainter implements Painter {
  readonly #renderer: Renderer;
  listener: PainterListener | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#renderer = new Renderer(canvas);
  }

  resize(widthPx: number, heightPx: number): void {
    this.#renderer.resize(widthPx, heightPx);
  }

  draw(message: FrameMessage): void {
    try {
      const painted = drawMeasured(this.#renderer, message);
      this.listener?.painted(painted);
    } catch (error) {
      this.listener?.failed(String(error));
    }
  }

  setCursor(cursor: TextCursor | undefined): void {
    this.#renderer.setCursor(cursor);
  }

  setBlink(blink: Blink | undefined): void {
    this.#renderer.setBlink(blink);
  }

  picture(): Promise<ScreenPicture> {
    return Promise.resolve(copyPicture(this.#renderer));
  }
}
