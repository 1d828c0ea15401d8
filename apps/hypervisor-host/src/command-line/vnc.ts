import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { RfbServer } from '@millwright/remote-display/rfb';
import { DisplayServer } from '@millwright/remote-display/server';
import type { Machine } from '@millwright/x86-vmm';
import { MachineInput, MachineScreen } from '../displays/machine-ports.js';
import { CommandError, ExitStatus } from './exit-status.js';
import { fileProblem } from './file-problem.js';

const FIRST_PORT = 5900;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);
/** VNC authentication looks at eight characters and no more (RFC 6143 §7.2.2). */
const PASSWORD_CHARACTERS = 8;

/** Serves a machine's screen as VNC display `HOST:N` (TCP port 5900 + N). Returns how to end it. @throws CommandError */
export async function serveVnc(machine: Machine, address: string, passwordFile: string | undefined): Promise<() => void> {
  const match = /^(.+):(\d{1,3})$/.exec(address);
  if (!match) throw new CommandError(ExitStatus.usage, `--vnc ${address}: give HOST:DISPLAY, e.g. 127.0.0.1:1`);
  const host = match[1]!.replace(/^\[(.*)\]$/, '$1');
  if (!LOOPBACK.has(host) && passwordFile === undefined) {
    throw new CommandError(ExitStatus.usage, `--vnc ${address}: beyond loopback a --vnc-password-file is required`);
  }
  const password = passwordFile === undefined ? undefined : await readPassword(passwordFile);
  const display = new DisplayServer({
    screen: new MachineScreen(machine),
    input: new MachineInput(machine),
    pointerMode: machine.pointerAbsolute ? 'absolute' : 'relative',
  });
  const rfb = new RfbServer({
    display,
    security: password === undefined ? { type: 'none' } : { type: 'vnc', password: () => password },
    desktopName: 'Millwright',
  });
  machine.listen((event) => {
    if (event.event === 'pointer-mode') display.setPointerMode(event.mode.absolute ? 'absolute' : 'relative');
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    rfb.attach(socket);
  });
  const port = FIRST_PORT + Number(match[2]);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new CommandError(ExitStatus.usage, `--vnc ${address}: ${whyNot(error, host, port)}`)));
    server.listen(port, host, resolve);
  });
  return () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
}

/** What keeps us from listening there, and what to do. */
function whyNot({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use; give another display`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine; give one that is`;
    default:
      return message;
  }
}

async function readPassword(path: string): Promise<string> {
  const password = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    (error: unknown) => {
      throw new CommandError(ExitStatus.imageRefused, fileProblem('--vnc-password-file', path, error));
    },
  );
  if (password === '') throw new CommandError(ExitStatus.imageRefused, `--vnc-password-file ${path}: is empty; write a password into it`);
  if (password.length > PASSWORD_CHARACTERS)
    console.error(`x86-vmm: VNC looks at the first ${PASSWORD_CHARACTERS} characters of the password only`);
  return password;
}
