import { HOST_WORDS, type HostWordsCode, hostWords } from '@millwright/contracts';
import { createTranslator } from 'use-intl';
import { assert, test } from 'vitest';
import { auditActionText } from './audit-actions';
import { en } from './en';
import { failureText } from './failure-texts';
import { hostWordsText } from './host-words';
import { chooseLocale } from './locale';
import { zh } from './zh';

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path: readonly string[] = []): [path: string, message: string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[[...path, key].join(' > '), value] as [string, string]] : leaves(value, [...path, key]),
  );
}
const argumentsOf = (message: string) =>
  [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name!))].filter((name) => name !== 'other').sort();

test('both languages have the same keys with the same arguments', () => {
  const [english, chinese] = [new Map(leaves(en)), new Map(leaves(zh as unknown as Tree))];
  assert.deepEqual([...chinese.keys()].sort(), [...english.keys()].sort());
  const differing = [...english].filter(([key, message]) => argumentsOf(message).join() !== argumentsOf(chinese.get(key)!).join());
  assert.deepEqual(differing, []);
});

test('every Chinese message is Chinese or a name', () => {
  const latin = leaves(zh as unknown as Tree)
    .filter(([, message]) => !/\p{Script=Han}/u.test(message))
    .map(([key]) => key);
  const names = [
    'app > name',
    'overview > cpu',
    'images > sha256',
    'templates > known > debian-hmi > name',
    'images > progressText',
    'overview > machineFailed',
  ];
  assert.deepEqual(
    latin.filter((key) => !names.includes(key)),
    [],
  );
});

test.each([
  ['en', en],
  ['zh', zh],
] as const)('every message of %s is well-formed ICU', (locale, messages) => {
  const failed: string[] = [];
  const t = createTranslator({ locale, messages: messages as typeof en, onError: (error) => failed.push(error.message), timeZone: 'UTC' });
  const walk = (tree: Tree, path: string) => {
    for (const [key, value] of Object.entries(tree)) {
      if (typeof value !== 'string') walk(value, `${path}${key}.`);
      else
        (t as unknown as (key: string, values: object) => string)(
          `${path}${key}`,
          Object.fromEntries(argumentsOf(value).map((name) => [name, name === 'count' ? 2 : 'x'])),
        );
    }
  };
  walk(messages as unknown as Tree, '');
  assert.deepEqual(failed, []);
});

test('a failure speaks the person’s language, in English with the server’s own words', () => {
  const failure = { code: 'image.in-use', message: 'Machines still use this image: Press 4. Delete them first.' };
  assert.equal(failureText(failure, 'en'), failure.message);
  assert.equal(failureText(failure, 'zh'), '仍有虚拟机使用此镜像，请先删除它们。');
  assert.equal(failureText({ code: 'odd.code', message: 'Odd.' }, 'zh'), 'Odd.');
});

test('every word of a host is Chinese for Chinese readers, with the same parameters', () => {
  const parametersOf = (sentence: string) => [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort();
  for (const [code, english] of Object.entries(HOST_WORDS)) {
    const chinese = hostWordsText(hostWords(code as HostWordsCode), english, 'zh');
    assert.match(chinese, /\p{Script=Han}/u, code);
    assert.deepEqual(parametersOf(chinese), parametersOf(english), code);
  }
  assert.equal(hostWordsText(hostWords('isolation.program-missing', { program: 'setpriv' }), '', 'zh'), '缺少程序 setpriv');
});

test('what a host says without words, or with words of a later version, is shown as it came', () => {
  assert.equal(hostWordsText(null, 'Polishing', 'zh'), 'Polishing');
  assert.equal(hostWordsText({ code: 'build.polish', parameters: {} }, 'Polishing', 'zh'), 'Polishing');
  assert.equal(hostWordsText(hostWords('build.disk'), 'Making the disk', 'en'), 'Making the disk');
});

test('audit actions are words; a state that a host reported is named', () => {
  const state = (word: string) => word.toUpperCase();
  const text = (action: string, locale: 'en' | 'zh', detail = {}) => auditActionText({ action, detail }, locale, state);
  assert.equal(text('machine.start', 'zh'), '启动虚拟机');
  assert.equal(text('machine.became-failed', 'en'), 'Machine is now: FAILED');
  assert.equal(text('ticket.issue', 'en', { purpose: 'serial' }), 'Opened a serial console');
  assert.equal(text('control.pass', 'en', { from: 'Ann', to: 'Bo' }), 'Handed over control: Ann → Bo');
  assert.equal(text('control.take', 'zh', { from: 'Ann', to: 'Cy' }), '取得控制权: Ann → Cy');
  assert.equal(text('control.pass', 'en', { from: 'Ann', to: null }), 'Handed over control: Ann → –');
  assert.equal(text('control.pass', 'en', { sessionId: 'refused' }), 'Handed over control');
  assert.equal(text('new.thing', 'en'), 'new.thing');
});

test('the cookie chooses the language, then the browser, then English', () => {
  assert.equal(chooseLocale('zh', 'en-GB'), 'zh');
  assert.equal(chooseLocale(undefined, 'fr-CH, zh-CN;q=0.9, en;q=0.8'), 'zh');
  assert.equal(chooseLocale('xx', 'fr'), 'en');
  assert.equal(chooseLocale(undefined, null), 'en');
});
