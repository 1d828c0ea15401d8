import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AGENT_PATH,
  AGENT_PROTOCOL,
  type AgentMessage,
  AgentMessageSchema,
  type BrokerMessage,
  BrokerMessageSchema,
  type ControlState,
  type FailureReport,
  type HostCommand,
  type HostFacts,
  type MachineCondition,
  MachineConditionSchema,
  type MachineReport,
  type TaskReport,
  type TemplateContent,
  TemplateContentSchema,
  type TicketKey,
} from '@millwright/contracts';
import { WebSocket } from 'ws';

type Command = Extract<BrokerMessage, { type: 'command' }>;

const FACTS: HostFacts = {
  agentVersion: '0.1.0',
  engineVersion: '0.1.0',
  platform: 'linux x64',
  cpuModel: 'test',
  cpuCount: 2,
  memoryMiB: 4096,
  isolation: [],
  recipes: [
    { recipe: 'debian-console', available: true, missing: [], missingWords: [] },
    { recipe: 'debian-hmi', available: false, missing: ['mmdebstrap'], missingWords: [] },
  ],
};

export const LINE3: TemplateContent = TemplateContentSchema.parse({
  id: 'line3-mixing',
  name: 'Line 3 mixing',
  description: 'Operator panel',
  source: { kind: 'builtin' },
  presentation: 'hmi',
  defaultMemoryMiB: 16,
  spec: {
    memoryMiB: 16,
    disks: [{ medium: { from: 'template', templateId: 'line3-mixing', file: 'disk.img' } }],
    pointer: 'absolute',
    serial: ['raw'],
  },
});

interface Guest {
  epoch: number;
  condition: MachineCondition;
  control: ControlState;
}

/**
 * A hypervisor host without machines: speaks the agent's protocol as the contract says, obeys at once, and lets a test
 * say what its guests do. What it "has" outlives its connection, as on a real host.
 */
export class FakeAgent {
  readonly guests = new Map<string, Guest>();
  readonly templates: TemplateContent[] = [LINE3];
  readonly tasks: TaskReport[] = [];
  readonly received: Command[] = [];
  /** Actions that are only noted, neither obeyed nor answered. */
  readonly deaf = new Set<HostCommand['action']>();
  failNext: { action: HostCommand['action']; error: FailureReport } | undefined;
  hostId: string | undefined;
  secret: string | undefined;
  ticketKeys: readonly TicketKey[] = [];
  refused: string | undefined;
  #socket: WebSocket | undefined;
  #beat: NodeJS.Timeout | undefined;

  constructor(
    private readonly brokerUrl: string,
    private readonly facts: HostFacts = FACTS,
  ) {}

  /** Enrols when it has no secret, says hello, and reports everything. Resolves at `welcome`. */
  async connect(token?: string, url = this.brokerUrl): Promise<void> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${AGENT_PATH}`);
    this.#socket = socket;
    this.refused = undefined;
    await once(socket, 'open');
    const welcome = new Promise<void>((resolve, reject) => {
      socket.on('message', (data) => {
        const message = BrokerMessageSchema.parse(JSON.parse(String(data)));
        if (message.type === 'welcome') resolve();
        if (message.type === 'refused') reject(new Error(message.code));
        this.#handle(message);
      });
      socket.on('close', () => {
        clearInterval(this.#beat);
        reject(new Error('closed'));
      });
      socket.on('error', reject);
    });
    if (this.secret === undefined) this.send({ type: 'enrol', protocol: AGENT_PROTOCOL.version, token: token!, name: 'test host' });
    else this.#hello();
    await welcome;
  }

  send(message: AgentMessage): void {
    this.#socket?.send(JSON.stringify(AgentMessageSchema.parse(message)));
  }

  sendRaw(text: string): void {
    this.#socket?.send(text);
  }

  /** The cable is pulled. */
  async disconnect(): Promise<void> {
    if (!this.#socket || this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.terminate();
    await closed;
  }

  /** Something happens in a guest. */
  change(machineId: string, condition: Partial<MachineCondition>, control?: ControlState): void {
    const guest = this.guests.get(machineId)!;
    guest.condition = { ...guest.condition, ...condition };
    if (control) guest.control = control;
    this.send({ type: 'machine', machine: this.#report(machineId) });
  }

  /** The first command of this action from the given one on; waits for it. */
  async command<A extends HostCommand['action']>(
    action: A,
    from = 0,
  ): Promise<{ id: Command['id']; command: Extract<HostCommand, { action: A }> }> {
    for (let i = 0; i < 400; i++) {
      const found = this.received.slice(from).find(({ command }) => command.action === action);
      if (found) return found as never;
      await sleep(25);
    }
    throw new Error(`no ${action} within 10 s; got ${this.received.map(({ command }) => command.action).join()}`);
  }

  reportAll(): void {
    this.send({
      type: 'report',
      report: { machines: [...this.guests.keys()].map((id) => this.#report(id)), images: [], templates: this.templates, tasks: this.tasks },
    });
  }

  #report(machineId: string): MachineReport {
    const guest = this.guests.get(machineId)!;
    return {
      machineId: machineId as never,
      epoch: guest.epoch,
      pid: guest.condition.state === 'running' ? 4711 : null,
      condition: guest.condition,
      control: guest.control,
      handOvers: [],
    };
  }

  #hello(): void {
    this.send({ type: 'hello', protocol: AGENT_PROTOCOL.version, hostId: this.hostId as never, secret: this.secret!, facts: this.facts });
  }

  #handle(message: BrokerMessage): void {
    switch (message.type) {
      case 'enrolled':
        this.hostId = message.hostId;
        this.secret = message.secret;
        this.#hello();
        return;
      case 'welcome':
        this.ticketKeys = message.ticketKeys;
        this.#beat = setInterval(
          () => this.send({ type: 'heartbeat', load: { cpuPercent: 1, memoryFreeMiB: 2000, diskFreeMiB: 9000 } }),
          message.heartbeatMs,
        );
        this.reportAll();
        return;
      case 'refused':
        this.refused = message.code;
        return;
      case 'command':
        this.received.push(message);
        if (!this.deaf.has(message.command.action)) this.#obey(message);
    }
  }

  #obey({ id, command }: Command): void {
    this.send({ type: 'acknowledgement', commandId: id });
    const fault = this.failNext?.action === command.action ? this.failNext.error : null;
    if (fault) this.failNext = undefined;
    else if (command.action === 'apply-machine') this.#apply(command);
    this.send({ type: 'result', commandId: id, error: fault });
  }

  #apply({ machineId, generation, epoch, wanted }: Extract<HostCommand, { action: 'apply-machine' }>): void {
    if ((this.guests.get(machineId)?.condition.generation ?? 0) >= generation) return;
    const condition = MachineConditionSchema.parse({
      state: wanted,
      generation,
      ...(wanted === 'stopped' ? { stopReason: 'requested' } : {}),
      hasSavedState: wanted === 'saved',
    });
    this.guests.set(machineId, { epoch, condition, control: { holder: null, viewers: [] } });
    this.send({ type: 'machine', machine: this.#report(machineId) });
    if (wanted === 'absent') this.guests.delete(machineId);
  }
}
