import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, beforeAll, test } from 'vitest';
import { buildGuest } from '../guests/support/guest-build.js';
import { CACHE } from '../guests/support/guest-machine.js';
import type { BrokerClient } from '../support/broker-client.js';
import { Person } from '../support/browser.js';
import { ADMIN_PASSWORD, Product } from '../support/product.js';

/*
 * A Debian guest as people get one: the administrator has a host build it, makes a machine for an engineer with the wizard, and
 * the engineer works at its console. One story; the tests build on each other.
 */

const GUEST = 'Debian console';
const MACHINE = 'Engineering console';
const ENGINEER = 'emil';
const ENGINEER_PASSWORD = 'screwdriver and coffee';
/** Kept between runs, and not shared with test/guests, which builds the same guest at the same time. */
const BUILDS = join(CACHE, 'product');
const BUILD_MS = 240_000;
/** Half a minute on a free machine; a busy one may give the guest a twentieth of a processor. */
const BOOT_MS = 900_000;
/** Between two keys: a quick typist. */
const KEY_MS = 40;

let folder: string;
let product: Product;
let admin: Person;
let engineer: Person;
let api: BrokerClient;
/** Why this machine cannot build the guest. */
let reason: string | undefined;

beforeAll(async () => {
  // Whether this machine can build is found out here; where packages come from is another test's matter.
  const built = await buildGuest('debian-console', BUILDS);
  reason = typeof built === 'string' ? built : undefined;
  if (reason !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'mw-product-'));
  mkdirSync(join(folder, 'cache', 'guests'), { recursive: true, mode: 0o700 });
  symlinkSync(join(BUILDS, 'debian-console', 'packages'), join(folder, 'cache', 'guests', 'debian-console'));
  product = await Product.start({ folder, env: { MILLWRIGHT_ADMIN_PASSWORD: ADMIN_PASSWORD } });
  api = await product.signIn();
  await api.call('createUser', {}, { name: ENGINEER, roles: ['engineer'], password: ENGINEER_PASSWORD, mustChangePassword: false });
  admin = await Person.open();
}, 600_000);

afterAll(async () => {
  await engineer?.close();
  await admin?.close();
  await product?.dispose();
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}, 60_000);

function story(name: string, tell: () => Promise<void>): void {
  test(name, { timeout: BUILD_MS + BOOT_MS, retry: 0 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    else
      await tell().catch(async (error: unknown) => {
        await (engineer ?? admin).photograph('29-debian-console-failed');
        throw error;
      });
  });
}

story('the administrator has the guest built', async () => {
  const { page } = admin;
  await admin.signIn(product.url, 'admin', ADMIN_PASSWORD);
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await page.goto(`${product.url}/guests`);
  const card = page.getByRole('article', { name: GUEST });
  await card.getByText('Not built yet').waitFor();
  await card.getByRole('button', { name: `Build: ${GUEST}` }).click();
  await card.getByText('Building').waitFor();
  await admin.photograph('21-guest-builds');
  await card.getByText('Built', { exact: true }).waitFor({ timeout: BUILD_MS });
  await admin.photograph('22-guest-is-built');
  await page.keyboard.press('Escape');
  await card.getByRole('link', { name: `Create machine: ${GUEST}` }).click();
});

story('makes a machine from it and assigns it to an engineer', async () => {
  const { page } = admin;
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill(MACHINE);
  await page.getByLabel('Offer it to people as a desktop').check();
  await page.locator('form').getByLabel('Assigned to').fill(ENGINEER);
  await page.getByRole('option', { name: ENGINEER }).click();
  await page.keyboard.press('Escape');
  await admin.photograph('23-machine-settings');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Review' }).waitFor();
  await admin.photograph('24-machine-review');
  await page.getByRole('button', { name: 'Create machine' }).click();
  await page.waitForURL('**/machines/*/screen');
  await page.goto(`${product.url}/machines`);
  await page.getByText(MACHINE).first().waitFor();
  const { items } = await api.call('listDesktops', {}, undefined, { scope: 'all' });
  const desktop = items.find(({ name }) => name === MACHINE);
  assert.deepEqual(
    desktop?.assignments.map(({ userName }) => userName),
    [ENGINEER],
  );
});

story('the engineer types uname -a at its console and reads the answer', async () => {
  engineer = await Person.open();
  const { page, screen } = engineer;
  await engineer.signIn(product.url, ENGINEER, ENGINEER_PASSWORD);
  const card = page.getByRole('article', { name: MACHINE });
  await card
    .getByRole('link', { name: `Open ${MACHINE}` })
    .last()
    .click();
  await screen.connected(720, BOOT_MS);
  await screen.showsText(/^root@plant-console:\S*#/m, BOOT_MS);
  await engineer.photograph('25-console-of-the-engineer');
  await screen.canvas.click();
  await page.keyboard.type('uname -a\n', { delay: KEY_MS });
  const text = await screen.showsText(/^Linux plant-console 6\.1\.\S+-686 /m, 30_000);
  assert.match(text, /^root@plant-console:\S*# uname -a$/m);
  await engineer.photograph('26-uname');
});

story('nobody saw a broken page', async () => {
  assert.deepEqual([...admin.problems, ...engineer.problems], []);
});
