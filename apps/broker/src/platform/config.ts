import { z } from 'zod';

/** Everything the environment may say to a broker, parsed once at the start. */
const EnvironmentSchema = z.object({
  BROKER_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://'),
  MILLWRIGHT_ADMIN_PASSWORD: z.string().min(8).max(200).optional(),
  MILLWRIGHT_ENROLMENT_TOKEN: z.string().min(20).max(200).optional(),
  MILLWRIGHT_LOG: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
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
    /** How often hosts are expected to speak. */
    readonly heartbeatMs: number = 5_000,
    /** How often wanted and reported state are compared without being asked. */
    readonly reconcileMs: number = 3_000,
  ) {}

  /** @throws Error that names the variable and what is wrong with it. */
  static fromEnvironment(env: NodeJS.ProcessEnv): Config {
    const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
    const parsed = EnvironmentSchema.safeParse(given);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
    }
    const e = parsed.data;
    return new Config(e.BROKER_PORT, e.DATABASE_URL, e.MILLWRIGHT_ADMIN_PASSWORD, e.MILLWRIGHT_ENROLMENT_TOKEN, e.MILLWRIGHT_LOG);
  }
}
