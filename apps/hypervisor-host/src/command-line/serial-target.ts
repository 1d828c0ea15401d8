import { createServer, type Server, type Socket } from 'node:net';
import { CommandError, ExitStatus } from './exit-status.js';

/** Where COM1 of `x86-vmm run` goes. */
export interface SerialTarget {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Ctrl-] (as in telnet) ends the program while the terminal is in raw mode. */
const ESCAPE = 0x1d;

/**
 * `stdio`, `none`, `tcp:127.0.0.1:PORT` (listens; loopback only) or `unix:PATH` (listens).
 * @param receive bytes for the guest
 */
export async function openSerialTarget(text: string, receive: (bytes: Uint8Array) => void, quit: () => void): Promise<SerialTarget> {
  if (text === 'none') return { write: () => {}, close: () => {} };
  if (text === 'stdio') return openStdio(receive, quit);
  const tcp = /^tcp:(127\.0\.0\.1|localhost|\[::1\]):(\d+)$/.exec(text);
  if (tcp) return listen(text, { host: tcp[1]!.replace(/[[\]]/g, ''), port: Number(tcp[2]) }, receive);
  if (text.startsWith('unix:') && text.length > 5) return listen(text, { path: text.slice(5) }, receive);
  throw new CommandError(ExitStatus.usage, `--serial ${text}: give stdio, none, tcp:127.0.0.1:PORT or unix:PATH`);
}

function openStdio(receive: (bytes: Uint8Array) => void, quit: () => void): SerialTarget {
  const { stdin, stdout } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', (bytes: Buffer) => (stdin.isTTY && bytes.includes(ESCAPE) ? quit() : receive(bytes)));
  // Whoever read our output has gone.
  stdout.on('error', quit);
  return {
    write: (bytes) => void stdout.write(bytes),
    close: () => {
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.destroy();
    },
  };
}

/** What keeps us from listening there, and what to do. */
const why = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'EADDRINUSE' ? 'the address is in use; give another one, or remove the socket nobody listens at' : message;

async function listen(
  target: string,
  address: { host: string; port: number } | { path: string },
  receive: (bytes: Uint8Array) => void,
): Promise<SerialTarget> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', receive);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new CommandError(ExitStatus.usage, `--serial ${target}: ${why(error)}`)));
    server.listen(address, resolve);
  });
  return {
    write: (bytes) => {
      for (const socket of sockets) socket.write(bytes);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
