import { z } from 'zod';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
/** How much the parts write to their logs: MILLWRIGHT_LOG. */
export const LogLevelSchema = z.enum(LOG_LEVELS, `give one of ${LOG_LEVELS.join(', ')}`).default('info');

/** The variables that a program reads at its start; an empty one counts as unset. @throws Error that names the variable and the mend */
export function readEnvironment<S extends z.ZodObject>(schema: S, env: Readonly<Record<string, string | undefined>>): z.output<S> {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`The environment variable ${issue?.path.join('.')} is wrong: ${issue?.message}.`);
}
