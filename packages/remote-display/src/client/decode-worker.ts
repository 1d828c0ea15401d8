import { copyPicture, drawMeasured } from './painter.js';
import { Renderer } from './renderer.js';
import type { FromWorker, ToWorker } from './worker-painter.js';

/*
 * Entry of the decode worker: a module worker that owns the canvas. Bundlers find it through
 * `new Worker(new URL('@millwright/remote-display/client/decode-worker', import.meta.url), { type: 'module' })`
 * or the `createWorker` option of connectDisplay.
 */

/** What a dedicated worker's global scope offers of use here (the DOM library types only the page's). */
interface WorkerScope {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
let renderer: Renderer | undefined;

scope.addEventListener('message', ({ data }) => {
  if (data.kind === 'canvas') {
    renderer = new Renderer(data.canvas);
    return;
  }
  if (!renderer) return;
  switch (data.kind) {
    case 'resize':
      return renderer.resize(data.widthPx, data.heightPx);
    case 'draw':
      try {
        scope.postMessage({ kind: 'painted', painted: drawMeasured(renderer, data.message) });
      } catch (error) {
        scope.postMessage({ kind: 'failed', reason: String(error) });
      }
      return;
    case 'cursor':
      return renderer.setCursor(data.cursor);
    case 'blink':
      return renderer.setBlink(data.blink);
    case 'picture': {
      const picture = copyPicture(renderer);
      scope.postMessage({ kind: 'picture', id: data.id, picture }, [picture.pixels.buffer]);
    }
  }
});
