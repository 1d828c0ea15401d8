import { assert, test } from 'vitest';
import { DisplayNameSchema, TemplateIdSchema } from './ids.js';

test('a display name is trimmed and may be Chinese', () => {
  assert.equal(DisplayNameSchema.parse(' 混料三线 '), '混料三线');
});

test.each(['', '   ', 'a\nb', 'a\u202eb', 'x'.repeat(64)])('a display name %j is refused', (name) => {
  assert.isFalse(DisplayNameSchema.safeParse(name).success);
});

test.each(['../etc', 'A', '-a', 'a/b', ''])('a template id %j is refused', (id) => {
  assert.isFalse(TemplateIdSchema.safeParse(id).success);
});
