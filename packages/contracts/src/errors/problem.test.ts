import { assert, test } from 'vitest';
import { failure } from './platform-error.js';
import { errorOfProblem, problemOf } from './problem.js';

test('a failure crosses the wire with code, kind and message but without its context', () => {
  const problem = problemOf(failure('machine.no-capacity', 'Full.', { secret: 'x' }), { requestId: 'r-1' });
  assert.equal(problem.status, 507);
  assert.notInclude(JSON.stringify(problem), 'secret');
  const back = errorOfProblem(JSON.parse(JSON.stringify(problem)));
  assert.deepInclude({ ...back, message: back?.message }, { code: 'machine.no-capacity', kind: 'no-capacity', message: 'Full.' });
});

test('a body that is no problem is not taken for one', () => {
  assert.isUndefined(errorOfProblem({ error: 'proxy' }));
});
