import { FAILURE_CODES, type FailureCode } from './codes.js';

/**
 * What a caller can do about a failure; the HTTP status and the operator's alarm both follow from it.
 * Add a `code`, not a `kind`: a new kind means that some caller would act in a new way.
 */
export const FAILURE_KINDS = [
  'invalid',
  'unauthenticated',
  'denied',
  'missing',
  'conflict',
  'throttled',
  'no-capacity',
  'unavailable',
  'defect',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export const HTTP_STATUS_OF_KIND: Readonly<Record<FailureKind, number>> = {
  invalid: 400, // the request can never succeed as sent
  unauthenticated: 401, // sign in (again) and repeat
  denied: 403, // known who you are, not allowed
  missing: 404, // the object does not exist, or you may not know
  conflict: 409, // right request, wrong moment (state, version)
  throttled: 429, // too many attempts; wait
  'no-capacity': 507, // no host fits; an operator can add one
  unavailable: 503, // a component is down; the same request may work later
  defect: 500, // our bug
};

export type FailureContext = Readonly<Record<string, unknown>> & { readonly cause?: unknown };

export class PlatformError extends Error {
  override readonly name: string = 'PlatformError';
  constructor(
    /** Stable, documented in docs/errors.md: `desktop.no-capacity`, `volume.chain-broken`. */
    readonly code: string,
    readonly kind: FailureKind,
    /** Safe to show to the person who asked. Says what happened and what to do. */
    message: string,
    /** For the log only: ids, host names, the original error as `cause`. */
    readonly context: FailureContext = {},
  ) {
    super(message, { cause: context.cause });
  }
}

/** A PlatformError whose kind comes from the table of codes, so that one code never has two kinds. */
export function failure(code: FailureCode, message: string = FAILURE_CODES[code].message, context: FailureContext = {}): PlatformError {
  return new PlatformError(code, FAILURE_CODES[code].kind, message, context);
}
