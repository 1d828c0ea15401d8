import { once } from 'node:events';
import type { MachineState, MachineVerb } from '@millwright/contracts';
import { clientMessages, encodeOpening } from '@millwright/remote-display/protocol';
import { afterAll, assert, beforeAll, beforeEach, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { BrokerClient } from '../support/broker-client.js';
import { Line3Modbus } from '../support/line3-modbus.js';
import { ADMIN_PASSWORD, isAlive, type PartName, Product, until } from '../support/product.js';

/*
 * Each part is killed with SIGKILL in the middle of a session. Nothing may hang, states converge, the
 * disk's contents stay, and a running guest and its screen go on when only the control plane died. One product serves the whole matrix.
 */

vi.setConfig({ testTimeout: 60_000 });

const CONVERGED_MS = 40_000;
const CONTROL_PLANE: PartName[] = ['broker', 'portal', 'postgres'];
const ALL: PartName[] = [...CONTROL_PLANE, 'hypervisor-host', 'front-door'];

let product: Product;
let api: BrokerClient;
let machineId: string;
let desktopId: string;

beforeAll(async () => {
  product = await Product.start({ env: { MILLWRIGHT_ADMIN_PASSWORD: ADMIN_PASSWORD } });
  api = await product.signIn();
  const desktop = await until('the default desktop', async () => (await api.call('listDesktops')).items[0]);
  ({ id: desktopId, machineId } = desktop);
  await reaches('running');
}, 150_000);

afterAll(() => product?.dispose(), 60_000);

beforeEach(async () => {
  await available();
});

/** Asks again while a part is coming back. */
function patient<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  return until(
    what,
    () =>
      ask().catch((error: unknown) => {
        last = error;
        return undefined;
      }),
    CONVERGED_MS,
    200,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; last answer: ${String(last)}`);
  });
}

const machine = () => api.call('getMachine', { id: machineId });
const operate = (verb: MachineVerb) => patient(`the verb ${verb} is taken`, () => api.call('operateMachine', { id: machineId, verb }));
async function reaches(...states: MachineState[]): Promise<void> {
  let seen = '';
  await until(
    `the machine is ${states.join(' or ')}`,
    async () => {
      const now = await machine().catch((error: Error) => {
        seen = error.message;
      });
      if (!now) return undefined;
      seen = `${now.state}${now.changing ? ', changing' : ''}${now.condition?.error ? `, ${now.condition.error.code}` : ''}`;
      return states.includes(now.state) && !now.changing ? true : undefined;
    },
    CONVERGED_MS,
    100,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it is ${seen}\n${product.output}`);
  });
}

/** Started, unless it runs already. */
async function runs(): Promise<void> {
  await reaches('running', 'saved', 'stopped', 'failed');
  if ((await machine()).state !== 'running') await operate('start');
  await reaches('running');
}

/** Every part answers. */
async function available(): Promise<void> {
  if (product.pidOf('front-door') === undefined) await product.startAgain();
  await patient('the broker answers', machine);
  await patient(
    'the portal answers',
    async () => (await fetch(`${product.url}/sign-in`, { signal: AbortSignal.timeout(5_000) })).ok || undefined,
  );
  await patient(
    'the host is connected',
    async () => (await api.call('listHosts')).items.every(({ state }) => state === 'online') || undefined,
  );
}

/** An open screen; `messages` counts what the machine sent. */
async function openScreen(): Promise<{ socket: WebSocket; messages: () => number }> {
  const { ticket, displayUrl } = await api.call('openDesktop', { id: desktopId }, {});
  const socket = new WebSocket(new URL(displayUrl, product.url.replace(/^http/, 'ws')));
  let count = 0;
  socket.on('message', () => count++);
  // A viewer that is silent for long would be taken for gone.
  const alive = setInterval(
    () => socket.readyState === WebSocket.OPEN && socket.send(clientMessages.encode({ type: 'ping', token: 0 })),
    2_000,
  );
  socket.once('close', () => clearInterval(alive));
  socket.on('error', () => {});
  await once(socket, 'open', { signal: AbortSignal.timeout(5_000) });
  socket.send(encodeOpening(ticket));
  socket.send(clientMessages.encode({ type: 'hello', features: 0 }));
  return { socket, messages: () => count };
}

/** The machine's display answers on the connection that was open before. */
async function displayAnswers({ socket, messages }: { socket: WebSocket; messages: () => number }): Promise<void> {
  const before = messages();
  socket.send(clientMessages.encode({ type: 'ping', token: 1 }));
  await until('the display answers', () => (messages() > before && socket.readyState === WebSocket.OPEN ? true : undefined), 5_000);
}

/** A value in the guest's memory, to be found again. */
async function inGuest<T>(act: (modbus: Line3Modbus) => Promise<T>): Promise<T> {
  const modbus = await patient('the serial line opens', () => Line3Modbus.open(product.url, api, machineId));
  try {
    return await act(modbus);
  } finally {
    modbus.close();
  }
}

test.each(ALL)('%s is killed in the middle of a session: the guest goes on, its screen comes back or never went', async (part) => {
  await runs();
  const [pid] = product.machinePids();
  const uptime = await inGuest((modbus) => modbus.input('uptimeLow'));
  const screen = await openScreen();
  try {
    await until('the first picture', () => (screen.messages() > 0 ? true : undefined));
    await product.kill(part);
    if (CONTROL_PLANE.includes(part)) await displayAnswers(screen);
    assert.isTrue(isAlive(pid!), 'the guest died with it');
    await available();
    if (CONTROL_PLANE.includes(part)) await displayAnswers(screen);
    await reaches('running');
    assert.deepEqual(product.machinePids(), [pid]);
    const again = await patient('the screen opens', openScreen);
    await until('it shows a picture', () => (again.messages() > 0 ? true : undefined));
    again.socket.terminate();
    assert.isAtLeast(await inGuest((modbus) => modbus.input('uptimeLow')), uptime);
  } finally {
    screen.socket.terminate();
  }
});
