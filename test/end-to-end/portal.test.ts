import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOST_PATHS } from '@millwright/contracts';
import type { Request } from 'playwright-core';
import { afterAll, assert, beforeAll, test } from 'vitest';
import type { BrokerClient } from '../support/broker-client.js';
import { Person } from '../support/browser.js';
import { Line3Modbus } from '../support/line3-modbus.js';
import { ADMIN_PASSWORD, Product, until } from '../support/product.js';

/*
 * Work in the portal that the story of line 3 does not come by: uploads that pause and survive a reload, keys of the browser in full
 * screen, combinations and typed text, a cancelled task, a cut line. Against the real product, in Debian's Chromium.
 */

const IMAGE_BYTES = 12 * 2 ** 20;
/** Slow enough to pause in the middle. */
const SLOW_BYTES_PER_SECOND = 2 * 2 ** 20;
/** Scan codes of set 1 as the guest counts them. */
const SCAN = { f1: 0x3b, w: 0x11, delete: 0x153, y: 0x15, z: 0x2c } as const;

let product: Product;
let admin: Person;
let api: BrokerClient;
let modbus: Line3Modbus;
let machineId: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mw-upload-'));
  product = await Product.start({ env: { MILLWRIGHT_ADMIN_PASSWORD: ADMIN_PASSWORD } });
  admin = await Person.open();
  await admin.page.addInitScript(recordKeyboardLock);
  api = await product.signIn();
  machineId = (await api.call('listMachines')).items[0]!.id;
  modbus = await Line3Modbus.open(product.url, api, machineId);
  await admin.signIn(product.url, 'admin', ADMIN_PASSWORD);
  await admin.page.waitForURL('**/overview');
}, 150_000);

