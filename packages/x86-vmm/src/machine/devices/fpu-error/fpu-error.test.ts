import { assert, test } from 'vitest';
import { RecordingLine } from '../support/recording-line.js';
import { FpuError } from './fpu-error.js';

function board() {
  const irq = new RecordingLine();
  const pins = { ferr: false, ignne: new RecordingLine() };
  const device = new FpuError(pins, irq);
  const range = device.ports[0]!;
  return { irq, pins, device, write: () => device.writePort(range, 0, 1, 0) };
}

test('FERR# raises IRQ 13 until the write to F0, which asserts IGNNE#', () => {
  const { irq, pins, device, write } = board();
  device.ferrChanged();
  assert.isFalse(irq.level);
  pins.ferr = true;
  device.ferrChanged();
  assert.isTrue(irq.level);
  write();
  assert.isFalse(irq.level);
  assert.isTrue(pins.ignne.level);
  device.ferrChanged();
  assert.isFalse(irq.level, 'the error is answered');
});

test('an error after the answered one raises IRQ 13 again, also when its fall was not seen in between', () => {
  const { irq, pins, device, write } = board();
  pins.ferr = true;
  device.ferrChanged();
  write();
  pins.ignne.set(false);
  device.ferrChanged();
  assert.isTrue(irq.level);
});

test('a write without an error asserts nothing', () => {
  const { irq, pins, write } = board();
  write();
  assert.isFalse(irq.level);
  assert.isFalse(pins.ignne.level);
});

test('a restored device holds its line; reset lets it go', () => {
  const { pins, device } = board();
  pins.ferr = true;
  device.ferrChanged();
  const other = board();
  other.device.restore(structuredClone(device.save()));
  assert.isTrue(other.irq.level);
  other.device.reset();
  assert.isFalse(other.irq.level);
});
