import { resolve } from 'node:path';
import { z } from 'zod';

/** A start that cannot succeed: one line that says what is wrong and the mend. */
export class StartError extends Error {}

const PORT_RANGE = 'give a whole number from 1 to 65535';

const Environment = z.object({
  MILLWRIGHT_PORT: z.coerce.number(PORT_RANGE).int(PORT_RANGE).min(1, PORT_RANGE).max(65535, PORT_RANGE).default(8080),
  MILLWRIGHT_LISTEN: z.string().min(1).default('127.0.0.1'),
  MILLWRIGHT_DATA: z.string().min(1).default('./data'),
  MILLWRIGHT_TLS_CERT: z.string().optional(),
  MILLWRIGHT_TLS_KEY: z.string().optional(),
  MILLWRIGHT_ADMIN_PASSWORD: z.string().min(8, 'needs at least 8 characters').optional(),
  DATABASE_URL: z.string().optional(),
  MILLWRIGHT_LOG: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface Config {
  readonly port: number;
  readonly listen: string;
  readonly isLoopback: boolean;
  readonly dataFolder: string;
  readonly tlsFiles: { readonly certificate: string; readonly key: string } | undefined;
  readonly databaseUrl: string | undefined;
  readonly logLevel: string;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** @throws StartError naming the variable */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`${issue?.path.join('.')}: ${issue?.message}. Correct the environment variable and start again.`);
  }
  const { MILLWRIGHT_TLS_CERT: certificate, MILLWRIGHT_TLS_KEY: key, MILLWRIGHT_LISTEN: listen } = parsed.data;
  if ((certificate === undefined) !== (key === undefined))
    throw new StartError('MILLWRIGHT_TLS_CERT and MILLWRIGHT_TLS_KEY go together: set both or none.');
  return {
    port: parsed.data.MILLWRIGHT_PORT,
    listen,
    isLoopback: LOOPBACK.has(listen),
    dataFolder: resolve(parsed.data.MILLWRIGHT_DATA),
    tlsFiles: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
    databaseUrl: parsed.data.DATABASE_URL,
    logLevel: parsed.data.MILLWRIGHT_LOG,
  };
}
