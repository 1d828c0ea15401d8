import { line3RegisterMap, line3Screen } from '@millwright/line3-mixing';
import { encodeOpening } from '@millwright/remote-display/protocol';
import { afterAll, assert, beforeAll, test } from 'vitest';
import { WebSocket } from 'ws';
import type { BrokerClient } from '../support/broker-client.js';
import { Person } from '../support/browser.js';
import { Line3Modbus } from '../support/line3-modbus.js';
import { ADMIN_PASSWORD, Product, until } from '../support/product.js';

/*
 * The main job as people do it, in Debian's Chromium against what `npm start` starts: first sign-in, a desktop for an operator,
 * work at the panel in both pointer modes, reload, handing control over, a killed machine. One story; the tests build on each other.
 */

const LINE3 = 'Line 3 mixing';
const OPERATOR = 'olga';
const OPERATOR_PASSWORD = 'mixing is my life';
const { buttons, corners, motorLamp } = line3Screen;

let product: Product;
let admin: Person;
let operator: Person;
let api: BrokerClient;
let modbus: Line3Modbus;
let machineId: string;
let desktopId: string;

beforeAll(async () => {
  product = await Product.start();
  admin = await Person.open();
}, 150_000);

afterAll(async () => {
  modbus?.close();
  await operator?.close();
  await admin?.close();
  await product?.dispose();
}, 60_000);

const allCorners = async () => {
  let marks = 0;
  const look = async () => {
    marks = await modbus.input('cornerMarks');
    return marks === 15 ? true : undefined;
  };
  await until('corners', look, 5_000).catch(() => assert.equal(marks, 15, 'bits of the corners that the guest saw pressed'));
};

test('a wrong password is refused on the page, and the one-time password must be changed', async () => {
  const { page } = admin;
  await admin.signIn(product.url, 'admin', 'not the password');
  await page.getByRole('main').getByText('The name or the password is wrong').waitFor();
  await admin.photograph('01-wrong-password');

  await admin.signIn(product.url, 'admin', product.oneTimePassword);
  await page.waitForURL('**/password**');
  await admin.photograph('02-forced-password-change');
  await page.goto(`${product.url}/machines`);
  await page.waitForURL('**/password**');
  await admin.changePassword(product.oneTimePassword, ADMIN_PASSWORD);
  api = await product.signIn();
  const signInAgain = await product.signIn('admin', product.oneTimePassword).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
  assert.notEqual(signInAgain, 'accepted', 'the one-time password works twice');
});

test('the administrator lands one click from the running panel', async () => {
  const { page } = admin;
  const card = page.getByRole('article', { name: LINE3 });
  await card.waitFor();
  await card.getByText('Running').waitFor();
  await admin.photograph('03-administrator-lands');
  await card
    .getByRole('link', { name: `Open ${LINE3}` })
    .last()
    .click();
  await admin.screen.connected();
  await admin.screen.showsColour('the motor stands still', motorLamp, motorLamp.stopped);
  await admin.photograph('04-panel-of-the-administrator');
  const [desktop] = (await api.call('listDesktops', {}, undefined, { scope: 'all' })).items;
  ({ id: desktopId, machineId } = desktop!);
  modbus = await Line3Modbus.open(product.url, api, machineId);
  assert.isFalse(await modbus.discrete('motorRunning'));
});

