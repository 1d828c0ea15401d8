import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, assert, test } from 'vitest';
import { isAlive, killProcess, processWith } from './host-process.js';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

async function sleeper(): Promise<{ child: ChildProcess; pid: number; startTicks: string }> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return { child, ...processWith(child.pid!)! };
}

test('a killed process is gone when the call resolves', async () => {
  const { child, pid, startTicks } = await sleeper();
  assert.equal(pid, child.pid);
  const ended = once(child, 'exit');
  await killProcess({ pid, startTicks });
  assert.isFalse(isAlive({ pid, startTicks }));
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('a later process with the same pid is not signalled', async () => {
  const { pid, startTicks } = await sleeper();
  const earlier = { pid, startTicks: `${Number(startTicks) - 1}` };
  assert.isFalse(isAlive(earlier));
  await killProcess(earlier, 1_000, () => assert.fail('signalled'));
  assert.isTrue(isAlive({ pid, startTicks }));
});

test('a process that does not end is waited for so long and no longer', async () => {
  const found = await sleeper();
  let signals = 0;
  const deaf = (): undefined => {
    signals++;
  };
  const code = await killProcess(found, 100, deaf).then(
    () => 'none',
    (error) => error.code,
  );
  assert.equal(code, 'machine.process-stuck');
  assert.isAbove(signals, 1);
});

test('a refusal by the system is told at once', async () => {
  const found = await sleeper();
  const refused = await killProcess(found, 60_000, () => 'EPERM').catch((error: Error) => error.message);
  assert.match(String(refused), new RegExp(`${found.pid} cannot be ended \\(EPERM\\)`));
});
