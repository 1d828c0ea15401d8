import {
  AGENT_PROTOCOL,
  type AgentMessage,
  type BrokerMessage,
  BrokerMessageSchema,
  type FullReport,
  failure,
  type HostCommand,
  type HostFacts,
  type HostLoad,
  type ImageReport,
  type MachineReport,
  PlatformError,
  type TaskReport,
  type TicketKey,
} from '@millwright/contracts';
import type { Logger } from 'pino';
import WebSocket from 'ws';
import type { AgentConfig } from './config.js';
import { type HostIdentity, readHostIdentity, writeHostIdentity } from './host-identity.js';

/** What the link needs of the agent. */
export interface LinkPorts {
  facts(): Promise<HostFacts>;
  load(): HostLoad;
  report(): FullReport;
  carryOut(command: HostCommand): Promise<void>;
  ticketKeys(keys: readonly TicketKey[]): void;
  viewerToken(token: string | undefined): void;
}

type Result = Extract<AgentMessage, { type: 'result' }>;

/** Waits between attempts to reach the broker, ms. */
const BACK_OFF_MS = [100, 250, 500, 1_000, 2_000, 5_000];
/** Results kept for commands that the broker repeats after a cut. */
const MAX_RESULTS = 1_000;

/**
 * The agent's line to the broker: dials, enrols or says hello, reports everything, carries commands out, and dials again when it
 * is cut. The broker may be any of several; nothing here is lost with it.
 */
export class BrokerLink {
  #socket: WebSocket | undefined;
  #isWelcome = false;
  #attempt = 0;
  /** Nothing is begun any more: commands are refused, and a line that is cut stays so. */
  #leaving = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #identity: HostIdentity | undefined;
  /** Results of commands done, and `undefined` for those under way. */
  readonly #results = new Map<string, Result | undefined>();
  #welcomed: () => void = () => {};
  /** Settles when a broker has accepted this host for the first time. */
  readonly welcome = new Promise<void>((resolve) => {
    this.#welcomed = resolve;
  });

  constructor(
    private readonly config: AgentConfig,
    private readonly ports: LinkPorts,
    private readonly log: Logger,
  ) {
    this.#identity = readHostIdentity(config.dataFolder);
  }

  get hostId(): string | undefined {
    return this.#identity?.hostId;
  }

