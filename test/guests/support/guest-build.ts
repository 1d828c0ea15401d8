import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuestRecipe, TemplateContent } from '@millwright/contracts';
import { CACHE } from './guest-machine.js';

const BUILD_PROCESS = fileURLToPath(new URL('../../../apps/hypervisor-host/dist/guests/build-guest-process.js', import.meta.url));
/** What a machine without apt, without root or without a mirror in reach says; anything else is a fault of the recipe. */
const ENVIRONMENT =
  /is missing|No package source|Run as root|no range in|name spaces|Could not resolve|Could not connect|Temporary failure|Failed to fetch|timed out/i;

export interface BuildEvent {
  readonly progress?: number;
  readonly message?: string;
  readonly log?: string;
  readonly done?: TemplateContent;
  readonly failed?: { readonly code: string; readonly message: string };
}

/** A template folder with its files, made by the recipe's own process. */
export interface BuiltGuest {
  readonly folder: string;
  readonly content: TemplateContent;
  readonly events: readonly BuildEvent[];
}

/**
 * Runs a recipe in its process, as the agent does. Resolves with the reason when this machine cannot build. Packages and result stay in
 * `cache`; files that run at the same time have one each. @throws Error of the recipe
 */
export async function buildGuest(recipe: GuestRecipe, cache = CACHE): Promise<BuiltGuest | string> {
  if (!existsSync(BUILD_PROCESS)) throw new Error('apps/hypervisor-host is not built: npm run build');
  const place = join(cache, recipe, 'template');
  const folder = await mkdtemp(join(tmpdir(), 'guest-build-'));
  const outputFolder = `${place}.partial`;
  await rm(outputFolder, { recursive: true, force: true });
  await mkdir(outputFolder, { recursive: true });
  const order = {
    version: 1,
    taskId: '0d1c3f2e-7a54-4c59-9a0b-3f4c2a1b5d6e',
    attempt: 1,
    recipe,
    cacheFolder: join(cache, recipe, 'packages'),
    outputFolder,
    previousFolder: join(folder, 'none'),
  };
  await writeFile(join(folder, 'order.json'), JSON.stringify(order));
  const child = spawn(process.execPath, [BUILD_PROCESS, folder], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  await new Promise((resolve) => child.once('close', resolve));
  const lines = readFileSync(join(folder, 'events.ndjson'), 'utf8').trim().split('\n');
  await rm(folder, { recursive: true });
  const events = lines.map((line) => JSON.parse(line) as BuildEvent);
  const last = events.at(-1);
  if (last?.done) {
    await rm(place, { recursive: true, force: true });
    await rename(outputFolder, place);
    return { folder: place, content: last.done, events };
  }
  await rm(outputFolder, { recursive: true, force: true });
  const reason = last?.failed?.message ?? 'the build ended without a word';
  if (ENVIRONMENT.test(reason)) return reason;
  throw new Error(reason);
}
