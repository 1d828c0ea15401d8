import { assert, test } from 'vitest';
import { ResetControl } from './reset-control.js';

function board() {
  const resets: string[] = [];
  const chip = new ResetControl({ resetCpu: () => resets.push('cpu'), resetBoard: () => resets.push('board') });
  return {
    resets,
    chip,
    write: (value: number) => chip.writePort(chip.ports[0]!, 0, 1, value),
    read: () => chip.readPort(chip.ports[0]!, 0, 1),
  };
}

test('02 then 06 resets the board, 00 then 04 the CPU only', () => {
  const { resets, write } = board();
  write(0x02);
  assert.deepEqual(resets, []);
  write(0x06);
  write(0x00);
  write(0x04);
  assert.deepEqual(resets, ['board', 'cpu']);
});

test('without a rise of bit 2 nothing happens; bits read back; reset clears; state is kept', () => {
  const { resets, chip, write, read } = board();
  write(0xfe);
  write(0x06);
  assert.equal(resets.length, 1);
  assert.equal(read(), 0x06);
  const saved = structuredClone(chip.save());
  chip.reset();
  assert.equal(read(), 0);
  chip.restore(saved);
  write(0x06);
  assert.equal(resets.length, 1);
});
