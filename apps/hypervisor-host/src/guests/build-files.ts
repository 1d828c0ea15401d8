import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureReportSchema, GuestRecipeSchema, HostWordsSchema, TaskIdSchema, TemplateContentSchema } from '@millwright/contracts';
import { z } from 'zod';

/*
 * A build is a process of its own that may outlive the agent, so they meet in a folder:
 *
 *   order.json      what to build and where, written by the agent before it starts the process
 *   process.json    pid and start time of the process, its first act
 *   events.ndjson   what the process says, one JSON object a line; the last one is `done` or `failed`
 *   told            how many bytes of the events an agent has told the broker
 *   finished.json   how it ended, written by the agent when the template is in its place or everything is cleaned away
 *   stderr          what the process prints beside, for people
 *   tmp/            the process's temporary files
 */

export const BuildOrderSchema = z.object({
  version: z.literal(1),
  taskId: TaskIdSchema,
  attempt: z.number().int().positive(),
  recipe: GuestRecipeSchema,
  /** Kept between builds of this recipe. */
  cacheFolder: z.string(),
  /** Where the template is prepared. */
  outputFolder: z.string(),
  /** The template that is replaced; it need not exist. */
  previousFolder: z.string(),
});
export type BuildOrder = z.infer<typeof BuildOrderSchema>;

export const BuildProcessSchema = z.object({ pid: z.number().int().positive(), startTicks: z.string() });

export const BuildEventSchema = z.union([
  z.object({ progress: z.number().min(0).max(100), message: z.string(), words: HostWordsSchema.nullable().default(null) }),
  z.object({ log: z.string() }),
  z.object({ done: TemplateContentSchema }),
  z.object({ failed: FailureReportSchema }),
]);
export type BuildEvent = z.infer<typeof BuildEventSchema>;

/** How a build ended. */
export const BuildEndSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('succeeded'), message: z.string(), words: HostWordsSchema.nullable().default(null) }),
  z.object({ state: z.literal('cancelled'), message: z.string(), words: HostWordsSchema.nullable().default(null) }),
  z.object({ state: z.literal('failed'), message: z.string(), error: FailureReportSchema }),
]);
export type BuildEnd = z.infer<typeof BuildEndSchema>;

export interface BuildFiles {
  readonly folder: string;
  readonly order: string;
  readonly process: string;
  readonly events: string;
  readonly told: string;
  readonly finished: string;
  readonly errors: string;
  readonly temporary: string;
}

export function buildFiles(folder: string): BuildFiles {
  return {
    folder,
    order: join(folder, 'order.json'),
    process: join(folder, 'process.json'),
    events: join(folder, 'events.ndjson'),
    told: join(folder, 'told'),
    finished: join(folder, 'finished.json'),
    errors: join(folder, 'stderr'),
    temporary: join(folder, 'tmp'),
  };
}

/** The JSON value in a file; undefined when there is none. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
