import { assert, test } from 'vitest';
import { ByteQueue } from './byte-queue.js';

test('bytes leave in the order they came, across the end of the ring, and a full queue refuses', () => {
  const queue = new ByteQueue(3);
  assert.deepEqual([queue.push(1), queue.push(2), queue.push(3), queue.push(4)], [true, true, true, false]);
  assert.equal(queue.shift(), 1);
  queue.push(5);
  assert.deepEqual([...queue.save()], [2, 3, 5]);
  assert.equal(queue.free, 0);
});

test('restore drops what does not fit', () => {
  const queue = new ByteQueue(2);
  queue.restore(Uint8Array.of(1, 2, 3));
  assert.deepEqual([...queue.save()], [1, 2]);
});
