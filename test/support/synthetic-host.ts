import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { createServer as createNetServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientMessages } from '@millwright/remote-display/protocol';
import { DisplayServer } from '@millwright/remote-display/server';
import { FrontDoor } from '../../apps/front-door/dist/proxy.js';
import { DisplayEndpoint } from '../../apps/hypervisor-host/dist/displays/display-endpoint.js';
import { encodePng } from '../../apps/hypervisor-host/dist/displays/screenshot.js';
import { TicketCheck } from '../../apps/hypervisor-host/dist/displays/ticket-check.js';
import { ImageStore } from '../../apps/hypervisor-host/dist/images/image-store.js';
import { LengthPrefixedReader, writeMessage } from '../../apps/hypervisor-host/dist/machines/length-prefixed.js';
import { readLines } from '../../apps/hypervisor-host/dist/machines/line-stream.js';
import { type MachineFiles, machineFilesUnder } from '../../apps/hypervisor-host/dist/machines/machine-files.js';
import { type Opening, OpeningSchema } from '../../apps/hypervisor-host/dist/machines/process-protocol.js';
import { SyntheticScreen } from '../integration/remote-display/synthetic-screen.js';
import type { FakeAgent } from './fake-agent.js';
import { freePort } from './free-port.js';

/** Only these are called. */
const SILENT = { info: () => {}, warn: () => {}, error: () => {} } as unknown as ConstructorParameters<typeof DisplayEndpoint>[2];

/** A keyboard that takes its time for each key, as a guest's full buffer does. */
class SlowScreen extends SyntheticScreen {
  keyMs = 0;

  // InputPort.key may return a promise; the parent's signature is narrower.
  override key(usage: number, down: boolean): undefined {
    if (this.keyMs > 0) return sleep(this.keyMs).then(() => super.key(usage, down)) as unknown as undefined;
    super.key(usage, down);
    return undefined;
  }
}

/**
 * Everything of a hypervisor host that viewers meet, real (front door, ticket check, relay, uploads), in front of a
 * machine that is none: a synthetic screen, a serial port that answers each byte inverted, a picture.
 */
export class SyntheticHost {
  readonly screen = new SlowScreen(1024, 768);
  display = new DisplayServer({ screen: this.screen, input: this.screen, pointerMode: 'absolute' });
  readonly door = new FrontDoor(undefined);
  /** What has arrived on the serial port. */
  serialInput = Buffer.alloc(0);
  url = '';
  isRunning = true;
  readonly #tickets: TicketCheck;
  readonly #images: ImageStore;
  readonly #endpoint: DisplayEndpoint;
  readonly #filesOf: (machineId: string) => MachineFiles;
  readonly #processes = new Map<string, Server>();

  constructor(
    private readonly dataFolder: string,
    private readonly agent: FakeAgent,
  ) {
    const log = SILENT;
    mkdirSync(dataFolder, { recursive: true });
    this.#filesOf = machineFilesUnder(dataFolder);
    this.#tickets = new TicketCheck(dataFolder, () => agent.hostId);
    this.#images = new ImageStore(dataFolder, this.#tickets, (image) => agent.send({ type: 'image', image }), log);
    this.#endpoint = new DisplayEndpoint(
      this.#tickets,
      (machineId) => (this.isRunning ? this.#filesOf(machineId) : undefined),
      log,
      (request, response) => this.#images.handle(request, response),
    );
  }

  async start(brokerPort: number): Promise<void> {
    await this.#tickets.setKeys(this.agent.ticketKeys);
    await this.#images.prepare();
    this.door.targets.broker = brokerPort;
    this.door.targets.agent = await this.#endpoint.listen(0);
    const port = await freePort();
    await this.door.listen({ port, listen: '127.0.0.1' } as Parameters<FrontDoor['listen']>[0]);
    this.url = `http://127.0.0.1:${port}`;
  }

  /** The machine's "process" listens where the real one would. */
  async run(machineId: string): Promise<void> {
    const files = this.#filesOf(machineId);
    mkdirSync(files.runFolder, { recursive: true, mode: 0o700 });
    const server = createNetServer((socket) => this.#accept(socket));
    this.#processes.set(machineId, server);
    await new Promise<void>((resolve) => server.listen(files.socket, resolve));
  }

  /** Answers the next `expect-upload` as a host does. */
  async expectUpload(from: number): Promise<void> {
    const { id, command } = await this.agent.command('expect-upload', from);
    await this.#images.expect(command);
    this.agent.send({ type: 'acknowledgement', commandId: id });
    this.agent.send({ type: 'result', commandId: id, error: null });
  }

  /** Bytes of unfinished uploads that have arrived. */
  quarantinedBytes(): number {
    const folder = join(this.dataFolder, 'images', 'quarantine');
    return readdirSync(folder).reduce((sum, name) => sum + (name.endsWith('.json') ? 0 : statSync(join(folder, name)).size), 0);
  }

  /** Somebody in the portal opens the screen and thereby holds control. Returns how they keep it when they are asked, and how they leave. */
  occupy(name: string): { decline(): void; leave(): void } {
    const attached = this.display.attach(
      { send: () => {}, close: () => {}, bufferedBytes: 0 },
      { user: name, name, rights: { view: true, control: true, admin: false } },
    );
    attached.receive(clientMessages.encode({ type: 'hello', features: 0 }));
    return {
      decline: () => attached.receive(clientMessages.encode({ type: 'decline-control' })),
      leave() {
        attached.receive(clientMessages.encode({ type: 'bye' }));
        attached.closed();
      },
    };
  }

  async close(): Promise<void> {
    this.display.close('The test is over.');
    this.#endpoint.close();
    for (const server of this.#processes.values()) server.close();
    await this.door.close();
    this.#tickets.close();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const lines = readLines(socket, (line) => this.#open(socket, lines.stop(), OpeningSchema.parse(JSON.parse(line))));
  }

  #open(socket: Socket, rest: Buffer, opening: Opening): void {
    if (opening.channel === 'picture') {
      socket.end(encodePng(this.screen.frame, this.screen.widthPx, this.screen.heightPx, opening.maxWidthPx));
    } else if (opening.channel === 'serial') {
      const take = (bytes: Buffer): void => {
        this.serialInput = Buffer.concat([this.serialInput, bytes]);
        socket.write(bytes.map((byte) => byte ^ 0xff));
      };
      socket.on('data', take);
      if (rest.length > 0) take(rest);
    } else if (opening.channel === 'display') {
      const { session } = opening;
      const attached = this.display.attach(
        { send: (bytes) => void writeMessage(socket, bytes), close: () => socket.end(), bufferedBytes: 0 },
        { user: session.sessionId, name: session.displayName, rights: session.rights },
      );
      const reader = new LengthPrefixedReader(socket, 1 << 20, (bytes) => attached.receive(bytes));
      socket.on('data', (bytes: Buffer) => reader.add(bytes));
      socket.on('close', () => attached.closed());
      reader.add(rest);
    }
  }
}
