import type { ServerResponse } from 'node:http';
import { HTTP_STATUS_OF_KIND, PlatformError } from '@millwright/contracts';
import type { Logger } from 'pino';

/** A failure as application/problem+json (RFC 9457). */
export function sendProblem(response: ServerResponse, error: unknown, log: Logger): void {
  const known = error instanceof PlatformError;
  if (!known) log.error({ error }, 'a request failed');
  const { code, kind, message } = known ? error : new PlatformError('platform.defect', 'defect', 'Something went wrong on our side.');
  const status = HTTP_STATUS_OF_KIND[kind];
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: message, status, code }));
}
