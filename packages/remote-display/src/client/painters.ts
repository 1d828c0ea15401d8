import { LocalPainter, type Painter } from './painter.js';
import { WorkerPainter } from './worker-painter.js';

/**
 * One painter per canvas for as long as the canvas lives: control of a canvas can be given to a worker only
 * once, and a page may connect the same canvas again (React mounts twice in development).
 */
const PAINTERS = new WeakMap<HTMLCanvasElement, Painter>();

/** Ends the worker of a canvas that the page has let go of. */
const ENDED = typeof FinalizationRegistry === 'undefined' ? undefined : new FinalizationRegistry<Worker>((worker) => worker.terminate());

export function painterOf(canvas: HTMLCanvasElement, createWorker: (() => Worker) | undefined): Painter {
  const known = PAINTERS.get(canvas);
  if (known) return known;
  const painter = makePainter(canvas, createWorker);
  PAINTERS.set(canvas, painter);
  return painter;
}

function makePainter(canvas: HTMLCanvasElement, createWorker: (() => Worker) | undefined): Painter {
  if (!createWorker || typeof OffscreenCanvas === 'undefined' || !('transferControlToOffscreen' in canvas)) return new LocalPainter(canvas);
  let worker: Worker;
  try {
    worker = createWorker();
  } catch {
    // A page policy may forbid workers; the picture matters more than the thread.
    return new LocalPainter(canvas);
  }
  ENDED?.register(canvas, worker);
  return new WorkerPainter(canvas, worker);
}
