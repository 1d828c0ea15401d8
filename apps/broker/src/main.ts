import type { PartMessage } from '@millwright/contracts';
import { startBroker } from './broker.js';
import { Config } from './platform/config.js';
import { createLog } from './platform/log.js';

/** Nobody waits longer for requests that are under way. */
const CLOSE_TIMEOUT_MS = 10_000;

try {
  const config = Config.fromEnvironment(process.env);
  const log = createLog(config.logLevel);
  const broker = await startBroker(config, log);

  let isClosing = false;
  const close = (why: string) => {
    if (isClosing) return;
    isClosing = true;
    log.info({ why }, 'closing');
    setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
    broker.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => close('SIGTERM'));
  // At Ctrl-C the terminal signals everybody; under a starter it is the starter who says when it is our turn.
  process.on('SIGINT', () => {
    if (!process.send) close('SIGINT');
  });
  process.on('disconnect', () => close('the starter is gone'));

  if (broker.adminPassword !== undefined) tellStarter({ adminPassword: broker.adminPassword });
  say({ ready: true, port: broker.port });
} catch (error) {
  say({ failed: `The broker cannot start: ${error instanceof Error ? error.message : String(error)}` });
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 500).unref();
}

/** Over the IPC channel, or as one line on stdout. */
function say(message: PartMessage): void {
  if (process.send) process.send(message);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Secrets go over the channel or, for somebody who runs the broker by hand, to the terminal; never into a log file. */
function tellStarter(message: PartMessage & { adminPassword: string }): void {
  if (process.send) process.send(message);
  else if (process.stdout.isTTY) process.stdout.write(`First sign-in: admin / ${message.adminPassword}\n`);
}
