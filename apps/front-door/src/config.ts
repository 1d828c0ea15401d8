import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { LogLevelSchema, readEnvironment } from '@millwright/contracts';
import { z } from 'zod';

/** A start that cannot succeed: one line that says what is wrong and the mend. */
export class StartError extends Error {}

const PORT_RANGE = 'give a whole number from 1 to 65535';

const Environment = z.object({
  MILLWRIGHT_PORT: z.coerce.number(PORT_RANGE).int(PORT_RANGE).min(1, PORT_RANGE).max(65535, PORT_RANGE).default(8080),
  MILLWRIGHT_LISTEN: z
    .string()
    .refine(
      (name) => isIP(name) !== 0 || /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(name),
      'give an address or a name of this machine, without a port, or 0.0.0.0 for all',
    )
    .default('127.0.0.1'),
  MILLWRIGHT_DATA: z.string().default('./data'),
  MILLWRIGHT_TLS_CERT: z.string().optional(),
  MILLWRIGHT_TLS_KEY: z.string().optional(),
  MILLWRIGHT_ADMIN_PASSWORD: z.string().min(8, 'it needs at least 8 characters').max(200, 'give at most 200 characters').optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'it must begin with postgres://')
    .optional(),
  MILLWRIGHT_LOG: LogLevelSchema,
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
  const parsed = parse(env);
  const { MILLWRIGHT_TLS_CERT: certificate, MILLWRIGHT_TLS_KEY: key, MILLWRIGHT_LISTEN: listen } = parsed;
  if ((certificate === undefined) !== (key === undefined))
    throw new StartError('MILLWRIGHT_TLS_CERT and MILLWRIGHT_TLS_KEY go together: set both or none.');
  return {
    port: parsed.MILLWRIGHT_PORT,
    listen,
    isLoopback: LOOPBACK.has(listen),
    dataFolder: resolve(parsed.MILLWRIGHT_DATA),
    tlsFiles: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
    databaseUrl: parsed.DATABASE_URL,
    logLevel: parsed.MILLWRIGHT_LOG,
  };
}

function parse(env: NodeJS.ProcessEnv) {
  try {
    return readEnvironment(Environment, env);
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}