afterAll(async () => {
  modbus?.close();
  await admin?.close();
  await product?.dispose();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Writes down what the page asks of the Keyboard Lock interface, and lets it through. */
function recordKeyboardLock(): void {
  const asked: string[] = [];
  Object.assign(window, { keyboardLockAsked: asked });
  const { keyboard } = navigator as Navigator & { keyboard?: { lock(codes?: string[]): Promise<void>; unlock(): void } };
  if (!keyboard) return;
  const { lock, unlock } = keyboard;
  keyboard.lock = async (codes) => {
    await lock.call(keyboard, codes);
    asked.push(codes ? `lock ${codes}` : 'lock');
  };
  keyboard.unlock = () => {
    unlock.call(keyboard);
    asked.push('unlock');
  };
}

const lastKey = (code: number, what: string) =>
  until(what, async () => ((await modbus.input('lastKey')) === code ? true : undefined), 10_000);

test('an upload pauses, survives a reload, and goes on where it stopped', async () => {
  const { page } = admin;
  const content = randomBytes(IMAGE_BYTES);
  const file = join(folder, 'history.img');
  writeFileSync(file, content);
  const line = await page.context().newCDPSession(page);
  const limit = (uploadThroughput: number) =>
    line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await line.send('Network.enable');
  await limit(SLOW_BYTES_PER_SECOND);
  await page.goto(`${product.url}/images`);
  await page.getByRole('button', { name: 'Upload image' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('input[type="file"]').setInputFiles(file);
  await dialog.getByRole('button', { name: 'Upload', exact: true }).click();
  const row = page.getByRole('row', { name: /history\.img/ });
  const percent = async () => Number(await row.getByRole('progressbar').getAttribute('aria-valuenow'));
  await row.waitFor();
  await until('a fifth is sent', async () => ((await percent()) > 20 ? true : undefined), 30_000);

  const cut = page.waitForEvent('requestfailed', (request) => request.method() === 'PATCH');
  await row.getByRole('button', { name: 'Pause upload: history.img' }).click();
  await cut;
  await row.getByText('Paused').waitFor();
  const paused = await percent();
  await page.waitForTimeout(1_500);
  assert.equal(await percent(), paused, 'the bar moves although the upload is paused');
  assert.isBelow(paused, 90);

  await row.getByRole('button', { name: 'Continue upload: history.img' }).click();
  await until('it goes on', async () => ((await percent()) > paused + 5 ? true : undefined), 30_000);

  await page.reload();
  await row.getByText('Waiting for its file').waitFor();
  // Ends the limits, too.
  await line.detach();
  const offsets: number[] = [];
  const seen = (request: Request) => {
    if (request.method() === 'PATCH' && request.url().includes(HOST_PATHS.uploads))
      offsets.push(Number(request.headers()['upload-offset']));
  };
  page.on('request', seen);
  const chooser = page.waitForEvent('filechooser');
  await row.getByRole('button', { name: 'Continue upload: history.img' }).click();
  await (await chooser).setFiles(file);
  await row.getByText('Ready').waitFor({ timeout: 60_000 });
  page.off('request', seen);
  assert.isAbove(offsets[0] ?? 0, (IMAGE_BYTES * 20) / 100, 'what had arrived before the reload was sent again');
  const [image] = (await api.call('listImages')).items;
  assert.equal(image!.sha256, createHash('sha256').update(content).digest('hex'));
});

test('full screen locks the keyboard, and leaving it gives the keys back', async () => {
  const { page, screen } = admin;
  const asked = () => page.evaluate(() => (window as unknown as { keyboardLockAsked: string[] }).keyboardLockAsked);
  await page.goto(`${product.url}/machines/${machineId}/screen`);
  await screen.connected();
  await page.getByRole('button', { name: 'Control: You are in control' }).waitFor();
  assert.notInclude(await asked(), 'lock');
  await page.getByRole('button', { name: 'Full screen' }).click();
  await page.locator('.mw-screen[data-full]').waitFor();
  await until('the keyboard is locked', async () => ((await asked()).includes('lock') ? true : undefined), 5_000);
  // Help and "close the tab" would be the browser's.
  await page.keyboard.press('F1');
  await lastKey(SCAN.f1, 'F1 reaches the guest');
  await page.keyboard.press('Control+KeyW');
  await lastKey(SCAN.w, 'Ctrl+W reaches the guest');
  assert.isFalse(page.isClosed());

  const before = (await asked()).length;
  await page.evaluate(() => document.exitFullscreen());
  await page.locator('.mw-screen:not([data-full])').waitFor();
  await until('the keys are given back', async () => ((await asked()).slice(before).includes('unlock') ? true : undefined), 5_000);
});

test('combinations and typed text arrive as keys of the layout that was chosen', async () => {
  const { page } = admin;
  await page.getByRole('button', { name: 'Keys', exact: true }).click();
  await page.getByRole('menuitem', { name: /Security screen/ }).click();
  await lastKey(SCAN.delete, 'Ctrl+Alt+Delete ends with Delete');
  const typeText = async (text: string, layout: string) => {
    await page.getByRole('button', { name: 'Type text' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Text', { exact: true }).fill(text);
    await dialog.getByLabel('Keyboard layout of the guest').click();
    await page.getByRole('option', { name: layout }).click();
    await dialog.getByRole('button', { name: 'Type', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  };
  await typeText('batch 7y', 'English (US)');
  await lastKey(SCAN.y, 'y of an English keyboard');
  await typeText('batch 7y', 'German');
  await lastKey(SCAN.z, 'y of a German keyboard is where z is');
});

test('the screen comes back by itself when the front door was away', async () => {
  const { page, screen } = admin;
  const sessionsBefore = (await api.call('listSessions', {}, undefined, { machineId })).items.map(({ id }) => id);
  modbus.close();
  await product.kill('front-door');
  await page.locator('.mw-screen:not([data-phase="connected"])').waitFor();
  await page.getByRole('heading', { name: /Connection lost/ }).waitFor();
  await product.startAgain();
  await screen.connected(1024, 60_000);
  api = await product.signIn();
  modbus = await Line3Modbus.open(product.url, api, machineId);
  const sessions = (await api.call('listSessions', {}, undefined, { machineId })).items.map(({ id }) => id);
  assert.includeMembers(sessions, sessionsBefore, 'another session was begun');
  await page.getByRole('button', { name: 'Control: You are in control' }).waitFor();
  await screen.canvas.focus();
  await page.keyboard.press('F1');
  await lastKey(SCAN.f1, 'a key reaches the guest again');
});

test('a task is cancelled from the tray, and may be tried again', async (context) => {
  const { page } = admin;
  await page.goto(`${product.url}/guests`);
  const card = page.getByRole('article', { name: 'Debian console' });
  await card.waitFor();
  const guest = (await api.call('listGuests')).items.find(({ recipe }) => recipe === 'debian-console')!;
  if (!guest.hosts.some(({ available }) => available)) context.skip(`this machine builds no guest: ${guest.hosts[0]?.missing.join(' ')}`);
  await card.getByRole('button', { name: 'Build: Debian console' }).click();
  const task = page.getByRole('dialog').getByRole('article', { name: 'Build Debian console' });
  await task.getByText('Running').waitFor();
  await until('the build has a process', () => product.hasProcess('build-guest-process') || undefined);
  await task.getByRole('button', { name: 'Cancel' }).click();
  await task.getByText('Cancelled', { exact: true }).first().waitFor();
  await task.getByRole('button', { name: 'Retry' }).waitFor();
  assert.equal((await api.call('listTasks')).items[0]!.state, 'cancelled');
  await until('its process is gone', () => !product.hasProcess('build-guest-process') || undefined);
  assert.isFalse((await api.call('listGuests')).items.find(({ recipe }) => recipe === 'debian-console')!.built);
});

test('nobody saw a broken page', () => {
  assert.deepEqual(admin.problems, []);
});
