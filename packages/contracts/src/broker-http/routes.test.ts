import { assert, test } from 'vitest';
import { z } from 'zod';
import { ROUTES, type Route } from './routes.js';

const routes: readonly Route[] = Object.values(ROUTES);

test('no two routes share method and path', () => {
  const keys = routes.map((route) => `${route.method} ${route.path}`);
  assert.deepEqual(keys, [...new Set(keys)]);
});

test('every schema of the API can be said as JSON Schema', () => {
  const schemas = routes.flatMap((route) => [route.body, route.response]).filter((schema) => schema !== undefined);
  assert.doesNotThrow(() => schemas.map((schema) => z.toJSONSchema(schema, { io: 'input' })));
});
