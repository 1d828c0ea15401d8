import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageId, MachineId, MachineState, MachineVerb } from '@millwright/contracts';
import type { BrokerClient } from './broker-client.js';
import { LedgerLine, ledgerDisk } from './ledger-guest.js';
import { ADMIN_PASSWORD, type PartName, Product, until } from './product.js';
import { Upload } from './upload.js';

/** Whatever died, everything is in order again within this time; far above what it takes, far below a person's patience. */
export const CONVERGED_MS = 40_000;

/** A whole product with one machine whose disk can be checked from outside (see ledger-guest.ts). */
export class Plant {
  /** The highest record that the guest's disk is known to have acknowledged. */
  #written = 0;

  private constructor(
    readonly product: Product,
    readonly api: BrokerClient,
    /** The ledger's machine. */
    readonly machineId: MachineId,
    readonly imageId: ImageId,
    readonly imageSha256: string,
  ) {}

  static async start(): Promise<Plant> {
    const product = await Product.start({ env: { MILLWRIGHT_ADMIN_PASSWORD: ADMIN_PASSWORD } });
    try {
      const api = await product.signIn();
      await until(
        'the host is connected',
        async () => (await api.call('listHosts')).items.some(({ state }) => state === 'online') || undefined,
      );
      const disk = ledgerDisk();
      const grant = await api.call('requestUpload', {}, { name: 'ledger', kind: 'disk', sizeBytes: disk.length });
      const upload = await Upload.create(new URL(grant.uploadUrl, product.url), grant.ticket, disk);
      await upload.send(0).done;
      const { id: imageId } = grant.image;
      await until('the image is ready', async () => (await api.call('getImage', { id: imageId })).state === 'ready' || undefined);
      const machine = await api.call(
        'createMachine',
        {},
        { name: 'Ledger', source: { from: 'image', imageId }, memoryMiB: 64, start: true },
      );
      return new Plant(product, api, machine.id, imageId, sha256(disk));
    } catch (error) {
      await product.dispose();
      throw error;
    }
  }

  /** Asks again while a part is coming back. */
  patient<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    let last: unknown;
    return until(
      what,
      () =>
        ask().catch((error: unknown) => {
          last = error;
          return undefined;
        }),
      CONVERGED_MS,
      100,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; last answer: ${String(last)}\n${this.product.output}`);
    });
  }

  machine() {
    return this.api.call('getMachine', { id: this.machineId });
  }

  operate(verb: MachineVerb) {
    return this.api.call('operateMachine', { id: this.machineId, verb });
  }

  /** Wanted and reported state are one of these, and the same. */
  async reaches(...states: MachineState[]): Promise<void> {
    let seen = '';
    await this.patient(`the machine is ${states.join(' or ')}`, async () => {
      const { state, changing, wanted, condition } = await this.machine();
      seen = `${state}, wanted ${wanted}${changing ? ', changing' : ''}${condition?.error ? `, ${condition.error.code}` : ''}`;
      return (states.includes(state) && !changing && (state === wanted || state === 'failed')) || undefined;
    }).catch((error: Error) => {
      throw new Error(`it is ${seen}: ${error.message}`);
    });
  }

  /** From whatever state it is in. */
  async runs(): Promise<void> {
    await this.reaches('running', 'saved', 'stopped', 'failed');
    if ((await this.machine()).state !== 'running') await this.operate('start');
    await this.reaches('running');
  }

  async isSaved(): Promise<void> {
    await this.reaches('running', 'saved', 'stopped', 'failed');
    if ((await this.machine()).state === 'saved') return;
    await this.runs();
    await this.grows();
    await this.operate('save');
    await this.reaches('saved');
  }

  async isOff(): Promise<void> {
    await this.runs();
    await this.grows();
    await this.operate('stop');
    await this.reaches('stopped');
  }

  /** Every part answers. */
  async available(): Promise<void> {
    const { product, api } = this;
    if (product.pidOf('front-door') === undefined) await product.startAgain();
    await this.patient('the broker answers', () => this.machine());
    await this.patient(
      'the portal answers',
      async () => (await fetch(`${product.url}/sign-in`, { signal: AbortSignal.timeout(5_000) })).ok || undefined,
    );
    await this.patient(
      'the host is connected',
      async () => (await api.call('listHosts')).items.every(({ state }) => state === 'online') || undefined,
    );
  }

  /** The guest writes on. Resolves with what it told since its process began (or the last 16 KiB of it). */
  async grows(): Promise<LedgerLine['entries']> {
    const open = () => this.patient('the console opens', () => LedgerLine.open(this.product.url, this.api, this.machineId));
    let line = await open();
    const told: string[] = [];
    try {
      const look = async (record: number): Promise<number | undefined> => {
        // A host that has just come back hangs up until it has found its machines; who sits at a console dials again.
        if (line.hungUp !== undefined) {
          told.push(`hung up: ${line.hungUp}`);
          line = await open();
        }
        return line.written > record ? line.written : undefined;
      };
      const before = await until('the guest writes', () => look(0), CONVERGED_MS);
      await until('the guest writes on', () => look(before), CONVERGED_MS);
      this.#written = Math.max(this.#written, line.written);
      this.#check(line);
      return line.entries;
    } catch (error) {
      throw new Error(`${(error as Error).message}; it told ${JSON.stringify([...told, ...line.entries.slice(-5)])}`);
    } finally {
      line.close();
    }
  }

  /** The process of this machine: one, and the one that it wrote down. */
  async onlyProcess(): Promise<number> {
    const { product, machineId } = this;
    let seen = '';
    return until('the machine has exactly one process', () => {
      const all = product.allProcessesOf(machineId);
      seen = `lives: ${all.join(', ')}; on record: ${product.machinePid(machineId)}`;
      return all.length === 1 && all[0] === product.machinePid(machineId) ? all[0] : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; ${seen}`);
    });
  }

  async noProcess(): Promise<void> {
    await until('the machine has no process', () => (this.product.allProcessesOf(this.machineId).length === 0 ? true : undefined));
  }

  /** In the middle of a start: its process is about to be, or has just been, born. */
  async isStarting(): Promise<void> {
    await until(
      'its process is started',
      () => existsSync(join(this.product.machineRunFolder(this.machineId), 'spec.json')) || undefined,
      20_000,
      1,
    );
  }

  /** In the middle of a save: a part of the state is on disk. */
  async isSaving(): Promise<void> {
    const partial = join(this.product.folder, 'machines', this.machineId, 'saved.state.partial');
    await until('the state is being written', () => (statSync(partial, { throwIfNoEntry: false })?.size ? true : undefined), 20_000, 1);
  }

  /** Nothing has touched the image under the machine's overlay. */
  imageIsIntact(): boolean {
    return sha256(readFileSync(join(this.product.folder, 'images', `${this.imageId}.img`))) === this.imageSha256;
  }

  #check({ entries }: LedgerLine): void {
    let last: number | undefined;
    for (const { kind, record } of entries) {
      if (kind === 'X') throw new Error(`the guest found a torn record after ${last}`);
      if (kind === 'B' && record < (last ?? 0)) throw new Error(`the guest booted with record ${record} after it had written ${last}`);
      if (kind === 'W' && last !== undefined && record !== last + 1) throw new Error(`record ${record} follows ${last}`);
      last = record;
    }
  }

  get written(): number {
    return this.#written;
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export type Victim = PartName | 'machine';
