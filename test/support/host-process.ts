import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AGENT_PATH } from '@millwright/contracts';
import { freePort } from './free-port.js';

const MAIN = fileURLToPath(new URL('../../apps/hypervisor-host/dist/main.js', import.meta.url));

export interface HostProcess {
  /** Where viewers arrive. */
  readonly port: number;
  /** Saves its machines and ends, unless killed. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** The real, compiled agent in a process of its own, with machines that really run. */
export async function startHostProcess(brokerPort: number, dataFolder: string, enrolmentToken: string): Promise<HostProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      BROKER_URL: `ws://127.0.0.1:${brokerPort}${AGENT_PATH}`,
      AGENT_PORT: String(port),
      MILLWRIGHT_DATA: dataFolder,
      MILLWRIGHT_LOG: 'warn',
      MILLWRIGHT_ENROLMENT_TOKEN: enrolmentToken,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return {
    port,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
  };
}
