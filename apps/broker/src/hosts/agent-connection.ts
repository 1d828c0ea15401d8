import { randomUUID } from 'node:crypto';
import {
  AGENT_PROTOCOL,
  type AgentMessage,
  AgentMessageSchema,
  type BrokerMessage,
  failure,
  type HostId,
  PlatformError,
  type TicketKey,
} from '@millwright/contracts';
import type { Clock } from '../platform/clock.js';
import type { Log } from '../platform/log.js';
import type { EnrolHost } from './enrol-host.service.js';
import type { CommandRecord, Commands } from './host.js';
import type { HostPresence } from './host-presence.service.js';
import type { TakeCommandResult } from './take-command-result.service.js';
import type { TakeReport } from './take-report.service.js';

export interface AgentSocket {
  readonly address: string | null;
  send(text: string): void;
  close(): void;
}

export interface AgentServices {
  readonly enrolHost: EnrolHost;
  readonly presence: HostPresence;
  readonly takeReport: TakeReport;
  readonly takeResult: TakeCommandResult;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly log: Log;
  readonly heartbeatMs: number;
  readonly brokerId: string;
  ticketKeys(): readonly TicketKey[];
  /** Lets the host hold lines for its viewers ready at the front door; undefined when there is no front door to be told. */
  admitViewerLines(hostId: HostId): string | undefined;
  /** Called once the host is known; the endpoint keeps one connection per host. */
  onArrived(hostId: HostId, connection: AgentConnection): void;
}

/**
 * One agent's socket, from the first message to the last. Messages are worked off one after the other; a failure that
 * is not the agent's (the database is away) closes the socket, and the agent's next full report makes good for it.
 */
export class AgentConnection {
  readonly #link: string;
  #hostId: HostId | undefined;
  /** Commands flow from the first full report until `leaving`. */
  #takesCommands = false;
  /** It has said so and saves its machines: it is offline for everybody, and its connection stays for the reports. */
  #isLeaving = false;
  #isClosed = false;
  #work: Promise<void> = Promise.resolve();
  readonly #sent = new Set<string>();
  lastHeardMs: number;

  constructor(
    private readonly socket: AgentSocket,
    private readonly services: AgentServices,
  ) {
    this.#link = `${services.brokerId}/${randomUUID()}`;
    this.lastHeardMs = services.clock.now().getTime();
  }

  get hostId(): HostId | undefined {
    return this.#hostId;
  }

  /** Resolves when the message has been worked off. */
  receive(text: string): Promise<void> {
    this.lastHeardMs = this.services.clock.now().getTime();
    return this.#then(() => this.#handle(text));
  }

  /** Looks for commands that have not been sent over this socket. */
  deliver(): Promise<void> {
    return this.#then(() => this.#sendCommands());
  }

  closed(): Promise<void> {
    this.#isClosed = true;
    this.#work = this.#work
      .then(async () => {
        if (this.#hostId) await this.services.presence.leave(this.#hostId, this.#link);
      })
      .catch((error: unknown) => this.services.log.warn({ err: error, hostId: this.#hostId }, 'host left, which could not be noted'));
    return this.#work;
  }

  refuse(error: PlatformError): void {
    this.#send({ type: 'refused', code: error.code, message: error.message });
    this.#isClosed = true;
    this.socket.close();
  }

  #then(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work
      .then(async () => {
        if (!this.#isClosed) await step();
      })
      .catch((error: unknown) => this.#failed(error));
    return this.#work;
  }

  #failed(error: unknown): void {
    const isTheirs = error instanceof PlatformError && error.kind !== 'defect' && error.kind !== 'unavailable';
    if (isTheirs) this.services.log.info({ code: error.code, hostId: this.#hostId }, 'agent refused');
    else this.services.log.error({ err: error, hostId: this.#hostId }, 'agent message failed; closing its connection');
    this.refuse(error instanceof PlatformError ? error : failure('platform.unavailable'));
  }

  async #handle(text: string): Promise<void> {
    const json = parsedJson(text);
    const known = AgentMessageSchema.safeParse(json);
    if (!known.success) {
      // A newer agent may say things we do not know; a known type that does not fit is an error.
      if (isUnknownType(json)) return;
      throw failure(
        'request.invalid',
        `The message does not fit the protocol: ${known.error.issues[0]?.path.join('.')}: ${known.error.issues[0]?.message}`,
      );
    }
    if (this.#hostId) await this.#handleOf(this.#hostId, known.data);
    else await this.#introduce(known.data);
  }

  async #introduce(message: AgentMessage): Promise<void> {
    const { services } = this;
    if (message.type !== 'enrol' && message.type !== 'hello') throw failure('request.invalid', 'Say enrol or hello first.');
    if (!AGENT_PROTOCOL.accepted.includes(message.protocol))
      throw failure('host.version-unsupported', undefined, { protocol: message.protocol });
    if (message.type === 'enrol') {
      this.#send({ type: 'enrolled', ...(await services.enrolHost.execute(message.token, message.name, this.socket.address)) });
      return;
    }
    const { isLocal } = await services.presence.arrive(message.hostId, message.secret, message.facts, this.#link);
    this.#hostId = message.hostId;
    services.onArrived(message.hostId, this);
    this.#send({
      type: 'welcome',
      protocol: AGENT_PROTOCOL.version,
      ticketKeys: [...services.ticketKeys()],
      heartbeatMs: services.heartbeatMs,
      now: services.clock.now().toISOString(),
      viewerToken: isLocal ? undefined : services.admitViewerLines(message.hostId),
    });
  }

  async #handleOf(hostId: HostId, message: AgentMessage): Promise<void> {
    const { takeReport, takeResult, presence } = this.services;
    switch (message.type) {
      case 'report':
        await takeReport.full(hostId, message.report);
        this.#takesCommands = !this.#isLeaving;
        return this.#sendCommands();
      case 'machine':
        return takeReport.machine(hostId, message.machine);
      case 'image':
        return takeReport.image(hostId, message.image);
      case 'task':
        return takeReport.task(hostId, message.task);
      case 'heartbeat':
        // Of a host that is leaving it only keeps the connection: to refuse it would lose the reports of what is saved.
        return this.#isLeaving ? undefined : presence.beat(hostId, message.load, this.#link);
      case 'acknowledgement':
        return takeResult.acknowledged(hostId, message.commandId);
      case 'result':
        return takeResult.finished(hostId, message.commandId, message.error);
      case 'leaving':
        this.#isLeaving = true;
        this.#takesCommands = false;
        return presence.leave(hostId, this.#link);
      case 'enrol':
      case 'hello':
        throw failure('request.invalid', 'This connection has introduced itself already.');
    }
  }

  async #sendCommands(): Promise<void> {
    if (!this.#hostId || !this.#takesCommands) return;
    const waiting = await this.services.commands.where({ hostId: this.#hostId, finishedAt: null });
    const fresh = waiting.filter(({ id }) => !this.#sent.has(id)).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    for (const record of fresh) this.#sendCommand(record);
  }

  #sendCommand({ id, command }: CommandRecord): void {
    this.#sent.add(id);
    this.#send({ type: 'command', id, command });
  }

  #send(message: BrokerMessage): void {
    if (!this.#isClosed) this.socket.send(JSON.stringify(message));
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw failure('request.invalid', 'The message is not JSON.');
  }
}

const KNOWN_TYPES: ReadonlySet<unknown> = new Set(AgentMessageSchema.options.map((option) => option.shape.type.value));

function isUnknownType(json: unknown): boolean {
  const type: unknown = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
  return typeof type === 'string' && !KNOWN_TYPES.has(type);
}
