import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { afterAll, afterEach, assert, beforeAll, beforeEach, test } from 'vitest';
import type { BrokerClient } from '../support/broker-client.js';
import { Person } from '../support/browser.js';
import { ADMIN_PASSWORD, Product, until } from '../support/product.js';

/*
 * Every page and every dialog of the portal under axe-core, in the light and in the dark scheme. Serious and critical violations
 * fail; the names of the steps say where. One product, one browser.
 */

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = {
  light: { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  // The scheme changes colours and nothing else.
  dark: { resultTypes: ['violations'], runOnly: ['color-contrast'] },
} satisfies Record<string, RunOptions>;
const IMPACTS = ['serious', 'critical'];

let product: Product;
let admin: Person;
let api: BrokerClient;
let desktopId: string;
let runningId: string;
let stoppedId: string;

beforeAll(async () => {
  product = await Product.start({ env: { MILLWRIGHT_ADMIN_PASSWORD: ADMIN_PASSWORD } });
  admin = await Person.open();
  await admin.page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
  api = await product.signIn();
  const [desktop] = (await api.call('listDesktops', {}, undefined, { scope: 'all' })).items;
  ({ id: desktopId, machineId: runningId } = desktop!);
  const isRunning = async () => {
    const { state, condition } = await api.call('getMachine', { id: runningId });
    assert.notEqual(state, 'failed', condition?.error?.message);
    return state === 'running' ? true : undefined;
  };
  await until('the panel runs', isRunning, 60_000);
  const [template] = (await api.call('listTemplates')).items;
  const stopped = await api.call(
    'createMachine',
    {},
    { name: 'Press 4', source: { from: 'template', templateId: template!.id }, start: false },
  );
  stoppedId = stopped.id;
  await api.call('createUser', {}, { name: 'olga', roles: ['operator'], password: ADMIN_PASSWORD, mustChangePassword: false });
  await admin.signIn(product.url, 'admin', ADMIN_PASSWORD);
  await admin.page.waitForURL('**/overview');
}, 150_000);

afterAll(async () => {
  await admin?.close();
  await product?.dispose();
}, 60_000);

/** What axe found in the present test; all of it is shown at its end. */
let found: string[] = [];
beforeEach(() => {
  found = [];
});
afterEach(() => assert.deepEqual(found, []));

/** Runs axe on what is on the page now, in both schemes, and leaves the light one. */
async function check(what: string): Promise<void> {
  const { page } = admin;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
    // Colours and dialogs fade for 120 ms at most; a colour half-way is nobody's contrast.
    await page.waitForFunction(() =>
      document
        .getAnimations()
        .every(({ effect, playState }) => playState !== 'running' || effect?.getComputedTiming().endTime === Infinity),
    );
    // Half a megabyte: once for each page that is loaded.
    if (!(await page.evaluate('Boolean(window.axe)'))) await page.evaluate(`void (0, eval)(${JSON.stringify(AXE)})`);
    const { violations } = (await page.evaluate(`window.axe.run(document, ${JSON.stringify(RULES[colorScheme])})`)) as AxeResults;
    for (const { id, impact, nodes } of violations)
      if (IMPACTS.includes(impact ?? ''))
        found.push(...nodes.map(({ target, failureSummary }) => `${what}, ${colorScheme}: ${id} at ${String(target)}: ${failureSummary}`));
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

async function visit(path: string, words: string): Promise<void> {
  await admin.page.goto(`${product.url}${path}`);
  await admin.page.getByRole('heading', { level: 1, name: words }).waitFor();
  await admin.page.waitForFunction(() => !document.querySelector('[role="status"][aria-label="Loading…"]'));
}

const click = (name: string | RegExp) =>
  admin.page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click();
const choose = (name: string) => admin.page.getByRole('menuitem', { name, exact: true }).click();

/** The dialog that is open now is checked and closed with Escape. */
async function checkDialog(what: string): Promise<void> {
  const dialog = admin.page.getByRole('dialog');
  await dialog.waitFor();
  await check(what);
  await admin.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
}

/** A menu, popover or list that `name` opens. */
async function checkMenu(name: string | RegExp, inside = '[role="menu"], .mantine-Popover-dropdown'): Promise<void> {
  await click(name);
  await admin.page.locator(inside).first().waitFor();
  await check(`menu ${name}`);
  await admin.page.keyboard.press('Escape');
  await admin.page.locator(inside).first().waitFor({ state: 'hidden' });
}

test('axe itself sees a page that is wrong', async () => {
  const { page } = admin;
  await visit('/desktops', 'My desktops');
  const bad = '<button></button><p style="color: #888; background: #999">hardly to be read</p>';
  await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), bad);
  await check('a button without a name, and grey on grey');
  const words = found.splice(0).join();
  for (const expected of [/light: button-name/, /light: color-contrast/, /dark: color-contrast/]) assert.match(words, expected);
});

