import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { failure, hostWords, hostWordsInEnglish } from '@millwright/contracts';
import { processWith } from '../machines/host-process.js';
import { type BuildEvent, BuildOrderSchema, buildFiles } from './build-files.js';
import { Progress } from './progress.js';
import { missingOf } from './recipes/needs.js';
import { RECIPES } from './recipes/recipes.js';

/*
 * The program that builds one guest: `node build-guest-process.js <folder>`, with the folder of build-files.ts. It leads a process
 * group of its own; what it starts stays in that group. It knows no broker and no agent.
 */

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: build-guest-process <folder>');
const files = buildFiles(folder);
const say = (event: BuildEvent): void => appendFileSync(files.events, `${JSON.stringify(event)}\n`, { mode: 0o600 });

writeFileSync(files.process, JSON.stringify(processWith('self')), { mode: 0o600 });
// The agent that reads our events may be gone; the terminal it had is not ours either.
process.on('SIGHUP', () => {});

try {
  const order = BuildOrderSchema.parse(JSON.parse(readFileSync(files.order, 'utf8')));
  const recipe = RECIPES[order.recipe];
  const missing = await missingOf(recipe.needs);
  if (missing.length > 0) throw new Error(missing.map(hostWordsInEnglish).join(' '));
  await mkdir(order.cacheFolder, { recursive: true, mode: 0o700 });
  await mkdir(files.temporary, { recursive: true, mode: 0o700 });
  const done = await recipe.build({
    cacheFolder: order.cacheFolder,
    temporaryFolder: files.temporary,
    outputFolder: order.outputFolder,
    previousFolder: order.previousFolder,
    progress: new Progress(recipe.stages, (progress, stage) => {
      const words = hostWords(stage);
      say({ progress, message: hostWordsInEnglish(words), words });
    }),
    log: (log) => say({ log }),
  });
  await rm(files.temporary, { recursive: true, force: true });
  say({ done });
} catch (error) {
  await rm(files.temporary, { recursive: true, force: true }).catch(() => {});
  const { code, message } = failure('guest.build-failed', (error as Error).message.slice(0, 1_500));
  say({ failed: { code, message } });
  process.exitCode = 1;
}
