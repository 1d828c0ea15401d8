import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { readConsole } from './console-text.js';
import { until } from './product.js';

const ARTIFACTS = fileURLToPath(new URL('../artifacts/', import.meta.url));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** One person's Debian Chromium with an empty profile of its own. */
export class Person {
  private constructor(
    private readonly context: BrowserContext,
    private readonly profile: string,
    readonly page: Page,
    readonly problems: string[],
  ) {}

  static async open(viewport = { width: 1280, height: 860 }): Promise<Person> {
    const profile = mkdtempSync(join(tmpdir(), 'mw-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: '/usr/bin/chromium',
      headless: true,
      viewport,
      locale: 'en-US',
      args: FLAGS,
    });
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(20_000);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    return new Person(context, profile, page, problems);
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async signIn(url: string, name: string, password: string): Promise<void> {
    await this.page.goto(`${url}/sign-in`);
    await this.hydrated('User name');
    await this.page.getByLabel('User name').fill(name);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Until the page's own code has taken over what the server sent. */
  async hydrated(label: string): Promise<void> {
    const element = await this.page.getByLabel(label).elementHandle();
    await this.page.waitForFunction((found) => found !== null && Object.keys(found).some((key) => key.startsWith('__react')), element);
  }

  /** The forced change after a one-time password. */
  async changePassword(current: string, next: string): Promise<void> {
    const { page } = this;
    await page.waitForURL('**/password**');
    await page.getByLabel('Current password').fill(current);
    await page.getByLabel('New password', { exact: true }).fill(next);
    await page.getByLabel('Repeat the new password').fill(next);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.waitForURL((url) => !url.pathname.startsWith('/password'));
  }

  async photograph(name: string): Promise<void> {
    mkdirSync(ARTIFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
  }

  get screen(): Screen {
    return new Screen(this.page);
  }
}

/** A machine's screen in the portal, addressed in the guest's pixels. */
export class Screen {
  constructor(private readonly page: Page) {}

  get canvas() {
    return this.page.locator('.mw-screen-stage > canvas');
  }

  /** Until the display is connected and has the given width. */
  async connected(widthPx = 1024, timeoutMs = 30_000): Promise<void> {
    await this.page.locator('.mw-screen[data-phase="connected"]').waitFor({ timeout: timeoutMs });
    await this.page.locator(`.mw-screen-stage > canvas[data-width="${widthPx}"]`).waitFor({ timeout: timeoutMs });
  }

  /** Where a pixel of the guest is on the page. */
  async place(point: { readonly x: number; readonly y: number }): Promise<{ x: number; y: number; scale: number }> {
    const box = (await this.canvas.boundingBox())!;
    const width = Number(await this.canvas.getAttribute('data-width'));
    const height = Number(await this.canvas.getAttribute('data-height'));
    const scale = Math.min(box.width / width, box.height / height);
    const left = box.x + (box.width - width * scale) / 2;
    const top = box.y + (box.height - height * scale) / 2;
    return { x: left + (point.x + 0.5) * scale, y: top + (point.y + 0.5) * scale, scale };
  }

  /** Colour 0xRRGGBB that Chromium shows for a pixel of the guest. */
  async pixel(point: { readonly x: number; readonly y: number }): Promise<number> {
    const { x, y } = await this.place(point);
    const png = PNG.sync.read(await this.page.screenshot({ clip: { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 } }));
    return (png.data[0]! << 16) | (png.data[1]! << 8) | png.data[2]!;
  }

  async showsColour(what: string, point: { readonly x: number; readonly y: number }, colour: number, timeoutMs = 15_000): Promise<void> {
    let last = 0;
    const look = async () => {
      last = await this.pixel(point);
      return last === colour ? true : undefined;
    };
    await until(what, look, timeoutMs, 100).catch(() => {
      throw new Error(`${what}: the pixel at ${point.x},${point.y} is ${last.toString(16)}, not ${colour.toString(16)}`);
    });
  }

  /** What a text mode shows, read from the pixels of the canvas. */
  async text(): Promise<string> {
    const { bytes, width, height } = await this.canvas.evaluate((canvas: HTMLCanvasElement) => {
      const width = Number(canvas.dataset['width']);
      const height = Number(canvas.dataset['height']);
      const context = new OffscreenCanvas(width, height).getContext('2d')!;
      context.drawImage(canvas, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      let bytes = '';
      for (let at = 0; at < data.length; at += 4096) bytes += String.fromCharCode(...data.subarray(at, at + 4096));
      return { bytes: btoa(bytes), width, height };
    });
    return readConsole(Buffer.from(bytes, 'base64'), width, height);
  }

  /** Until the text screen shows it. */
  async showsText(pattern: RegExp, timeoutMs: number): Promise<string> {
    let seen = '';
    const look = async () => {
      seen = await this.text();
      return pattern.test(seen) ? seen : undefined;
    };
    return until(String(pattern), look, timeoutMs, 500).catch(() => {
      throw new Error(`${pattern} is not on the screen:\n${seen}`);
    });
  }

  /** A press long enough for the guest's pointer interrupt. */
  async click(point: { readonly x: number; readonly y: number }): Promise<void> {
    const { x, y } = await this.place(point);
    await this.page.mouse.move(x, y);
    await this.page.waitForTimeout(150);
    await this.press();
  }

  async press(): Promise<void> {
    await this.page.mouse.down();
    await this.page.waitForTimeout(150);
    await this.page.mouse.up();
    await this.page.waitForTimeout(150);
  }
}
