import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { Socket } from 'node:net';
import {
  AGENT_PATH,
  API_PREFIX,
  EVENTS_PATH,
  failure,
  HOST_PARAMETER,
  HOST_PATHS,
  PROBLEM_MEDIA_TYPE,
  problemOf,
  VIEWER_LINE_PATH,
} from '@millwright/contracts';
import httpProxy from 'http-proxy-3';
import type { Config } from './config.js';
import { StartError } from './config.js';
import { ViewerLines } from './viewer-lines.js';

/** Loopback ports of the parts; absent while a part is not ready. */
export interface Targets {
  broker?: number;
  agent?: number;
  portal?: number;
}

const STARTING = JSON.stringify(problemOf(failure('platform.unavailable', 'This part of Millwright is starting. Try again soon.')));

/** The one public listener: routes by path, knows nothing else. */
export class FrontDoor {
  readonly targets: Targets = {};
  readonly viewerLines = new ViewerLines();
  readonly #proxy = httpProxy.createProxyServer({ xfwd: true });
  readonly #server: Server;

  constructor(tls: { readonly cert: string; readonly key: string } | undefined) {
    const handle = (request: IncomingMessage, response: ServerResponse): void => this.#handle(request, response);
    this.#server = tls ? (createHttpsServer(tls, handle) as unknown as Server) : createHttpServer(handle);
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => this.#upgrade(request, socket, head));
    this.#proxy.on('error', (_error, _request, response) => {
      if (response instanceof Socket) response.destroy();
      else if (response && 'writeHead' in response) unavailable(response as ServerResponse);
    });
  }

  /** @throws StartError when the port cannot be had */
  listen(config: Config): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, config)));
      this.#server.listen(config.port, config.listen, resolve);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      this.#proxy.close();
      this.viewerLines.close();
    });
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const port = this.#route(request.url ?? '/');
    if (port === undefined) unavailable(response);
    else this.#proxy.web(request, response, { target: `http://127.0.0.1:${port}` });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (request.url === VIEWER_LINE_PATH) {
      this.viewerLines.upgrade(request, socket, head);
      return;
    }
    const port = this.#route(request.url ?? '/');
    if (port === undefined) socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
    else this.#proxy.ws(request, socket, head, { target: `ws://127.0.0.1:${port}` });
  }

  #route(url: string): number | undefined {
    const [path, query] = url.split('?', 2) as [string, string?];
    if (under(path, API_PREFIX) || under(path, EVENTS_PATH) || path === AGENT_PATH) return this.targets.broker;
    if (under(path, HOST_PATHS.display) || under(path, HOST_PATHS.uploads)) {
      const hostId = new URLSearchParams(query).get(HOST_PARAMETER);
      return hostId === null ? this.targets.agent : this.viewerLines.portOf(hostId);
    }
    return this.targets.portal;
  }
}

function under(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function unavailable(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(503, { 'content-type': PROBLEM_MEDIA_TYPE, 'retry-after': '2' });
  response.end(STARTING);
}

function listenError(error: NodeJS.ErrnoException, { port, listen }: Config): StartError {
  if (error.code === 'EADDRINUSE')
    return new StartError(`Port ${port} is in use: end the program that has it, or set MILLWRIGHT_PORT to another port.`);
  if (error.code === 'EACCES') return new StartError(`Port ${port} needs special rights: set MILLWRIGHT_PORT to a port above 1023.`);
  return new StartError(`Cannot listen on ${listen}:${port} (${error.code}): set MILLWRIGHT_LISTEN to an address of this machine.`);
}
