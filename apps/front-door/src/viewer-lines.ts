import type { IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';

/** A viewer waits this long for a line of its host. */
const WAIT_MS = 5_000;
/** A line that has not answered the last question is dead; also keeps firewalls from forgetting those that wait. */
const PING_MS = 20_000;
/** A host keeps four lines waiting, and four more when its agent was replaced; what comes beyond is not meant for viewers. */
const MOST_WAITING = 32;

/** Lines of one host that wait for viewers, and viewers that wait for lines; never both. */
class Host {
  readonly lines: Duplex[] = [];
  readonly viewers: ((line: Duplex) => void)[] = [];
  /** Of all lines, those that viewers have too. */
  readonly sockets = new Set<WebSocket>();
  constructor(
    readonly server: Server,
    public token: string,
  ) {}
}

/**
 * Viewers' ways to hosts that are not beside the front door. Such a host holds WebSockets ready (VIEWER_LINE_PATH); each is
 * joined to one connection to a loopback port of ours that stands for the host. So it needs no way in, no address and no
 * certificate of its own, and each viewer has its own back-pressure.
 */
export class ViewerLines {
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #hosts = new Map<string, Host>();
  readonly #alive = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;

  constructor(pingMs = PING_MS) {
    this.#pings = setInterval(() => this.#ping(), pingMs);
  }

  /** The broker has let the host in; only this token opens lines from now on. */
  admit(hostId: string, token: string): void {
    const known = this.#hosts.get(hostId);
    if (known) {
      known.token = token;
      return;
    }
    const host = new Host(createServer({ pauseOnConnect: true }), token);
    host.server
      .on('connection', (viewer) => join(viewer, host))
      // Without a port viewers are told to try again.
      .on('error', () => {})
      .listen(0, '127.0.0.1');
    this.#hosts.set(hostId, host);
  }

  /** The host was removed: its lines end, and with them its viewers. */
  dismiss(hostId: string): void {
    const host = this.#hosts.get(hostId);
    if (!host) return;
    this.#hosts.delete(hostId);
    host.server.close();
    for (const socket of host.sockets) socket.terminate();
  }

  /** The loopback port that stands for the host. */
  portOf(hostId: string): number | undefined {
    return (this.#hosts.get(hostId)?.server.address() as AddressInfo | null | undefined)?.port;
  }

  /** A host brings a line. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const host = [...this.#hosts.values()].find((each) => each.token === token);
    if (!host) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    if (host.lines.length >= MOST_WAITING) {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#take(host, webSocket));
  }

  close(): void {
    clearInterval(this.#pings);
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const { server } of this.#hosts.values()) server.close();
  }

  #take(host: Host, webSocket: WebSocket): void {
    this.#alive.add(webSocket);
    for (const sign of ['pong', 'message']) webSocket.on(sign, () => this.#alive.add(webSocket));
    host.sockets.add(webSocket);
    const line = createWebSocketStream(webSocket);
    line.on('error', () => line.destroy());
    // The stream's own end would be seen only by a reader.
    webSocket.once('close', () => {
      host.sockets.delete(webSocket);
      const at = host.lines.indexOf(line);
      if (at >= 0) host.lines.splice(at, 1);
    });
    const viewer = host.viewers.shift();
    if (viewer) viewer(line);
    else host.lines.push(line);
  }

  #ping(): void {
    for (const socket of this.#sockets.clients) {
      // While a slow viewer holds the line up, its answer waits behind the viewer's bytes.
      if (!this.#alive.delete(socket) && !socket.isPaused) socket.terminate();
      else socket.ping();
    }
  }
}

function join(viewer: Socket, host: Host): void {
  viewer.on('error', () => viewer.destroy());
  const joinTo = (line: Duplex): void => {
    clearTimeout(late);
    pipeline(viewer, line, viewer, () => {});
  };
  const late = setTimeout(() => viewer.destroy(), WAIT_MS);
  viewer.once('close', () => {
    clearTimeout(late);
    const at = host.viewers.indexOf(joinTo);
    if (at >= 0) host.viewers.splice(at, 1);
  });
  const line = host.lines.shift();
  if (line) joinTo(line);
  else host.viewers.push(joinTo);
}
