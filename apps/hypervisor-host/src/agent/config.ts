import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { ENROLMENT_TOKEN_VARIABLE } from '@millwright/contracts';
import { z } from 'zod';

const Environment = z.object({
  /** Where the broker listens for agents. */
  BROKER_URL: z.string().regex(/^wss?:\/\//, 'must begin with ws:// or wss://'),
  /** Loopback port for viewers' connections, behind the front door; 0: a free one. */
  AGENT_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  MILLWRIGHT_DATA: z.string().default(join(homedir(), '.millwright')),
  MILLWRIGHT_LOG: z.string().default('info'),
  MILLWRIGHT_HOST_NAME: z.string().default(hostname().slice(0, 63)),
  [ENROLMENT_TOKEN_VARIABLE]: z.string().optional(),
});

export interface AgentConfig {
  readonly brokerUrl: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly logLevel: string;
  readonly hostName: string;
  readonly enrolmentToken: string | undefined;
}

/** @throws z.ZodError naming the variable */
export function readAgentConfig(env: NodeJS.ProcessEnv): AgentConfig {
  const parsed = Environment.parse(env);
  return {
    brokerUrl: parsed.BROKER_URL,
    port: parsed.AGENT_PORT,
    dataFolder: resolve(parsed.MILLWRIGHT_DATA),
    logLevel: parsed.MILLWRIGHT_LOG,
    hostName: parsed.MILLWRIGHT_HOST_NAME,
    enrolmentToken: parsed[ENROLMENT_TOKEN_VARIABLE],
  };
}
