import type { Socket } from 'node:net';
import { MAX_LINE_BYTES } from './process-protocol.js';

/** Calls `line` for each complete line; a line beyond the bound destroys the socket. Returns how to stop and get what is left. */
export function readLines(socket: Socket, line: (text: string) => void): { stop(): Buffer } {
  let held: Buffer = Buffer.alloc(0);
  let stopped = false;
  const take = (bytes: Buffer): void => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (let end = held.indexOf(10); end >= 0 && !stopped; end = held.indexOf(10)) {
      const text = held.toString('utf8', 0, end);
      held = held.subarray(end + 1);
      line(text);
    }
    if (held.length > MAX_LINE_BYTES && !stopped) socket.destroy();
  };
  socket.on('data', take);
  return {
    stop: () => {
      stopped = true;
      socket.off('data', take);
      return held;
    },
  };
}

export function writeLine(socket: Socket, value: unknown): void {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}
