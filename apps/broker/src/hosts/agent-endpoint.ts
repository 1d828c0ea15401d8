import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AGENT_HELLO_TIMEOUT_MS, AGENT_MESSAGE_MAX_BYTES, AGENT_PATH, EVENTS_PATH, failure, type HostId } from '@millwright/contracts';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type WebSocket, WebSocketServer } from 'ws';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config.js';
import { Identifiers } from '../platform/identifiers.js';
import { Log } from '../platform/log.js';
import { Notifications } from '../platform/notifications.js';
import { Starter } from '../platform/starter.js';
import { Tickets } from '../sessions/tickets.js';
import { AgentConnection, type AgentServices } from './agent-connection.js';
import { EnrolHost } from './enrol-host.service.js';
import { Commands } from './host.js';
import { HostLinks } from './host-links.js';
import { HostPresence } from './host-presence.service.js';
import { TakeCommandResult } from './take-command-result.service.js';
import { TakeReport } from './take-report.service.js';

/** Unworked messages at which an agent's socket is no longer read. */
const QUEUE_LIMIT = 64;
/** Everybody who reaches the front door may knock: until we know who it is, a message is a hello and no longer than one. */
const INTRODUCTION_MAX_BYTES = 256 * 1024;

/** The WebSocket on AGENT_PATH, beside socket.io on one HTTP server. */
@Injectable()
export class AgentEndpoint implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: AGENT_MESSAGE_MAX_BYTES });
  readonly #byHost = new Map<HostId, AgentConnection>();
  readonly #services: AgentServices;
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly http: HttpAdapterHost,
    private readonly notifications: Notifications,
    private readonly log: Log,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly starter: Starter,
    enrolHost: EnrolHost,
    presence: HostPresence,
    takeReport: TakeReport,
    takeResult: TakeCommandResult,
    commands: Commands,
    tickets: Tickets,
    identifiers: Identifiers,
  ) {
    this.#services = {
      enrolHost,
      presence,
      takeReport,
      takeResult,
      commands,
      clock,
      log,
      heartbeatMs: config.heartbeatMs,
      brokerId: randomUUID(),
      ticketKeys: () => tickets.publicKeys(),
      admitViewerLines(hostId) {
        if (!starter.isThere) return undefined;
        const viewerToken = identifiers.secret('viewers');
        starter.tell({ viewerToken, hostId });
        return viewerToken;
      },
      onArrived: (hostId, connection) => this.#arrived(hostId, connection),
    };
  }

  onApplicationBootstrap(): void {
    const server: Server = this.http.httpAdapter.getHttpServer();
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head));
    this.notifications.on('host-commands', (hostId) => void this.#byHost.get(hostId as HostId)?.deliver());
    this.notifications.on('host-dropped', (hostId) => this.#dropped(hostId as HostId));
    this.#sweep = setInterval(() => this.#sweepSilent(), this.config.heartbeatMs);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#sweep);
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    await Promise.all([...this.#byHost.values()].map((connection) => connection.closed()));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = request.url?.split('?')[0] ?? '';
    if (path.startsWith(EVENTS_PATH)) return; // socket.io's own
    // Agents are programs: a browser, which always sends Origin, has no business here.
    if (path !== AGENT_PATH || request.headers.origin !== undefined) return void socket.destroy();
    this.#server.handleUpgrade(request, socket, head, (client) => this.#accept(client, addressOf(request)));
  }

  #accept(client: WebSocket, address: string | null): void {
    const connection = new AgentConnection({ address, send: (text) => client.send(text), close: () => client.close() }, this.#services);
    const hello = setTimeout(() => {
      if (!connection.hostId) client.terminate();
    }, AGENT_HELLO_TIMEOUT_MS);
    let waiting = 0;
    client.on('message', (data, isBinary) => {
      if (isBinary) return client.close(1003);
      const text = String(data);
      if (!connection.hostId && text.length > INTRODUCTION_MAX_BYTES) return client.terminate();
      if (++waiting > QUEUE_LIMIT) client.pause();
      void connection.receive(text).finally(() => {
        if (--waiting <= QUEUE_LIMIT / 2 && client.isPaused) client.resume();
      });
    });
    client.on('error', (error) => this.log.info({ err: error, hostId: connection.hostId }, 'agent socket failed'));
    client.on('close', () => {
      clearTimeout(hello);
      if (connection.hostId && this.#byHost.get(connection.hostId) === connection) this.#byHost.delete(connection.hostId);
      void connection.closed();
    });
  }

  #arrived(hostId: HostId, connection: AgentConnection): void {
    this.#byHost.get(hostId)?.refuse(failure('host.superseded'));
    this.#byHost.set(hostId, connection);
    this.log.info({ hostId }, 'host connected');
  }

  /** The host was removed, perhaps while it was away: its lines for viewers end with its connection. */
  #dropped(hostId: HostId): void {
    this.#byHost.get(hostId)?.refuse(failure('host.unknown'));
    this.starter.tell({ viewerToken: null, hostId });
  }

  /** Three missed heartbeats end a connection; and commands are looked for even if a notification was lost. */
  #sweepSilent(): void {
    const oldest = this.clock.now().getTime() - 3 * this.config.heartbeatMs;
    for (const connection of this.#byHost.values()) {
      if (connection.lastHeardMs < oldest) connection.refuse(failure('host.offline'));
      else void connection.deliver();
    }
  }
}

/** The front door on this machine has added whom it saw, last. */
function addressOf({ headers, socket }: IncomingMessage): string | null {
  const forwarded = headers['x-forwarded-for'];
  return (
    String(forwarded ?? '')
      .split(',')
      .at(-1)
      ?.trim() ||
    (socket.remoteAddress ?? null)
  );
}

/** Wakes the broker that holds the host's connection, this one included, by a notification through the database. */
@Injectable()
export class NotifiedHostLinks implements HostLinks {
  constructor(private readonly notifications: Notifications) {}
  wake(hostId: HostId): void {
    this.notifications.send('host-commands', hostId);
  }
  drop(hostId: HostId): void {
    this.notifications.send('host-dropped', hostId);
  }
}