test('the administrator makes an operator and assigns the panel', async () => {
  const { page } = admin;
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.waitForURL((url) => !url.pathname.includes(desktopId));
  await page.goto(`${product.url}/users`);
  await page.getByRole('button', { name: 'Create user' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('User name').fill(OPERATOR);
  await form.getByLabel('Engineer').uncheck();
  await form.getByLabel('Operator').check();
  await form.getByText('Set a password').click();
  await form.getByLabel('Password', { exact: true }).fill('handed over in person');
  await form.getByRole('button', { name: 'Create user' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByRole('cell', { name: OPERATOR, exact: true }).first().waitFor();
  await admin.photograph('05-users');

  await page.goto(`${product.url}/access`);
  await page.getByRole('button', { name: `Assign people: ${LINE3}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Assigned to').fill(OPERATOR);
  await page.getByRole('option', { name: OPERATOR }).click();
  await admin.photograph('06-assign');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'hidden' });
  const { assignments } = await api.call('getDesktop', { id: desktopId });
  assert.includeMembers(
    assignments.map(({ userName }) => userName),
    [OPERATOR],
  );
});

test('the operator opens the panel full screen and works it with the absolute pointer', async () => {
  operator = await Person.open({ width: 1024, height: 768 });
  const { page, screen } = operator;
  await operator.signIn(product.url, OPERATOR, 'handed over in person');
  await operator.changePassword('handed over in person', OPERATOR_PASSWORD);
  await page.getByText('Tap to open').click();
  await screen.connected();
  const picture = (await screen.canvas.boundingBox())!;
  const menu = page.getByRole('button', { name: 'Panel menu' });
  assert.isAtLeast((await menu.boundingBox())!.x, picture.x + picture.width, 'the menu covers the panel');
  await menu.click();
  await page.getByRole('menuitem', { name: 'Full screen' }).click();
  await page.locator('.mw-screen[data-full]').waitFor();
  await page.keyboard.press('Escape');
  // In full screen it goes out of the picture by itself, and comes back to whoever leaves the screen with the keyboard.
  await until('the menu is away', async () => ((await menu.boundingBox())!.x > 1000 ? true : undefined), 10_000);
  for (const key of ['ControlLeft', 'AltLeft', 'ShiftLeft']) await page.keyboard.down(key);
  for (const key of ['ControlLeft', 'AltLeft', 'ShiftLeft']) await page.keyboard.up(key);
  await until('the menu is back', async () => ((await menu.boundingBox())!.x < 1000 ? true : undefined), 10_000);
  assert.isTrue(await modbus.discrete('pointerAbsolute'));
  for (const corner of corners.targets) await screen.click(corner);
  await operator.photograph('07-corners');
  await allCorners();
  for (const [index, lamp] of corners.lamps.entries()) await screen.showsColour(`corner ${index} is marked`, lamp, corners.pressed);
  await screen.click(buttons.start);
  await screen.showsColour('the motor lamp is green', motorLamp, motorLamp.running);
  assert.isTrue(await modbus.discrete('motorRunning'));
  await operator.photograph('07-operator-absolute');
  await screen.click(buttons.stop);
  await screen.showsColour('the motor lamp is grey', motorLamp, motorLamp.stopped);
  assert.isFalse(await modbus.discrete('motorRunning'));
});

test('after the key M the same works with the captured pointer', async () => {
  const { page, screen } = operator;
  await page.keyboard.press('m');
  await until('the guest says relative', async () => ((await modbus.discrete('pointerAbsolute')) ? undefined : true));
  await page.getByText('Click the screen to capture the pointer.').waitFor();
  const middle = await screen.place({ x: 512, y: 384 });
  await page.mouse.click(middle.x, middle.y);
  await page.waitForFunction(() => document.pointerLockElement?.tagName === 'CANVAS');
  await page.getByText('Pointer captured.').waitFor();

  // The guest's own count of pixels is the truth; the screen's edges stop the pointer.
  const moveTo = async (x: number, y: number) => {
    for (let attempt = 0; attempt < 12; attempt++) {
      const dx = x - (await modbus.input('pointerX'));
      const dy = y - (await modbus.input('pointerY'));
      if (dx === 0 && dy === 0) return;
      mouse = { x: mouse.x + dx, y: mouse.y + dy };
      await page.mouse.move(mouse.x, mouse.y);
      await page.waitForTimeout(120);
    }
    assert.fail(`the captured pointer did not reach ${x}, ${y}`);
  };
  let mouse: { x: number; y: number } = middle;
  assert.equal(await modbus.input('cornerMarks'), 0, 'the key M forgets the marks');
  for (const { x, y } of corners.targets) {
    await moveTo(x, y);
    await screen.press();
  }
  await allCorners();
  await moveTo(buttons.start.x, buttons.start.y);
  await screen.press();
  await screen.showsColour('the motor lamp is green', motorLamp, motorLamp.running);
  assert.isTrue(await modbus.discrete('motorRunning'));
  await operator.photograph('08-operator-relative');

  await page.evaluate(() => document.exitPointerLock());
  await screen.canvas.focus();
  await page.keyboard.press('m');
  await until('the guest says absolute', async () => ((await modbus.discrete('pointerAbsolute')) ? true : undefined));
});

test('keys and buttons that are down are released when the window loses the focus', async () => {
  const { page, screen } = operator;
  const speed = line3RegisterMap.holdingRegisters.find(({ name }) => name === 'speedSetpoint')!.address;
  const before = await modbus.holding(speed);
  await screen.canvas.focus();
  // The board's keyboard repeats a key that is down, and the panel adds to the setpoint each time.
  await page.keyboard.down('NumpadAdd');
  await until('the held key repeats in the guest', async () => ((await modbus.holding(speed)) > before + 20 ? true : undefined), 10_000);
  await page.evaluate(() => window.dispatchEvent(new Event('blur')));
  await page.waitForTimeout(300);
  const after = await modbus.holding(speed);
  await page.waitForTimeout(700);
  assert.equal(await modbus.holding(speed), after, 'the key still repeats');
  await page.keyboard.up('NumpadAdd');
});

test('a reload resumes the session, control and all', async () => {
  const { page, screen } = operator;
  const sessions = async () =>
    (await api.call('listSessions', {}, undefined, { machineId })).items.filter(({ userDisplayName }) => userDisplayName === OPERATOR);
  const [before] = await sessions();
  await page.reload();
  await screen.connected();
  await screen.showsColour('the motor still runs', motorLamp, motorLamp.running);
  const after = await sessions();
  assert.deepEqual(
    after.map(({ id }) => id),
    [before!.id],
    'the reload made another session',
  );
  await screen.click(buttons.stop);
  await screen.showsColour('the operator is still in control', motorLamp, motorLamp.stopped);
});

test('a second viewer only watches, until control is handed over', async () => {
  const { page } = admin;
  await page.goto(`${product.url}/desktops/${desktopId}`);
  await admin.screen.connected();
  await page.getByRole('button', { name: `Control: ${OPERATOR} is in control` }).waitFor();
  const name = 'Line 3 mixing station, building B north hall';
  await api.call('updateDesktop', { id: desktopId }, { name });
  const heading = page.getByRole('heading', { name, level: 1 });
  await heading.waitFor();
  assert.isTrue(await heading.evaluate((h1) => h1.scrollWidth <= h1.clientWidth), 'the name is cut');
  const clicks = await modbus.input('pointerClicks');
  await admin.screen.click(buttons.start);
  await page.keyboard.press('F1');
  await page.waitForTimeout(500);
  await page.getByText(`View only: ${OPERATOR} is in control`).waitFor();
  assert.equal(await modbus.input('pointerClicks'), clicks, 'a click of somebody who only watches reached the guest');
  assert.isFalse(await modbus.discrete('running'), 'a key of somebody who only watches reached the guest');

  await page.getByRole('button', { name: /^Control:/ }).click();
  await page.getByRole('menuitem', { name: 'Ask for control' }).click();
  await operator.page.getByText('asks for control').waitFor();
  await operator.photograph('09-operator-is-asked');
  await operator.page.getByRole('button', { name: 'Keep control' }).click();
  await page.getByText(`${OPERATOR} keeps control`).waitFor();
  await page.getByRole('button', { name: 'Ask again' }).click();
  await operator.page.getByText('asks for control').waitFor();
  await operator.page.getByRole('button', { name: 'Hand over' }).click();
  await page.getByRole('button', { name: 'Control: You are in control' }).waitFor();
  await admin.screen.click(buttons.start);
  await admin.screen.showsColour('the administrator works the panel', motorLamp, motorLamp.running);
  await operator.screen.showsColour('and the operator sees it', motorLamp, motorLamp.running);
  await operator.page.getByText('View only').waitFor();
  await admin.photograph('10-administrator-in-control');
  const { actorName, detail } = (await api.call('listAudit', {}, undefined, { action: 'control.pass' })).items[0]!;
  assert.deepInclude({ ...detail, actorName }, { actorName: OPERATOR, from: OPERATOR, to: 'Administrator' });
});

test('control that nobody holds is said to be free, and belongs to the first click', async () => {
  await admin.page.getByRole('button', { name: /^Control:/ }).click();
  await admin.page.getByRole('menuitem', { name: 'Give up control' }).click();
  await operator.page.getByText('Nobody is in control. Click the screen or press a key to take control.').waitFor();
  await operator.photograph('11-control-is-free');
  await operator.screen.click(buttons.stop);
  await operator.screen.showsColour('the click has taken control and stopped the motor', motorLamp, motorLamp.stopped);
  await admin.page.getByRole('button', { name: `Control: ${OPERATOR} is in control` }).waitFor();
});

test('the process of the machine is killed: the portal says so, and Start brings it back', async () => {
  const { page, screen } = operator;
  const [pid] = product.machinePids();
  process.kill(pid!, 'SIGKILL');
  await page.getByRole('heading', { name: 'The machine has failed' }).waitFor();
  await operator.photograph('12-machine-killed');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await screen.connected();
  await screen.showsColour('the panel is back', motorLamp, motorLamp.stopped, 30_000);
  assert.notEqual(product.machinePids()[0], pid);
  modbus.close();
  modbus = await Line3Modbus.open(product.url, api, machineId);
  assert.isBelow(await modbus.input('uptimeLow'), 60);
  await operator.photograph('13-machine-is-back');
});

test("a used ticket, another origin and another person's desktop are refused", async () => {
  const { ticket, displayUrl } = await api.call('openDesktop', { id: desktopId }, {});
  const offered = (origin?: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(new URL(displayUrl, product.url.replace(/^http/, 'ws')), origin ? { origin } : {});
      socket.once('open', () => socket.send(encodeOpening(ticket)));
      // Opened and not closed for a second: the host let it in.
      const admitted = setTimeout(() => resolve('admitted'), 1_000);
      const end = (words: string) => {
        clearTimeout(admitted);
        socket.terminate();
        resolve(words);
      };
      socket.once('error', (error) => end(error.message));
      socket.once('close', (_code, reason) => end(String(reason)));
    });
  assert.match(await offered('http://elsewhere.example'), /403/);
  assert.equal(await offered(product.url), 'admitted');
  assert.equal(await offered(product.url), 'ticket.used');

  const stranger = 'sam';
  await api.call('createUser', {}, { name: stranger, roles: ['operator'], password: OPERATOR_PASSWORD, mustChangePassword: false });
  const theirs = await product.signIn(stranger, OPERATOR_PASSWORD);
  assert.lengthOf((await theirs.call('listDesktops')).items, 0);
  assert.equal(await theirs.refusal('openDesktop', { id: desktopId }, {}), 'desktop.missing');
  assert.notEqual(await theirs.refusal('openMachine', { id: machineId }, {}), 'no refusal');
  assert.notEqual(await theirs.refusal('requestTicket', { id: machineId }, { purpose: 'screenshot', port: 0 }), 'no refusal');
  assert.equal(await theirs.refusal('createUser', {}, { name: 'eve', roles: ['admin'] }), 'auth.denied');

  await operator.close();
  operator = await Person.open();
  await operator.signIn(product.url, stranger, OPERATOR_PASSWORD);
  await operator.page.getByText('No panel is assigned to you').waitFor();
  await operator.page.goto(`${product.url}/hmi/${desktopId}`);
  await operator.page.getByText('There is no such desktop.').waitFor();
  await operator.photograph('14-not-mine');
});

test('nobody saw a broken page', () => {
  assert.deepEqual([...admin.problems, ...operator.problems], []);
});
