import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { clientMessages, encodeOpening } from '@millwright/remote-display/protocol';
import { afterAll, afterEach, assert, beforeAll, beforeEach, describe, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CONVERGED_MS, Plant, sha256, type Victim } from '../support/plant.js';
import { isAlive, until } from '../support/product.js';
import { Upload } from '../support/upload.js';

/*
 * Each part is killed with SIGKILL in the middle of a start, a save, an upload and a session. Nothing hangs, wanted and reported
 * state become the same, disks are intact, and running guests and their screens go on when only the control plane died.
 * One product serves the whole matrix.
 */

vi.setConfig({ testTimeout: 120_000 });

const CONTROL_PLANE: Victim[] = ['broker', 'portal', 'postgres'];
const ALL: Victim[] = [...CONTROL_PLANE, 'hypervisor-host', 'front-door', 'machine'];
/** An upload is in the middle when this much has arrived. */
const UPLOAD_BYTES = 4 << 20;

let plant: Plant;
/** The default guest, which nobody touches: it must live through everything. */
let bystander: number;

beforeAll(async () => {
  plant = await Plant.start();
  await plant.reaches('running');
  await plant.grows();
  const { id } = await until('the default guest', async () =>
    (await plant.api.call('listMachines')).items.find(({ name, state }) => name !== 'Ledger' && state === 'running'),
  );
  bystander = plant.product.machinePid(id)!;
}, 150_000);

afterAll(() => plant?.product.dispose(), 60_000);

beforeEach(() => plant.available());

afterEach(() => {
  assert.isTrue(isAlive(bystander), 'a machine that had nothing to do with it has ended');
  assert.isTrue(plant.imageIsIntact(), 'the image has changed');
});

async function kill(victim: Victim): Promise<void> {
  await plant.product.kill(victim === 'machine' ? plant.product.machinePid(plant.machineId)! : victim);
}

/** The disk as a guest finds it that was not shut down: a boot that sees no less than what was acknowledged. */
async function bootsFromIntactDisk(): Promise<void> {
  const acknowledged = plant.written;
  const entries = await plant.grows();
  const boot = entries.find(({ kind }) => kind === 'B');
  assert.isAtLeast(boot?.record ?? -1, acknowledged, 'acknowledged records are lost, or it did not boot');
}

/** Goes on where it was saved: there was no boot, and no record is missing. */
async function resumes(): Promise<void> {
  const saved = plant.written;
  const entries = await plant.grows();
  assert.isUndefined(
    entries.find(({ kind }) => kind === 'B'),
    'it booted instead of going on',
  );
  assert.isAtLeast(entries[0]!.record, saved);
}

