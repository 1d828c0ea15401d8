import { z } from 'zod';
import { FAILURE_KINDS, type FailureKind, HTTP_STATUS_OF_KIND, PlatformError } from './platform-error.js';

/** RFC 9457 problem details, the body of every failed request (`application/problem+json`). */
export const ProblemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  kind: z.enum(FAILURE_KINDS),
  /** Repeated in the broker's log lines and audit entries of this request. */
  requestId: z.string().optional(),
  /** For `request.invalid`: where the body is wrong, as a path of keys. */
  issues: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof ProblemSchema>;
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<FailureKind, string>> = {
  invalid: 'Invalid request',
  unauthenticated: 'Not signed in',
  denied: 'Not allowed',
  missing: 'Not found',
  conflict: 'Not possible now',
  throttled: 'Too many requests',
  'no-capacity': 'No capacity',
  unavailable: 'Not available',
  defect: 'Internal error',
};

/** The body to send for a failure; `context` stays behind. */
export function problemOf(error: PlatformError, extra: Pick<Problem, 'requestId' | 'issues'> = {}): Problem {
  return {
    type: `urn:millwright:error:${error.code}`,
    title: TITLES[error.kind],
    status: HTTP_STATUS_OF_KIND[error.kind],
    detail: error.message,
    code: error.code,
    kind: error.kind,
    ...extra,
  };
}

/** A failure as it travels inside other messages (task results, host reports). */
export const FailureReportSchema = z.object({ code: z.string().max(100), message: z.string().max(2000) });
export type FailureReport = z.infer<typeof FailureReportSchema>;

/** What a client throws for a response that is not 2xx; `undefined` when the body is not a problem. */
export function errorOfProblem(body: unknown): PlatformError | undefined {
  const parsed = ProblemSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { code, kind, detail, requestId, issues } = parsed.data;
  return new PlatformError(code, kind, detail, { requestId, issues });
}