test('sign-in, its refusal, and the forced change of a password', async () => {
  const { page } = admin;
  await page.context().clearCookies();
  await page.goto(`${product.url}/sign-in`);
  await admin.hydrated('User name');
  await check('sign-in');
  await admin.signIn(product.url, 'admin', 'not the password');
  await page.getByRole('main').getByRole('alert').waitFor();
  await check('refused sign-in');
  await api.call('createUser', {}, { name: 'nina', roles: ['engineer'], password: ADMIN_PASSWORD, mustChangePassword: true });
  await admin.signIn(product.url, 'nina', ADMIN_PASSWORD);
  await page.waitForURL('**/password**');
  await check('forced change of the password');
  await page.context().clearCookies();
  await admin.signIn(product.url, 'admin', ADMIN_PASSWORD);
  await page.waitForURL('**/overview');
});

test('overview, own desktops, panels, account and a page that is not there', async () => {
  const { page } = admin;
  await visit('/overview', 'Welcome');
  await check('overview');
  await checkMenu('Account: Administrator');
  await click(/^Tasks/);
  await checkDialog('task tray');
  await visit('/desktops', 'My desktops');
  await check('desktops');
  await checkMenu(/^More actions for/);
  await visit('/hmi', 'Operator panels');
  await check('panels');
  await visit('/account', 'Account');
  await check('account');
  await click('Create a token');
  await page.getByRole('dialog').getByLabel('Label').fill('line');
  await check('new token');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await page.getByRole('dialog', { name: 'Token created' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role="dialog"]').length === 1);
  await checkDialog('token shown once');
  await page.goto(`${product.url}/nowhere`);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await check('no such page');
});

test('machines, one machine, its dialogs and the trash', async () => {
  const { page } = admin;
  await visit('/machines', 'Machines');
  await check('machines');
  await checkMenu('More actions for Line 3 mixing');
  await visit(`/machines/${stoppedId}`, 'Press 4');
  await check('a stopped machine');
  await click('Edit machine');
  await checkDialog('edit a machine');
  await visit(`/machines/${runningId}`, 'Line 3 mixing');
  await check('a running machine');
  await click('More actions for Line 3 mixing');
  await choose('Power off');
  await checkDialog('power off');
  await click('More actions for Line 3 mixing');
  await choose('Offer as desktop');
  await checkDialog('offer as desktop');
  await click('More actions for Line 3 mixing');
  await choose('Move to trash');
  await checkDialog('trash a machine that is up');
  await visit('/machines', 'Machines');
  await click('More actions for Press 4');
  await choose('Move to trash');
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await check('undo');
  await page.getByRole('tab', { name: 'Trash' }).click();
  await page.getByRole('button', { name: /^Delete for good/ }).waitFor();
  await check('trash');
  await click(/^Delete for good/);
  await checkDialog('delete for good');
  await click(/^Restore/);
  await page.getByText('Press 4 is restored').waitFor();
});

test('the wizard in three steps', async () => {
  const { page } = admin;
  await visit('/machines/new', 'Create machine');
  await page
    .getByRole('radio', { name: /Line 3 mixing/ })
    .first()
    .waitFor();
  await check('source');
  await page.getByText('Uploaded image', { exact: true }).first().click();
  await check('source: no image');
  await page.getByText('Template', { exact: true }).first().click();
  await page.getByText('Operator panel of a mixing line').click();
  await click('Next');
  await page.getByLabel('Name').fill('');
  await click('Next');
  await check('settings, with a name missing');
  await page.getByLabel('Name').fill('Mixer 5');
  await click('Next');
  await page.getByRole('heading', { name: 'Review' }).waitFor();
  await check('review');
});

test('templates, images and guest builds', async () => {
  const { page } = admin;
  await visit('/templates', 'Templates');
  await check('templates');
  await click(/^More actions/);
  await page.getByRole('menuitem').first().click();
  await checkDialog('edit a template');
  await visit('/images', 'Images');
  await check('no images');
  await click('Upload image');
  await page.getByRole('dialog').getByRole('button', { name: 'Upload', exact: true }).click();
  await check('upload, with the file missing');
  await page.locator('input[type="file"]').setInputFiles({ name: 'tools.img', mimeType: '', buffer: Buffer.alloc(1_474_560) });
  await page.getByRole('dialog').getByRole('button', { name: 'Upload', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page
    .getByRole('row', { name: /tools\.img/ })
    .getByText(/Ready|Refused/)
    .waitFor();
  await check('images');
  await click('More actions for tools.img');
  await choose('Rename');
  await checkDialog('rename an image');
  await click('More actions for tools.img');
  await choose('Delete');
  await checkDialog('delete an image');
  await visit('/guests', 'Guest builds');
  await check('guest builds');
});

test('hosts, users, access, sessions and audit', async () => {
  const { page } = admin;
  await visit('/hosts', 'Hosts');
  await check('hosts');
  await click('Enrol a host');
  await checkDialog('enrol a host');
  await click(/^More actions/);
  await choose('Rename');
  await checkDialog('rename a host');
  await visit('/users', 'Users');
  await check('users');
  await click('Create user');
  await checkDialog('create a user');
  await click('More actions for olga');
  await choose('Edit user');
  await checkDialog('edit a user');
  await click('More actions for olga');
  await choose('Reset password');
  await page.getByRole('dialog').waitFor();
  await check('reset a password');
  await page.getByRole('dialog').getByRole('button', { name: 'Reset password' }).click();
  await page.getByText('New password of olga').waitFor();
  // The question fades out while the answer comes in.
  await page.getByRole('dialog', { name: /^Reset the password/ }).waitFor({ state: 'hidden' });
  await checkDialog('the new password');
  await visit('/access', 'Desktops & access');
  await check('access');
  await click('Create desktop');
  await checkDialog('create a desktop');
  await click(/^Assign people/);
  await page.getByRole('dialog').getByLabel('Assigned to').click();
  await page.getByRole('option').first().waitFor();
  await check('assign people');
  await visit('/access', 'Desktops & access');
  await click(/^Delete/);
  await checkDialog('delete a desktop');
  await visit('/sessions', 'Sessions');
  await check('sessions');
  await visit('/audit', 'Audit');
  await page.getByRole('row').nth(3).waitFor();
  await page.getByRole('button', { name: 'Show detail' }).first().click();
  await check('audit');
});

test('the screen with its tools, running and stopped', async () => {
  const { page, screen } = admin;
  await page.goto(`${product.url}/machines/${runningId}/screen`);
  await screen.connected();
  await page.getByRole('button', { name: 'Control: You are in control' }).waitFor();
  await check('screen');
  await checkMenu('Keys');
  await checkMenu(/^Control:/);
  await checkMenu('Connection');
  await checkMenu('Power');
  await click('Type text');
  await checkDialog('type text');
  await click('Power');
  await choose('Reset');
  await checkDialog('reset');
  await page.goto(`${product.url}/machines/${stoppedId}/screen`);
  await page.getByRole('heading', { name: 'The machine is stopped' }).waitFor();
  await check('stopped screen');
  await page.goto(`${product.url}/machines/${stoppedId}/serial`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await check('serial console');
});

test('the panel of an operator on a phone', async () => {
  const { page, screen } = admin;
  await page.setViewportSize({ width: 390, height: 844 });
  await visit('/hmi', 'Operator panels');
  await check('panels on a phone');
  await click('Open navigation');
  await check('navigation on a phone');
  await page.goto(`${product.url}/hmi/${desktopId}`);
  await screen.connected();
  await check('panel');
  await checkMenu('Panel menu');
});

test('nobody saw a broken page', () => {
  assert.deepEqual(admin.problems, []);
});
