import { accessSync, constants, mkdirSync } from 'node:fs';
import { Agent } from './agent/agent.js';
import { type AgentConfig, readAgentConfig } from './agent/config.js';
import { logOf } from './agent/log.js';

/** The hypervisor host's agent: obeys the broker, keeps its machines, reports. Virtual machines run in processes of their own. */
const config = prepare();
const hasStarter = process.send !== undefined;
const agent = new Agent(config, logOf(config, hasStarter));

let ending = false;
function end(abandoned: boolean): void {
  if (ending) return;
  ending = true;
  tell('\nSaving running machines and ending …');
  void agent.end(abandoned).finally(() => {
    tell('The host has ended.');
    process.exit(0);
  });
}
process.on('SIGTERM', () => end(false));
process.on('SIGINT', () => end(false));
// Whoever started us died: machines go on, the next agent adopts them.
process.on('disconnect', () => end(true));

const port = await agent.start();
process.send?.({ ready: true, port });
await agent.welcome;
tell(`The host is ready: connected to ${config.brokerUrl} as ${config.hostName}.`);

/** To the person who started this host; a starter has sentences of its own. */
function tell(sentence: string): void {
  if (!hasStarter) console.log(sentence);
}

/** The settings, and the data folder made. Without them there is one line that says the mend, and no start. */
function prepare(): AgentConfig {
  try {
    const settings = readAgentConfig(process.env);
    makeDataFolder(settings.dataFolder);
    return settings;
  } catch (error) {
    const failed = `The hypervisor host cannot start: ${(error as Error).message}`;
    if (process.send) process.send({ failed });
    else console.error(failed);
    process.exit(1);
  }
}

function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`The data folder ${folder} cannot be used (${code}): set MILLWRIGHT_DATA to a folder that can be written.`);
  }
}
