import type { Blink, FrameMessage, TextCursor } from '../protocol/server-messages.js';
import type { PaintedFrame, Painter, PainterListener, ScreenPicture } from './painter.js';

/** Page → decode worker. */
export type ToWorker =
  | { readonly kind: 'canvas'; readonly canvas: OffscreenCanvas }
  | { readonly kind: 'resize'; readonly widthPx: number; readonly heightPx: number }
  | { readonly kind: 'draw'; readonly message: FrameMessage }
  | { readonly kind: 'cursor'; readonly cursor: TextCursor | undefined }
  | { readonly kind: 'blink'; readonly blink: Blink | undefined }
  | { readonly kind: 'picture'; readonly id: number };

/** Decode worker → page. */
export type FromWorker =
  | { readonly kind: 'painted'; readonly painted: PaintedFrame }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'picture'; readonly id: number; readonly picture: ScreenPicture };

/** Decodes in a worker onto an OffscreenCanvas, so that nothing on the page can hold up the picture. */
export class WorkerPainter implements Painter {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (picture: ScreenPicture) => void>();
  #nextId = 1;
  listener: PainterListener | undefined;

  constructor(canvas: HTMLCanvasElement, worker: Worker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#receive(data));
    worker.addEventListener('error', (event) => this.listener?.failed(event.message || 'The decode worker could not be started.'));
    const offscreen = canvas.transferControlToOffscreen();
    this.#post({ kind: 'canvas', canvas: offscreen }, [offscreen]);
  }

  resize(widthPx: number, heightPx: number): void {
    this.#post({ kind: 'resize', widthPx, heightPx });
  }

  draw(message: FrameMessage): void {
    // A copy, because the body is a view of the socket's buffer, which may hold other messages.
    const body = message.body.slice();
    this.#post({ kind: 'draw', message: { ...message, body } }, [body.buffer]);
  }

  setCursor(cursor: TextCursor | undefined): void {
    this.#post({ kind: 'cursor', cursor });
  }

  setBlink(blink: Blink | undefined): void {
    this.#post({ kind: 'blink', blink });
  }

  picture(): Promise<ScreenPicture> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#post({ kind: 'picture', id });
    });
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'painted':
        return this.listener?.painted(message.painted);
      case 'failed':
        return this.listener?.failed(message.reason);
      case 'picture':
        this.#waiting.get(message.id)?.(message.picture);
        this.#waiting.delete(message.id);
    }
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
