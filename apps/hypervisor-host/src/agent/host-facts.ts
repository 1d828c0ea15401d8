import { statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os';
import type { HostFacts, HostLoad } from '@millwright/contracts';
import { ISOLATION } from '../machines/process-client.js';

const require = createRequire(import.meta.url);
const { version } = require('../../package.json') as { version: string };
const MIB = 2 ** 20;

/** What this host is and can do. */
export function hostFacts(recipes: HostFacts['recipes']): HostFacts {
  const processors = cpus();
  return {
    agentVersion: version,
    engineVersion: version,
    platform: `${platform()} ${release()} ${arch()}, Node ${process.versions.node}`.slice(0, 100),
    cpuModel: (processors[0]?.model ?? 'unknown').slice(0, 200),
    cpuCount: Math.max(1, processors.length),
    memoryMiB: Math.floor(totalmem() / MIB),
    isolation: ISOLATION.map((each) => ({ ...each })),
    recipes,
  };
}

/** Measures the load between two calls. */
export class LoadMeter {
  #before = processorTimes();

  constructor(private readonly dataFolder: string) {}

  take(): HostLoad {
    const now = processorTimes();
    const total = now.total - this.#before.total;
    const busy = total - (now.idle - this.#before.idle);
    this.#before = now;
    const { bavail, bsize } = statfsSync(this.dataFolder);
    return {
      cpuPercent: total > 0 ? Math.min(100, Math.max(0, (100 * busy) / total)) : 0,
      memoryFreeMiB: Math.floor(freemem() / MIB),
      diskFreeMiB: Math.floor((bavail * bsize) / MIB),
    };
  }
}

function processorTimes(): { readonly total: number; readonly idle: number } {
  let total = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { total, idle };
}