/** An open screen; `messages` counts what the machine sent. */
async function openScreen(): Promise<{ socket: WebSocket; messages: () => number }> {
  const { ticket, displayUrl } = await plant.api.call('openMachine', { id: plant.machineId }, {});
  const socket = new WebSocket(new URL(displayUrl, plant.product.url.replace(/^http/, 'ws')));
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

describe('in the middle of a session', () => {
  test.each(ALL)('%s', async (victim) => {
    await plant.runs();
    await plant.grows();
    const pid = await plant.onlyProcess();
    const screen = await openScreen();
    try {
      await until('the first picture', () => (screen.messages() > 0 ? true : undefined));
      await kill(victim);
      if (CONTROL_PLANE.includes(victim)) await displayAnswers(screen);
      await plant.available();
      if (CONTROL_PLANE.includes(victim)) await displayAnswers(screen);
      else await until('the cut screen knows it', () => (screen.socket.readyState === WebSocket.CLOSED ? true : undefined));
      if (victim === 'machine') {
        await plant.reaches('failed');
        await plant.operate('start');
        await plant.reaches('running');
        await bootsFromIntactDisk();
      } else {
        await plant.reaches('running');
        assert.equal(await plant.onlyProcess(), pid, 'the guest died with it');
        await plant.grows();
      }
      const again = await plant.patient('the screen opens', openScreen);
      await until('it shows a picture', () => (again.messages() > 0 ? true : undefined));
      again.socket.terminate();
    } finally {
      screen.socket.terminate();
    }
  });
});

describe('in the middle of a save', () => {
  test.each(ALL)('%s', async (victim) => {
    await plant.runs();
    await plant.grows();
    await plant.operate('save');
    await plant.isSaving();
    await kill(victim);
    await plant.available();
    await plant.reaches(victim === 'machine' ? 'failed' : 'saved');
    await plant.noProcess();
    await plant.operate('start');
    await plant.reaches('running');
    if (victim === 'machine') await bootsFromIntactDisk();
    else await resumes();
    await plant.onlyProcess();
  });
});

/** A start in whose middle a part is killed; the machine runs at the end, asked for again when it was its own process. */
async function startsThough(victim: (typeof ALL)[number]): Promise<void> {
  await plant.operate('start');
  await plant.isStarting();
  if (victim === 'machine') await until('its process', () => plant.product.machinePid(plant.machineId), CONVERGED_MS, 1);
  await kill(victim);
  await plant.available();
  if (victim === 'machine') {
    await plant.reaches('failed');
    await plant.noProcess();
    await plant.operate('start');
  }
  await plant.reaches('running');
  await plant.onlyProcess();
}

describe('in the middle of a start from a saved state', () => {
  test.each(ALL)('%s', async (victim) => {
    await plant.isSaved();
    await startsThough(victim);
    await resumes();
    assert.isFalse((await plant.machine()).condition?.hasSavedState, 'a state that has been taken over would be resumed once more');
  });
});

// To the other parts it is the same start as from a saved state.
describe('in the middle of a start from power-on', () => {
  test.each(['hypervisor-host', 'machine'] as const)('%s', async (victim) => {
    await plant.isOff();
    await startsThough(victim);
    await bootsFromIntactDisk();
  });
});

describe('in the middle of an upload', () => {
  test.each(ALL)('%s', async (victim) => {
    const { api, product } = plant;
    await plant.runs();
    const bytes = randomBytes(UPLOAD_BYTES);
    const hash = sha256(bytes);
    const grant = await api.call('requestUpload', {}, { name: `cut by ${victim}`, kind: 'disk', sizeBytes: bytes.length, sha256: hash });
    const { id } = grant.image;
    const upload = await Upload.create(new URL(grant.uploadUrl, product.url), grant.ticket, bytes);
    const piece = upload.send(0, bytes.length / 2);
    const arriving = join(product.folder, 'images', 'quarantine', id);
    await until('the first bytes have arrived', () => (statSync(arriving, { throwIfNoEntry: false })?.size ? true : undefined));
    await kill(victim);
    if (victim === 'hypervisor-host' || victim === 'front-door') {
      await piece.done.then(
        () => assert.fail('the piece arrived through a dead part'),
        () => {},
      );
      await plant.available();
      const offset = await plant.patient('the upload is known', () => upload.offset());
      assert.isBelow(offset, bytes.length);
      await upload.send(offset).done;
    } else {
      piece.rest();
      assert.equal(await piece.done, bytes.length, 'the upload did not go on');
      await plant.available();
    }
    const image = await plant.patient('the image is checked', async () => {
      const now = await api.call('getImage', { id });
      return now.state === 'ready' || now.state === 'refused' ? now : undefined;
    });
    assert.deepInclude(image, { state: 'ready', sha256: hash, receivedBytes: bytes.length });
    assert.equal(sha256(readFileSync(join(product.folder, 'images', `${id}.img`))), hash);
    await api.call('deleteImage', { id });
  });
});

test('after all of it, the disk holds everything that it has acknowledged', async () => {
  await plant.runs();
  await plant.grows();
  await plant.operate('stop');
  await plant.reaches('stopped');
  await plant.operate('start');
  await plant.reaches('running');
  await bootsFromIntactDisk();
});
