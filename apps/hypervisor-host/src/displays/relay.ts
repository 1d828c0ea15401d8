import type { Socket } from 'node:net';
import { PlatformError } from '@millwright/contracts';
import type { WebSocket } from 'ws';
import { LengthPrefixedReader, writeMessage } from '../machines/length-prefixed.js';
import { writeLine } from '../machines/line-stream.js';
import type { MachineFiles } from '../machines/machine-files.js';
import { openChannel } from '../machines/process-client.js';
import { type DisplaySessionOpening, MAX_DISPLAY_MESSAGE_BYTES, type Opening } from '../machines/process-protocol.js';

/** Above this much unsent, the machine's side is paused until the viewer has caught up. */
const HIGH_WATER_BYTES = 1 << 20;
const PICTURE_MS = 5_000;
const MAX_PICTURE_BYTES = 16 << 20;

/**
 * Messages that come before the relay listens. Pausing a WebSocket stops the reading from its socket, but what one packet
 * has brought is still handed over: without this, a `hello` in the same packet as the ticket would be lost.
 */
export class EarlyMessages {
  readonly #messages: Buffer[] = [];
  readonly #keep = (data: Buffer): void => void this.#messages.push(data);

  constructor(private readonly webSocket: WebSocket) {
    webSocket.on('message', this.#keep);
  }

  /** Hands over what came, in order, and everything that follows. */
  deliverTo(take: (data: Buffer) => void): void {
    this.webSocket.off('message', this.#keep);
    for (const data of this.#messages.splice(0)) take(data);
    this.webSocket.on('message', take);
  }
}

/** Joins a viewer's WebSocket to the display server in the machine's process. Resolves once both are joined. */
export async function relayDisplay(
  webSocket: WebSocket,
  files: MachineFiles,
  session: DisplaySessionOpening,
  early: EarlyMessages,
): Promise<void> {
  const socket = await channel(files, { channel: 'display', session });
  socket.setNoDelay(true);
  const reader = new LengthPrefixedReader(socket, MAX_DISPLAY_MESSAGE_BYTES, (bytes) => sendPaced(webSocket, socket, bytes));
  socket.on('data', (bytes: Buffer) => reader.add(bytes));
  early.deliverTo((data) => {
    if (writeMessage(socket, data)) return;
    webSocket.pause();
    socket.once('drain', () => webSocket.resume());
  });
  joinEnds(webSocket, socket);
}

/** Joins a WebSocket to a serial port; bytes as binary messages. */
export async function relaySerial(webSocket: WebSocket, files: MachineFiles, port: number, early: EarlyMessages): Promise<void> {
  const socket = await channel(files, { channel: 'serial', port });
  socket.on('data', (bytes: Buffer) => sendPaced(webSocket, socket, bytes));
  early.deliverTo((data) => {
    if (socket.write(data)) return;
    webSocket.pause();
    socket.once('drain', () => webSocket.resume());
  });
  joinEnds(webSocket, socket);
}

/** The machine's picture as PNG, at most so wide. @throws PlatformError */
export async function readPicture(files: MachineFiles, maxWidthPx?: number): Promise<Buffer> {
  const socket = await channel(files, { channel: 'picture', ...(maxWidthPx ? { maxWidthPx } : {}) });
  socket.setTimeout(PICTURE_MS, () => socket.destroy());
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of socket as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_PICTURE_BYTES) break;
    pieces.push(piece);
  }
  if (length === 0) throw new PlatformError('platform.unavailable', 'unavailable', 'The machine gave no picture.');
  return Buffer.concat(pieces);
}

async function channel(files: MachineFiles, opening: Opening): Promise<Socket> {
  try {
    const socket = await openChannel(files);
    socket.on('error', () => socket.destroy());
    writeLine(socket, opening);
    return socket;
  } catch (error) {
    throw new PlatformError('machine.wrong-state', 'conflict', 'The machine is not running.', { cause: error });
  }
}

function sendPaced(webSocket: WebSocket, socket: Socket, bytes: Uint8Array): void {
  webSocket.send(bytes, () => {
    if (socket.isPaused() && webSocket.bufferedAmount < HIGH_WATER_BYTES / 2) socket.resume();
  });
  if (webSocket.bufferedAmount > HIGH_WATER_BYTES) socket.pause();
}

function joinEnds(webSocket: WebSocket, socket: Socket): void {
  webSocket.on('close', () => socket.end());
  socket.on('close', () => webSocket.close(1000));
  webSocket.resume();
}
