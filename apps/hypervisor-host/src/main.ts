import { mkdirSync } from 'node:fs';
import { pino } from 'pino';
import { Agent } from './agent/agent.js';
import { readAgentConfig } from './agent/config.js';

/** The hypervisor host's agent: obeys the broker, keeps its machines, reports. Virtual machines run in processes of their own. */
const config = readAgentConfig(process.env);
mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
const log = pino({ level: config.logLevel, base: { part: 'hypervisor-host' } });
const agent = new Agent(config, log);

let ending = false;
function end(abandoned: boolean): void {
  if (ending) return;
  ending = true;
  void agent.end(abandoned).finally(() => process.exit(0));
}
process.on('SIGTERM', () => end(false));
process.on('SIGINT', () => end(false));
// Whoever started us died: machines go on, the next agent adopts them.
process.on('disconnect', () => end(true));

const port = await agent.start();
if (process.send) process.send({ ready: true, port });
else console.log(JSON.stringify({ ready: true, port }));
