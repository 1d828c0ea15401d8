import { PassThrough } from 'node:stream';
import { assert, expect, test } from 'vitest';
import { captured } from '../testing/captured.js';
import { Prompt } from './prompt.js';

function terminal() {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
  const around = captured();
  return { input, modes, around, prompt: new Prompt(input, around.stderr) };
}

test('each question takes the next line of a pipe', async () => {
  const around = captured({}, 'old secret\r\nnew secret\n');
  const prompt = new Prompt(around.stdin, around.stderr);
  assert.equal(await prompt.secret('Current: '), 'old secret');
  assert.equal(await prompt.secret('New: '), 'new secret');
  await expect(prompt.secret('Again: ')).rejects.toThrow('Again is missing on standard input');
});

test('a last line without its end counts', async () => {
  const around = captured({}, 'secret');
  assert.equal(await new Prompt(around.stdin, around.stderr).secret('Password: '), 'secret');
});

test('a secret typed on a terminal is not shown, backspace works, and the terminal is left as it was', async () => {
  const { input, modes, around, prompt } = terminal();
  const answer = prompt.secret('Password: ');
  input.write('sexx\u007f\u007fcret\r');
  assert.equal(await answer, 'secret');
  assert.equal(around.said.err, 'Password: \n');
  assert.deepEqual(modes, [true, false]);
});

test('Ctrl-C gives up and leaves the terminal as it was', async () => {
  const { input, modes, prompt } = terminal();
  const answer = prompt.secret('Password: ');
  input.write('abc\u0003');
  await expect(answer).rejects.toThrow('Given up');
  assert.deepEqual(modes, [true, false]);
});
