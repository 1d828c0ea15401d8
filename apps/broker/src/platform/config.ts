import { LogLevelSchema, readEnvironment } from '@millwright/contracts';
import { z } from 'zod';

/** Everything the environment may say to a broker, parsed once at the start. */
const EnvironmentSchema = z.object({
  BROKER_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'it must begin with postgres://'),
  MILLWRIGHT_ADMIN_PASSWORD: z.string().min(8).max(200).optional(),
  MILLWRIGHT_ENROLMENT_TOKEN: z.string().min(20).max(200).optional(),
  MILLWRIGHT_URL: z.url().optional(),
  MILLWRIGHT_SELF_SIGNED_CERT: z.string().optional(),
  MILLWRIGHT_LOG: LogLevelSchema,
});

/** A class, so that it is its own injection token. */
export class Config {
  constructor(
    readonly port: number,
    readonly databaseUrl: string,
    /** Of the first administrator; applies to an empty database only. */
    readonly adminPassword: string | undefined,
    /** Lets the host that was started beside this broker enrol itself. */
    readonly enrolmentToken: string | undefined,
    readonly logLevel: string,
    /** Where other computers reach the front door; undefined for a broker that somebody runs by hand. */
    readonly publicUrl: string | undefined = undefined,
    /** The front door's certificate, if those who come must be told to trust it. */
    readonly certificatePath: string | undefined = undefined,
    /** How often hosts are expected to speak. */
    readonly heartbeatMs: number = 5_000,
    /** How often wanted and reported state are compared without being asked. */
    readonly reconcileMs: number = 3_000,
  ) {}

  /** @throws Error that names the variable and what is wrong with it. */
  static fromEnvironment(env: NodeJS.ProcessEnv): Config {
    const e = readEnvironment(EnvironmentSchema, env);
    return new Config(
      e.BROKER_PORT,
      e.DATABASE_URL,
      e.MILLWRIGHT_ADMIN_PASSWORD,
      e.MILLWRIGHT_ENROLMENT_TOKEN,
      e.MILLWRIGHT_LOG,
      e.MILLWRIGHT_URL,
      e.MILLWRIGHT_SELF_SIGNED_CERT,
    );
  }
}
