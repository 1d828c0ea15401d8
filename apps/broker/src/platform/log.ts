import { type Logger, pino } from 'pino';

/** One JSON line per event on stderr. A class, so that it is its own injection token. */
export class Log {
  readonly #logger: Logger;
  constructor(logger: Logger) {
    this.#logger = logger;
  }
  debug(entry: object, message: string): void {
    this.#logger.debug(entry, message);
  }
  info(entry: object, message: string): void {
    this.#logger.info(entry, message);
  }
  warn(entry: object, message: string): void {
    this.#logger.warn(entry, message);
  }
  error(entry: object, message: string): void {
    this.#logger.error(entry, message);
  }
  get pino(): Logger {
    return this.#logger;
  }
}

/** Secrets never reach the log: not in headers, not in bodies. */
export function createLog(level: string): Log {
  const redact = [
    'req.headers.cookie',
    'req.headers.authorization',
    'res.headers["set-cookie"]',
    '*.password',
    '*.ticket',
    '*.token',
    '*.secret',
  ];
  return new Log(pino({ level, base: { part: 'broker' }, redact, serializers: { err: plainError } }, pino.destination(2)));
}

/** Errors of the driver drag their whole client along; this is what a reader wants of them. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return { type: error.name, message: error.message, ...(typeof code === 'string' ? { code } : {}), stack: error.stack };
}
