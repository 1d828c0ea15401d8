import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, assert, beforeEach, describe, test } from 'vitest';
import { medium, overlay, SECTOR, Transcript, Workshop } from './support/guest.js';

/** Writes a sector of the hard disk once, then counts on the debug console with each tick. */
const WRITE_THEN_COUNT = `
        mov ax, 0x0301
        mov bx, 0x7C00
        mov cx, 5
        mov dx, 0x0080
        int 0x13
        jnc .count
        mov al, 1
        jmp exit
.count: mov al, 'a'
.next:  out 0xE9, al
        hlt
        inc al
        cmp al, 'z'
        jbe .next
        jmp .count
`;

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.end());

async function refusal(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('a saved state and its disks', () => {
  for (const kind of ['raw image', 'overlay'] as const) {
    test(`${kind}: restores while the disk is as it was, refuses once it was written`, async () => {
      const image = workshop.image('disk.img', new Uint8Array(SECTOR), 1000);
      const backend = kind === 'overlay' ? overlay(image, workshop.path('changes')) : medium(image);
      const ide = [{ kind: 'disk', backend }] as const;
      const state = workshop.path('state');
      const machine = await workshop.boot(WRITE_THEN_COUNT, { ide });
      const transcript = new Transcript(machine, 'debug');
      await machine.start();
      await transcript.seen('abcdef');
      await machine.save(state);
      assert.equal(machine.state, 'paused');
      await machine.stop();

      const restored = await workshop.boot(WRITE_THEN_COUNT, { ide }, state);
      const after = new Transcript(restored, 'debug');
      await restored.resume();
      await after.seen('jklm');
      assert.isFalse(after.text.includes('abc'), 'it went on, it did not start again');
      await restored.stop();

      // Nothing was written in between: still good. Then a machine boots afresh and writes its sector.
      const again = await workshop.boot(WRITE_THEN_COUNT, { ide }, state);
      await again.stop();
      const writer = await workshop.boot(WRITE_THEN_COUNT, { ide });
      const wrote = new Transcript(writer, 'debug');
      await writer.start();
      await wrote.seen('a');
      await writer.stop();
      assert.equal(await refusal(workshop.boot(WRITE_THEN_COUNT, { ide }, state)), 'snapshot.disk-changed');
    }, 60_000);
  }

  test('another memory size, another board and a missing disk are refused', async () => {
    const image = workshop.image('disk.img', new Uint8Array(SECTOR), 1000);
    const ide = [{ kind: 'disk', backend: medium(image) }] as const;
    const state = workshop.path('state');
    const machine = await workshop.boot(WRITE_THEN_COUNT, { ide });
    await machine.start();
    await machine.save(state);
    await machine.stop();
    assert.equal(await refusal(workshop.boot(WRITE_THEN_COUNT, { ide, memoryMiB: 9 }, state)), 'snapshot.bad-file');
    assert.equal(await refusal(workshop.boot(WRITE_THEN_COUNT, {}, state)), 'snapshot.disk-changed');
    assert.equal(await refusal(workshop.boot(WRITE_THEN_COUNT, { ide }, workshop.path('absent'))), 'snapshot.bad-file');
    writeFileSync(workshop.path('cut'), readFileSync(state).subarray(0, 5000));
    assert.equal(await refusal(workshop.boot(WRITE_THEN_COUNT, { ide }, workshop.path('cut'))), 'snapshot.bad-file');
  }, 60_000);
});

/** Saves two states in turn to one path until it is killed. */
const SAVER = `
import { writeSnapshot } from ${JSON.stringify(new URL('../../../packages/x86-vmm/dist/snapshot/save.js', import.meta.url).href)};
const region = new Uint8Array(6 << 20);
for (let i = 0; i < region.length; i++) region[i] = Math.imul(i, 2654435761) >>> 24;
for (let turn = 0; ; turn++) {
  region.fill(turn, 0, 4096);
  await writeSnapshot(process.argv[1], { memoryMiB: turn, guestTimeNs: 0n, cpu: new Uint8Array(8), devices: {}, generations: {}, regions: [{ name: 'ram', bytes: region.length }] }, [region]);
  process.stdout.write('.');
}`;

test('a crash in the middle of a save leaves a whole state, the old one or the new one', async () => {
  const { SnapshotFile } = await import('../../../packages/x86-vmm/src/snapshot/restore.js');
  const path = workshop.path('state');
  let leftBeside = 0;
  for (let i = 0; i < 6; i++) {
    const saver = spawn(process.execPath, ['--input-type=module', '-e', SAVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => saver.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 5 + i * 23));
    const ended = new Promise((resolve) => saver.once('exit', resolve));
    saver.kill('SIGKILL');
    await ended;
    if (existsSync(`${path}.partial`)) leftBeside++;
    const file = await SnapshotFile.open(path);
    const region = new Uint8Array(6 << 20);
    await file.restoreInto([region]);
    await file.close();
    assert.equal(region[100], file.header.memoryMiB & 0xff, 'pages and header are of one save');
  }
  assert.isAbove(leftBeside, 0, 'at least one was killed while it wrote');
}, 60_000);

test('a machine whose disk cannot tell changes is not saved, and goes on', async () => {
  const plain = workshop.path('plain.mjs');
  writeFileSync(
    plain,
    `export const open = async () => ({ sectors: 100, readOnly: false, read: async (s, into) => { into.fill(0); }, write: async () => {}, flush: async () => {} });`,
  );
  const machine = await workshop.boot(WRITE_THEN_COUNT, { ide: [{ kind: 'disk', backend: { module: `file://${plain}`, options: {} } }] });
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  assert.equal(await refusal(machine.save(workshop.path('state'))), 'medium.failed');
  await machine.resume();
  await transcript.seen('abc');
}, 30_000);
