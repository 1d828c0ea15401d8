import type { ServerResponse } from 'node:http';
import { failure, HTTP_STATUS_OF_KIND, PlatformError, PROBLEM_MEDIA_TYPE, problemOf } from '@millwright/contracts';
import type { Logger } from 'pino';

/** A failure as application/problem+json (RFC 9457), in the contract's shape. */
export function sendProblem(response: ServerResponse, error: unknown, log: Logger): void {
  const known = error instanceof PlatformError;
  if (!known) log.error({ error }, 'a request failed');
  const told = known ? error : failure('platform.defect');
  response.writeHead(HTTP_STATUS_OF_KIND[told.kind], { 'content-type': PROBLEM_MEDIA_TYPE });
  response.end(JSON.stringify(problemOf(told)));
}
