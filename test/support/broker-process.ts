import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PartMessageSchema } from '@millwright/contracts';

const MAIN = fileURLToPath(new URL('../../apps/broker/dist/main.js', import.meta.url));

export interface BrokerProcess {
  readonly url: string;
  readonly port: number;
  /** The one-time password it handed over, if it made one. */
  readonly adminPassword: string | undefined;
  /** What it wrote to its log so far. */
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** The real, compiled broker in a process of its own, as the front door starts it. */
export async function startBrokerProcess(environment: Record<string, string>): Promise<BrokerProcess> {
  const child = fork(MAIN, {
    env: { PATH: process.env['PATH'], MILLWRIGHT_LOG: 'info', ...environment },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    log += String(chunk);
  });
  let adminPassword: string | undefined;
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (raw) => {
      const message = PartMessageSchema.parse(raw);
      if ('adminPassword' in message) adminPassword = message.adminPassword;
      if ('failed' in message) reject(new Error(message.failed));
      if ('ready' in message) resolve(message.port);
    });
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code}: ${log.slice(-2000)}`)));
  });
  return { url: `http://127.0.0.1:${port}`, port, adminPassword, log: () => log, stop: (signal = 'SIGTERM') => stopped(child, signal) };
}

async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  return child.exitCode;
}
