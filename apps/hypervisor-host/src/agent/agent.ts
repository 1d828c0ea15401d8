import { existsSync } from 'node:fs';
import type { FullReport, HostCommand, HostFacts, Medium } from '@millwright/contracts';
import { PlatformError } from '@millwright/contracts';
import type { Logger } from 'pino';
import { DisplayEndpoint } from '../displays/display-endpoint.js';
import { TicketCheck } from '../displays/ticket-check.js';
import { ViewerLines } from '../displays/viewer-lines.js';
import { GuestBuilds } from '../guests/guest-builds.js';
import { ImageStore } from '../images/image-store.js';
import { machineFilesUnder, removeRunRoot } from '../machines/machine-files.js';
import { MachineKeeper } from '../machines/machine-keeper.js';
import { readRecords } from '../machines/machine-record.js';
import { TemplateStore } from '../templates/template-store.js';
import { BrokerLink } from './broker-link.js';
import type { AgentConfig } from './config.js';
import { hostFacts, LoadMeter } from './host-facts.js';

/** Machines that are being saved when the agent ends have this long, ms; then they are switched off. */
const LEAVE_MS = 20_000;

/** One host: keepers of its machines, its images and templates, the viewers' endpoint and the line to the broker. */
export class Agent {
  readonly #keepers = new Map<string, MachineKeeper>();
  readonly #filesOf;
  readonly #link: BrokerLink;
  readonly #tickets: TicketCheck;
  readonly #images: ImageStore;
  readonly #templates: TemplateStore;
  readonly #builds: GuestBuilds;
  readonly #displays: DisplayEndpoint;
  readonly #viewerLines: ViewerLines;
  readonly #load: LoadMeter;

