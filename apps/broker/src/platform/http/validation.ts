import { failure, PlatformError, type Problem } from '@millwright/contracts';
import { StandardSchemaValidationPipe } from '@nestjs/common';

/** request.invalid with the places that are wrong. */
export class InvalidRequest extends PlatformError {
  constructor(readonly issues: NonNullable<Problem['issues']>) {
    const { code, kind } = failure('request.invalid');
    const [first] = issues;
    super(
      code,
      kind,
      first ? `The request is not well-formed: ${first.path.join('.') || 'body'}: ${first.message}` : 'The request is not well-formed.',
    );
  }
}

/** Bodies, queries and parameters are parsed by the contract's schemas; what does not fit is a problem with `issues`. */
export function schemaValidation(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new InvalidRequest(
        issues.slice(0, 20).map(({ path, message }) => ({
          path: (path ?? []).map((part) => {
            const key = typeof part === 'object' ? part.key : part;
            return typeof key === 'symbol' ? String(key) : key;
          }),
          message,
        })),
      ),
  });
}
