import { assert, test } from 'vitest';
import { HostWordsSchema, hostWords, hostWordsInEnglish } from './host-words.js';

test('a code and its parameters become the English sentence', () => {
  assert.equal(
    hostWordsInEnglish(hostWords('need.program', { program: 'mke2fs', package: 'e2fsprogs' })),
    'The program mke2fs is missing. Install Debian’s package e2fsprogs.',
  );
});

test('a parameter that is missing stays visible, and words that look like one are not filled in twice', () => {
  assert.equal(hostWordsInEnglish(hostWords('isolation.refused')), 'the system refuses it ({detail})');
  assert.equal(hostWordsInEnglish(hostWords('isolation.refused', { detail: '{detail}' })), 'the system refuses it ({detail})');
});

test('a code of a newer host is let through', () => {
  const words = HostWordsSchema.parse({ code: 'build.polish' });
  assert.equal(hostWordsInEnglish(words), 'build.polish');
});