  dial(): void {
    const socket = new WebSocket(this.config.brokerUrl, { perMessageDeflate: false, handshakeTimeout: 10_000 });
    this.#socket = socket;
    socket.on('open', () => void this.#open());
    socket.on('message', (data) => void this.#receive(String(data)));
    // Said once: it goes on until the broker is there.
    socket.on('error', (error) =>
      this.log[this.#attempt === 0 ? 'warn' : 'debug']({ error: error.message, broker: this.config.brokerUrl }, 'broker not reached'),
    );
    socket.on('close', () => this.#closed());
  }

  machine(machine: MachineReport): void {
    this.#sendWhenWelcome({ type: 'machine', machine });
  }
  image(image: ImageReport): void {
    this.#sendWhenWelcome({ type: 'image', image });
  }
  task(task: TaskReport): void {
    this.#sendWhenWelcome({ type: 'task', task });
  }
  reportAll(): void {
    this.#sendWhenWelcome({ type: 'report', report: this.ports.report() });
  }

  /**
   * The agent is ending; the broker sends no more commands. The line stays, with its heartbeats, for the reports of machines that are
   * being saved; one that is not there yet, or is cut from here on, is not dialled again: to a host that says hello the broker sends
   * what it wants running, and that would use up the states just saved.
   */
  leaving(): void {
    this.#leaving = true;
    if (this.#isWelcome) this.#send({ type: 'leaving' });
    else this.end();
  }

  end(): void {
    this.#leaving = true;
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
    this.#socket?.close();
  }

  async #open(): Promise<void> {
    if (this.#identity) await this.#hello(this.#identity);
    else this.#enrol();
  }

  #enrol(): void {
    const { enrolmentToken: token, hostName: name } = this.config;
    if (token === undefined) {
      this.log.error(
        'this host is not enrolled and has no enrolment token: create one in the portal under Hosts and set MILLWRIGHT_ENROLMENT_TOKEN',
      );
      this.#socket?.close();
      return;
    }
    this.#send({ type: 'enrol', protocol: AGENT_PROTOCOL.version, token, name });
  }

  async #hello({ hostId, secret }: HostIdentity): Promise<void> {
    this.#send({ type: 'hello', protocol: AGENT_PROTOCOL.version, hostId, secret, facts: await this.ports.facts() });
  }

  async #receive(text: string): Promise<void> {
    const parsed = BrokerMessageSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      this.log.warn({ issues: parsed.error.issues.slice(0, 3) }, 'a message of the broker was not understood');
      return;
    }
    await this.#handle(parsed.data);
  }

  async #handle(message: BrokerMessage): Promise<void> {
    switch (message.type) {
      case 'enrolled':
        this.#identity = { hostId: message.hostId, secret: message.secret };
        await writeHostIdentity(this.config.dataFolder, this.#identity);
        return this.#hello(this.#identity);
      case 'welcome':
        // It crossed our closing of the line.
        if (this.#leaving) return;
        this.#attempt = 0;
        this.#isWelcome = true;
        this.log.info({ hostId: this.hostId, broker: this.config.brokerUrl }, 'connected to the broker');
        this.ports.ticketKeys(message.ticketKeys);
        this.ports.viewerToken(message.viewerToken);
        this.reportAll();
        clearInterval(this.#heartbeat);
        this.#heartbeat = setInterval(() => this.#send({ type: 'heartbeat', load: this.ports.load() }), message.heartbeatMs);
        return this.#welcomed();
      case 'refused':
        this.log.error({ code: message.code }, message.message);
        if (message.code === 'host.unknown' && this.config.enrolmentToken !== undefined && this.#identity !== undefined) {
          this.#identity = undefined;
          return this.#enrol();
        }
        return;
      case 'command':
        return this.#command(message.id, message.command);
    }
  }

  async #command(id: Result['commandId'], command: HostCommand): Promise<void> {
    if (this.#leaving) {
      const { code, message } = failure('host.leaving');
      return this.#send({ type: 'result', commandId: id, error: { code, message } });
    }
    this.#send({ type: 'acknowledgement', commandId: id });
    if (this.#results.has(id)) {
      const known = this.#results.get(id);
      if (known) this.#send(known);
      return;
    }
    this.#results.set(id, undefined);
    let error: Result['error'] = null;
    try {
      await this.ports.carryOut(command);
    } catch (reason) {
      const known = reason instanceof PlatformError;
      if (!known) this.log.error({ error: reason, action: command.action }, 'a command failed');
      error = { code: known ? reason.code : 'platform.defect', message: (reason as Error).message.slice(0, 2000) };
    }
    const result: Result = { type: 'result', commandId: id, error };
    this.#results.set(id, result);
    if (this.#results.size > MAX_RESULTS) this.#results.delete(this.#results.keys().next().value!);
    this.#sendWhenWelcome(result);
  }

  #closed(): void {
    const wasWelcome = this.#isWelcome;
    this.#isWelcome = false;
    clearInterval(this.#heartbeat);
    if (this.#leaving) return;
    if (wasWelcome) this.log.warn('the line to the broker was cut; dialling again');
    const wait = BACK_OFF_MS[Math.min(this.#attempt++, BACK_OFF_MS.length - 1)]!;
    this.#retry = setTimeout(() => this.dial(), wait);
  }

  #sendWhenWelcome(message: AgentMessage): void {
    if (this.#isWelcome) this.#send(message);
  }

  #send(message: AgentMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
