import { assert, test } from 'vitest';
import { RecordingLine } from '../support/recording-line.js';
import { Port92 } from './port92.js';

function board() {
  const a20 = new RecordingLine();
  const resets = { count: 0 };
  const port = new Port92({ a20, resetCpu: () => resets.count++ });
  const range = port.ports[0]!;
  return { a20, resets, port, read: () => port.readPort(range, 0, 1), write: (value: number) => port.writePort(range, 0, 1, value) };
}

test('bit 1 is A20 and reads back', () => {
  const { a20, read, write } = board();
  write(0x02);
  assert.isTrue(a20.level);
  assert.equal(read(), 0x02);
  write(0x00);
  assert.isFalse(a20.level);
  assert.equal(read(), 0x00);
});

test('a rise of bit 0 resets the CPU once', () => {
  const { resets, write } = board();
  write(0x03);
  write(0x03);
  assert.equal(resets.count, 1);
  write(0x02);
  write(0x03);
  assert.equal(resets.count, 2);
});

test('reset leaves A20 on and bit 0 clear; a restored port reads as the saved one', () => {
  const { port, read, write } = board();
  write(0x01);
  const saved = structuredClone(port.save());
  port.reset();
  assert.equal(read(), 0x02);
  port.restore(saved);
  assert.equal(read(), 0x01);
});
