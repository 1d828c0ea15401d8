import { assert, test } from 'vitest';
import { DebugPort } from './debug-port.js';

function board() {
  const seen: (readonly [string, number])[] = [];
  const chip = new DebugPort({
    post: (port, code) => seen.push([`post ${port.toString(16)}`, code]),
    console: (byte) => seen.push(['console', byte]),
    exit: (status) => seen.push(['exit', status]),
  });
  const range = (base: number) => chip.ports.find((port) => port.base === base)!;
  return {
    seen,
    chip,
    write: (base: number, value: number) => chip.writePort(range(base), 0, 1, value),
    read: (base: number) => chip.readPort(range(base), 0, 1),
  };
}

test('codes, console bytes and the exit status 2n+1 reach their listeners', () => {
  const { seen, write, read } = board();
  write(0x80, 0x55);
  write(0x190, 0x01);
  write(0xe9, 0x41);
  write(0xf4, 0x10);
  assert.deepEqual(seen, [
    ['post 80', 0x55],
    ['post 190', 0x01],
    ['console', 0x41],
    ['exit', 0x21],
  ]);
  assert.equal(read(0xe9), 0xe9);
});

test('without listeners console and exit ports are not there', () => {
  assert.deepEqual(
    new DebugPort({}).ports.map((port) => port.base),
    [0x80, 0x190],
  );
});

test('port 0x80 reads back, is cleared by reset and kept by save', () => {
  const { chip, write, read } = board();
  write(0x80, 0xaa);
  const saved = structuredClone(chip.save());
  chip.reset();
  assert.equal(read(0x80), 0);
  chip.restore(saved);
  assert.equal(read(0x80), 0xaa);
});
