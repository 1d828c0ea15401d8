import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mediumModule } from '@millwright/block-store';
import { readBios, readKernelLoader } from '@millwright/firmware';
import { type BackendSpec, createMachine, type Machine, type MachineSpec } from '@millwright/x86-vmm';
import { keysOf } from './us-keyboard.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Kept between runs, never required: packages, built guests, saved states. */
export const CACHE = join(process.env['MILLWRIGHT_DATA'] ?? join(ROOT, 'data'), 'cache', 'test-guests');
/** How often a screen or a transcript is looked at, ms. */
const POLL_MS = 100;

/** A raw image or ISO file; with an overlay it can be written. */
export function medium(image: string, overlay?: string): BackendSpec {
  return { module: mediumModule, options: overlay === undefined ? { image, readOnly: true } : { image, overlay } };
}

/** Our firmware and a kernel that is started directly. */
export function kernelSpec(memoryMiB: number, image: string, initrd: string | undefined, commandLine: string): MachineSpec {
  return {
    memoryMiB,
    bios: readBios(),
    kernel: { image: readFileSync(image), ...(initrd ? { initrd: readFileSync(initrd) } : {}), commandLine, loaderRom: readKernelLoader() },
  };
}

/** A machine with what a person before it does: look at the screen, type, and talk to the serial port. */
export class GuestMachine {
  #serial = '';

  private constructor(readonly machine: Machine) {
    machine.listen((event) => {
      if (event.event === 'serial' && event.port === 0) this.#serial += Buffer.from(event.bytes).toString('latin1');
    });
  }

  static async start(spec: MachineSpec): Promise<GuestMachine> {
    const guest = new GuestMachine(await createMachine(spec));
    await guest.machine.start();
    return guest;
  }

  static async resume(spec: MachineSpec, state: string): Promise<GuestMachine> {
    const guest = new GuestMachine(await createMachine(spec, state));
    await guest.machine.resume();
    return guest;
  }

  /** All that the first serial port has said. */
  get serial(): string {
    return this.#serial;
  }

  /** Rows of the text screen as one text; empty in graphics modes. */
  async screen(): Promise<string> {
    return ((await this.machine.textScreen()) ?? []).join('\n');
  }

  /** @throws Error with what was on screen and serial port when the text does not come */
  async untilScreen(pattern: RegExp, seconds: number): Promise<string> {
    let seen = '';
    await this.#until(pattern.source, seconds, async () => {
      seen = await this.screen();
      return pattern.test(seen);
    });
    return seen;
  }

  /** Looks from `from` characters on. */
  async untilSerial(pattern: RegExp, seconds: number, from = 0): Promise<string> {
    await this.#until(pattern.source, seconds, async () => pattern.test(this.#serial.slice(from)));
    return this.#serial.slice(from);
  }

  async untilStopped(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (this.machine.state !== 'stopped' && Date.now() < end) await sleep(POLL_MS);
    if (this.machine.state !== 'stopped') throw new Error(`the machine still runs after ${seconds} s\n${await this.#describe()}`);
  }

  /** On the keyboard, with the US layout; `\n` is Enter. */
  async type(text: string): Promise<void> {
    for (const { usage, shift } of keysOf(text)) {
      if (shift) await this.machine.key(SHIFT, true);
      await this.machine.key(usage, true);
      await this.machine.key(usage, false);
      if (shift) await this.machine.key(SHIFT, false);
    }
  }

  async sendSerial(text: string): Promise<void> {
    await this.machine.serialReceive(0, Buffer.from(text));
  }

  /** Pauses, saves, and goes on. The state appears whole or not at all. */
  async saveAs(path: string): Promise<void> {
    await mkdir(join(path, '..'), { recursive: true });
    await this.machine.save(`${path}.new`);
    await rename(`${path}.new`, path);
    await this.machine.resume();
  }

  async end(): Promise<void> {
    await this.machine.stop().catch(() => {});
  }

  async #until(what: string, seconds: number, isThere: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (this.machine.state !== 'stopped') {
      if (await isThere()) return;
      if (Date.now() > end) throw new Error(`no ${what} within ${seconds} s\n${await this.#describe()}`);
      await sleep(POLL_MS);
    }
    throw new Error(
      `the machine stopped (${JSON.stringify(this.machine.stopReason)}) before ${what}\nserial: ${this.#serial.slice(-1500)}`,
    );
  }

  async #describe(): Promise<string> {
    return `screen:\n${await this.screen().catch(() => '')}\nserial:\n${this.#serial.slice(-1500)}`;
  }
}

const SHIFT = 0xe1;

/** The first of these files that is there. */
export function firstFile(...paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}

/** Tells one engine and firmware from another: a saved state goes with what made it. */
export function engineKey(): string {
  const hash = createHash('sha256');
  for (const folder of ['packages/x86-vmm/dist', 'packages/firmware/dist', 'packages/block-store/dist']) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((file) => /\.(js|wasm|bin)$/.test(file));
    for (const file of files.sort()) hash.update(file).update(readFileSync(join(ROOT, folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

export function fileKey(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

/** Removes a file or folder at the end of a test. */
export const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });
