import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { DisplayNameSchema, ENROLMENT_TOKEN_VARIABLE, LogLevelSchema, readEnvironment } from '@millwright/contracts';
import { z } from 'zod';

const PORT_RANGE = 'give a whole number from 0 to 65535';

const Environment = z.object({
  /** Where the broker listens for agents. */
  BROKER_URL: z
    .string('it is missing; make an enrolment token (mw hosts token) and run the command that comes with it')
    .regex(/^wss?:\/\//, 'it must begin with ws:// or wss://'),
  /** Loopback port for viewers' connections, behind the front door; 0: a free one. */
  AGENT_PORT: z.coerce.number(PORT_RANGE).int(PORT_RANGE).min(0, PORT_RANGE).max(65535, PORT_RANGE).default(0),
  MILLWRIGHT_DATA: z.string().min(1).default(join(homedir(), '.millwright')),
  MILLWRIGHT_LOG: LogLevelSchema,
  MILLWRIGHT_HOST_NAME: DisplayNameSchema.default(hostname().slice(0, 63)),
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

/** @throws Error naming the variable and the mend */
export function readAgentConfig(env: NodeJS.ProcessEnv): AgentConfig {
  const parsed = readEnvironment(Environment, env);
  return {
    brokerUrl: parsed.BROKER_URL,
    port: parsed.AGENT_PORT,
    dataFolder: resolve(parsed.MILLWRIGHT_DATA),
    logLevel: parsed.MILLWRIGHT_LOG,
    hostName: parsed.MILLWRIGHT_HOST_NAME,
    enrolmentToken: parsed[ENROLMENT_TOKEN_VARIABLE],
  };
}
