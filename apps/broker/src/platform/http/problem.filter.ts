import { failure, PlatformError, PROBLEM_MEDIA_TYPE, type Problem, problemOf } from '@millwright/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import { Log } from '../log.js';
import type { AuthenticatedRequest } from './endpoint.js';
import { InvalidRequest } from './validation.js';

/** Last stop of every failure: the problem goes to the caller, the context to the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    const response = http.getResponse<Response>();
    const requestId = request.context?.requestId;
    const error = platformErrorOf(thrown);
    const problem = problemOf(error, {
      ...(requestId ? { requestId } : {}),
      ...(thrown instanceof InvalidRequest ? { issues: thrown.issues } : {}),
    });
    const entry = {
      requestId,
      code: error.code,
      context: error.context,
      method: request.method,
      path: request.originalUrl.split('?')[0],
      userId: request.context?.userId,
    };
    if (error.kind === 'defect') this.log.error({ ...entry, err: thrown }, 'request failed');
    else this.log.info(entry, 'request refused');
    if (response.headersSent) return void response.end();
    if (error.kind === 'throttled') response.setHeader('Retry-After', '60');
    send(response, problem);
  }
}

function send(response: Response, problem: Problem): void {
  response
    .status(problem.status)
    .setHeader('Content-Type', PROBLEM_MEDIA_TYPE)
    .setHeader('Cache-Control', 'no-store')
    .end(JSON.stringify(problem));
}

function platformErrorOf(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown;
  const status = statusOf(thrown);
  if (status === 404) return failure('request.missing');
  if (status === 413) return failure('request.too-large');
  if (status !== undefined && status < 500) return failure('request.invalid', undefined, { cause: thrown });
  // The pool's and the driver's words for a database that is away; the next request may find it back.
  const code = (thrown as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^(ECONN|08|57P0|53300)/.test(code)) return failure('platform.unavailable', undefined, { cause: thrown });
  if (thrown instanceof Error && /Connection terminated|timeout exceeded when trying to connect/.test(thrown.message))
    return failure('platform.unavailable', undefined, { cause: thrown });
  return failure('platform.defect', undefined, { cause: thrown });
}

/** Of Nest's own exceptions and of body-parser's errors. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = (thrown as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
}
