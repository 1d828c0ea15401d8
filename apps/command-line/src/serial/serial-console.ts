import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Input } from '../terminal/prompt.js';
import type { EscapeFilter } from './escape-filter.js';
import type { SerialLine } from './serial-line.js';

/** After the escape key alone, this long for a second press that means the key itself. */
const ESCAPE_MS = 400;

/** Joins a serial port to this terminal until the escape key is pressed or the machine ends. */
export async function runConsole(line: SerialLine, input: Input, output: Writable, filter: EscapeFilter): Promise<void> {
  input.setRawMode?.(true);
  try {
    await new Promise<void>((resolve) => {
      listenInto(line, output, resolve);
      input.on('data', (typed: Buffer) => {
        const { bytes, leaves } = filter.take(typed);
        void line.send(bytes);
        if (leaves) resolve();
        else if (filter.isWaiting) setTimeout(() => filter.isWaiting && resolve(), ESCAPE_MS);
      });
      input.on('end', resolve);
      input.resume();
    });
  } finally {
    input.setRawMode?.(false);
    input.removeAllListeners('data');
    input.pause();
    line.close();
  }
  if (line.end) throw line.end;
}

/** Bytes from `input` to the port and from the port to `output`, until either ends; then listens on for `lingerMs`. */
export async function runRaw(line: SerialLine, input: Input, output: Writable, lingerMs: number): Promise<void> {
  const over = new Promise<void>((resolve) => listenInto(line, output, resolve));
  const sent = (async () => {
    for await (const piece of input as AsyncIterable<Buffer>) {
      await line.send(piece);
      if (line.isOver) return;
    }
    await sleep(lingerMs);
  })();
  await Promise.race([over, sent]);
  line.close();
  input.destroy();
  if (line.end) throw line.end;
}

/** Writes what the port sends; a slow reader makes the port's side wait. */
function listenInto(line: SerialLine, output: Writable, closed: () => void): void {
  line.listen((bytes) => {
    if (output.write(bytes)) return;
    line.pause();
    output.once('drain', () => line.resume());
  }, closed);
}
