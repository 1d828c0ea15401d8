import { assert, test } from 'vitest';
import { Pit8254 } from '../pit8254/pit8254.js';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLine } from '../support/recording-line.js';
import { Port61 } from './port61.js';

function board() {
  const clock = new ManualClock();
  const pit = new Pit8254({ clock, irq: new RecordingLine() });
  const port = new Port61({ clock, timer: pit });
  return {
    clock,
    pit,
    port,
    read: () => port.readPort(port.ports[0]!, 0, 1),
    write: (value: number) => port.writePort(port.ports[0]!, 0, 1, value),
  };
}

test('bit 4 toggles with each refresh, every 15.085 us', () => {
  const { clock, read } = board();
  const before = read() & 0x10;
  clock.advance(15_085);
  assert.notEqual(read() & 0x10, before);
  clock.advance(15_085);
  assert.equal(read() & 0x10, before);
});

test('bit 0 gates timer 2 and bit 5 shows its output: the wait loop of a calibration', () => {
  const { clock, pit, read, write } = board();
  write(0x00);
  pit.writePort(pit.ports[0]!, 3, 1, 0xb0);
  pit.writePort(pit.ports[0]!, 2, 1, 0x9b);
  pit.writePort(pit.ports[0]!, 2, 1, 0x2e);
  clock.advance(20_000_000);
  assert.equal(read() & 0x20, 0);
  write(0x01);
  clock.advance(9_990_000);
  assert.equal(read() & 0x20, 0);
  clock.advance(20_000);
  assert.equal(read() & 0x21, 0x21);
});

test('only the low four bits are kept, and reset clears them', () => {
  const { port, read, write } = board();
  write(0xff);
  assert.equal(read() & 0xcf, 0x0f);
  port.reset();
  assert.equal(read() & 0x0f, 0);
  assert.isFalse(port.speakerData);
});

test('a restored port shows the saved bits', () => {
  const { port, write } = board();
  write(0x0e);
  const copy = board();
  copy.port.restore(structuredClone(port.save()));
  assert.equal(copy.read() & 0x0f, 0x0e);
  assert.isTrue(copy.port.speakerData);
});