  constructor(
    private readonly config: AgentConfig,
    private readonly log: Logger,
  ) {
    const { dataFolder } = config;
    this.#filesOf = machineFilesUnder(dataFolder);
    this.#load = new LoadMeter(dataFolder);
    this.#link = new BrokerLink(
      config,
      {
        facts: () => this.#facts(),
        load: () => this.#load.take(),
        report: () => this.#report(),
        carryOut: (command) => this.#carryOut(command),
        ticketKeys: (keys) => void this.#tickets.setKeys(keys),
        viewerToken: (token) => this.#viewerLines.open(token),
      },
      log,
    );
    this.#tickets = new TicketCheck(dataFolder, () => this.#link.hostId);
    this.#templates = new TemplateStore(dataFolder);
    this.#images = new ImageStore(dataFolder, this.#tickets, (report) => this.#link.image(report), log);
    this.#builds = new GuestBuilds(
      dataFolder,
      this.#templates,
      (report) => this.#link.task(report),
      () => this.#link.reportAll(),
      log,
    );
    this.#displays = new DisplayEndpoint(
      this.#tickets,
      (machineId) => this.#runningFiles(machineId),
      log,
      (request, response) => this.#images.handle(request, response),
    );
    this.#viewerLines = new ViewerLines(config.brokerUrl, () => this.#displays.port, log);
  }

  /** Adopts the machines that went on without an agent, then meets the broker. Resolves with the viewers' port. */
  async start(): Promise<number> {
    await this.#templates.prepare();
    await this.#images.prepare();
    await this.#builds.prepare();
    const { records, broken } = await readRecords(this.config.dataFolder);
    for (const folder of broken) this.log.error({ folder }, 'the record of a machine cannot be read; its files are left alone');
    const port = await this.#displays.listen(this.config.port);
    for (const record of records) {
      const keeper = this.#addKeeper(new MachineKeeper(record, this.#filesOf(record.machineId), this.#keeperPorts));
      // Not awaited: a machine that is slow to resume must not keep the host from its broker.
      void keeper.adopt();
    }
    this.#link.dial();
    return port;
  }

  /** Saves running machines and ends. `abandoned`: whoever started us is gone; machines go on and the next agent adopts them. */
  async end(abandoned: boolean): Promise<void> {
    if (!abandoned) {
      this.#link.leaving();
      // A machine that can be neither saved nor ended (it has logged so) must not keep us from waiting for the others.
      await Promise.allSettled(Array.from(this.#keepers.values(), (keeper) => keeper.leave(LEAVE_MS)));
      await removeRunRoot(this.config.dataFolder);
    }
    await this.#builds.end(abandoned);
    this.#link.end();
    this.#viewerLines.end();
    this.#displays.close();
    this.#tickets.close();
  }

  /** Settles when a broker has accepted this host for the first time. */
  get welcome(): Promise<void> {
    return this.#link.welcome;
  }

  get #keeperPorts() {
    return {
      fileOf: (medium: Medium) => this.#fileOf(medium),
      report: (report: Parameters<BrokerLink['machine']>[0]) => this.#link.machine(report),
      log: (message: string, details: Readonly<Record<string, unknown>>) => this.log.warn(details, message),
    };
  }

  #fileOf(medium: Medium): Promise<string> {
    return medium.from === 'image' ? this.#images.fileOf(medium.imageId) : this.#templates.fileOf(medium.templateId, medium.file);
  }

  #addKeeper(keeper: MachineKeeper): MachineKeeper {
    this.#keepers.set(keeper.machineId, keeper);
    return keeper;
  }

  #runningFiles(machineId: string): MachineKeeper['files'] | undefined {
    const keeper = this.#keepers.get(machineId);
    return keeper?.isRunning && existsSync(keeper.files.socket) ? keeper.files : undefined;
  }

  async #facts(): Promise<HostFacts> {
    return hostFacts(await this.#builds.recipes());
  }

  #report(): FullReport {
    return {
      machines: Array.from(this.#keepers.values(), (keeper) => keeper.report()),
      images: this.#images.reports(),
      templates: [...this.#templates.contents()],
      tasks: [...this.#builds.reports()],
    };
  }

  async #carryOut(command: HostCommand): Promise<void> {
    switch (command.action) {
      case 'apply-machine':
        return this.#apply(command);
      case 'reset-machine':
        return this.#keeper(command.machineId).request({ do: 'reset' });
      case 'press-power-button':
        return this.#keeper(command.machineId).request({ do: 'press-power-button' });
      case 'pass-control':
        return this.#keeper(command.machineId).request({ do: 'pass-control', sessionId: command.sessionId });
      case 'end-session':
        return this.#keeper(command.machineId).request({ do: 'end-session', sessionId: command.sessionId, reason: command.reason });
      case 'expect-upload':
        return this.#images.expect(command);
      case 'check-upload':
        return this.#images.check(command.imageId);
      case 'delete-image':
        return this.#images.delete(command.imageId);
      case 'delete-template':
        await this.#templates.delete(command.templateId);
        return this.#link.reportAll();
      case 'build-guest':
        return this.#builds.start(command);
      case 'cancel-task':
        return this.#builds.cancel(command.taskId);
    }
  }

  async #apply(command: Extract<HostCommand, { action: 'apply-machine' }>): Promise<void> {
    const { machineId, name, epoch, spec, wanted } = command;
    const known = this.#keepers.get(machineId);
    const keeper =
      known ??
      this.#addKeeper(
        new MachineKeeper(
          { version: 1, machineId, name, epoch, generation: 0, wanted: 'stopped', spec, endedGeneration: 0 },
          this.#filesOf(machineId),
          this.#keeperPorts,
        ),
      );
    await keeper.apply(command);
    if (wanted === 'absent') this.#keepers.delete(machineId);
  }

  #keeper(machineId: string): MachineKeeper {
    const keeper = this.#keepers.get(machineId);
    if (!keeper) throw new PlatformError('machine.missing', 'missing', 'There is no such machine on this host.');
    return keeper;
  }
}
