import { assert, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLine } from '../support/recording-line.js';
import { Pit8254 } from './pit8254.js';
import { PIT_HZ } from './registers.js';

function board() {
  const clock = new ManualClock();
  const irq = new RecordingLine();
  const pit = new Pit8254({ clock, irq });
  return { clock, irq, pit, ...access(pit), ticks: ticker(clock) };
}

const access = (pit: Pit8254) => ({
  write: (offset: number, ...values: number[]): void => {
    for (const value of values) pit.writePort(pit.ports[0]!, offset, 1, value);
  },
  read: (offset: number): number => pit.readPort(pit.ports[0]!, offset, 1),
  read16: (offset: number): number => pit.readPort(pit.ports[0]!, offset, 1) | (pit.readPort(pit.ports[0]!, offset, 1) << 8),
});

/** Moves the clock to whole CLK ticks from power-on. */
function ticker(clock: ManualClock) {
  let tick = 0n;
  return (count: number): void => {
    tick += BigInt(count);
    const target = (tick * 1_000_000_000n + BigInt(PIT_HZ) - 1n) / BigInt(PIT_HZ);
    clock.advance(target - clock.now());
  };
}

test('mode 2 at divisor 65536 gives 18.2 interrupts a second, 65536 exactly in an hour less its last tick', () => {
  const { clock, irq, write } = board();
  write(3, 0x34);
  write(0, 0, 0);
  irq.rises = 0;
  clock.advance(3_600_000_000_000n);
  assert.equal(irq.rises, Math.floor((3600 * PIT_HZ - 1) / 65536));
});

test('mode 3 at divisor 1193 raises IRQ 0 1000 times in a second of guest time', () => {
  const { clock, irq, write } = board();
  write(3, 0x36);
  write(0, 0xa9, 0x04);
  irq.rises = 0;
  clock.advance(1_000_000_000n);
  assert.equal(irq.rises, 1000);
});

test('mode 0: OUT is low after the control word and rises N+1 ticks after the count is written', () => {
  const { irq, pit, write, ticks } = board();
  write(3, 0x30);
  assert.isFalse(pit.output(0));
  write(0, 4, 0);
  ticks(4);
  assert.isFalse(pit.output(0));
  assert.isFalse(irq.level);
  ticks(1);
  assert.isTrue(pit.output(0));
  assert.isTrue(irq.level);
});

test('mode 0: the first byte of a new count stops counting and pulls OUT low at once', () => {
  const { pit, write, ticks } = board();
  write(3, 0x30);
  write(0, 4, 0);
  ticks(10);
  write(0, 9);
  assert.isFalse(pit.output(0));
  ticks(100);
  assert.isFalse(pit.output(0));
  write(0, 0);
  ticks(10);
  assert.isTrue(pit.output(0));
});

test('mode 0: the count goes on below zero after the terminal count', () => {
  const { write, read16, ticks } = board();
  write(3, 0x30);
  write(0, 2, 0);
  ticks(5);
  assert.equal(read16(0), 0xfffe);
});

test('mode 1: a rise of GATE starts a pulse of N ticks, and starts it anew while it lasts', () => {
  const { pit, write, ticks } = board();
  write(3, 0xb2);
  write(2, 5, 0);
  assert.isTrue(pit.output(2));
  pit.setGate2(true);
  ticks(1);
  assert.isFalse(pit.output(2));
  ticks(3);
  pit.setGate2(false);
  pit.setGate2(true);
  ticks(5);
  assert.isFalse(pit.output(2));
  ticks(1);
  assert.isTrue(pit.output(2));
});

test('mode 2: OUT is low for the last tick of a cycle, and GATE low makes it high', () => {
  const { pit, write, ticks } = board();
  pit.setGate2(true);
  write(3, 0xb4);
  write(2, 3, 0);
  ticks(3);
  assert.isFalse(pit.output(2));
  pit.setGate2(false);
  assert.isTrue(pit.output(2));
  pit.setGate2(true);
  ticks(1);
  assert.isTrue(pit.output(2));
  ticks(2);
  assert.isFalse(pit.output(2));
});

test('mode 2: a new count takes effect at the end of the cycle', () => {
  const { irq, write, ticks } = board();
  write(3, 0x34);
  write(0, 100, 0);
  irq.rises = 0;
  ticks(50);
  write(0, 200, 0);
  ticks(51);
  assert.equal(irq.rises, 1);
  ticks(199);
  assert.equal(irq.rises, 1);
  ticks(1);
  assert.equal(irq.rises, 2);
});

test('mode 3: an odd count is high one tick longer than low and counts down by two', () => {
  const { pit, write, read16, ticks } = board();
  pit.setGate2(true);
  write(3, 0xb6);
  write(2, 5, 0);
  ticks(1);
  assert.equal(read16(2), 4);
  ticks(2);
  assert.isTrue(pit.output(2));
  ticks(1);
  assert.isFalse(pit.output(2));
  ticks(1);
  assert.isFalse(pit.output(2));
  ticks(1);
  assert.isTrue(pit.output(2));
});

test('mode 3: a new count takes effect at the end of the half cycle', () => {
  const { pit, write, ticks } = board();
  pit.setGate2(true);
  write(3, 0xb6);
  write(2, 10, 0);
  ticks(3);
  write(2, 20, 0);
  ticks(3);
  assert.isFalse(pit.output(2));
  ticks(9);
  assert.isFalse(pit.output(2));
  ticks(1);
  assert.isTrue(pit.output(2));
});

test('mode 4: OUT strobes low for one tick, N+1 ticks after the count is written; IRQ 0 rises at its end', () => {
  const { irq, pit, write, ticks } = board();
  write(3, 0x38);
  write(0, 3, 0);
  irq.rises = 0;
  ticks(3);
  assert.isTrue(pit.output(0));
  ticks(1);
  assert.isFalse(pit.output(0));
  assert.equal(irq.rises, 0);
  ticks(1);
  assert.isTrue(pit.output(0));
  assert.equal(irq.rises, 1);
  ticks(70_000);
  assert.equal(irq.rises, 1);
});

test('mode 5: the strobe waits for a rise of GATE', () => {
  const { pit, write, ticks } = board();
  write(3, 0xba);
  write(2, 3, 0);
  ticks(50);
  assert.isTrue(pit.output(2));
  pit.setGate2(true);
  ticks(4);
  assert.isFalse(pit.output(2));
  ticks(1);
  assert.isTrue(pit.output(2));
});

test('GATE low holds the count of mode 0, and it goes on where it was', () => {
  const { pit, write, read16, ticks } = board();
  pit.setGate2(true);
  write(3, 0xb0);
  write(2, 100, 0);
  ticks(11);
  pit.setGate2(false);
  ticks(1000);
  assert.equal(read16(2), 90);
  pit.setGate2(true);
  ticks(5);
  assert.equal(read16(2), 85);
});

test('a counter latch holds the count until both bytes are read; a second latch is ignored', () => {
  const { write, read16, ticks } = board();
  write(3, 0x34);
  write(0, 0xe8, 0x03);
  ticks(11);
  write(3, 0x00);
  ticks(20);
  write(3, 0x00);
  assert.equal(read16(0), 990);
  assert.equal(read16(0), 970);
});

test('read-back gives status before count: OUT, null count and the control word', () => {
  const { write, read, read16, ticks } = board();
  write(3, 0x34);
  write(3, 0xe2);
  assert.equal(read(0), 0xf4);
  write(0, 0x10, 0x27);
  ticks(101);
  write(3, 0xc2);
  assert.equal(read(0), 0xb4);
  assert.equal(read16(0), 10_000 - 100);
});

test('BCD counts in decimal, and 0 is 10000', () => {
  const { write, read16, ticks } = board();
  write(3, 0x31);
  write(0, 0x00, 0x00);
  ticks(2);
  assert.equal(read16(0), 0x9999);
  write(0, 0x00, 0x12);
  ticks(2);
  assert.equal(read16(0), 0x1199);
});

test('access to one byte of the count only', () => {
  const { write, read, ticks } = board();
  write(3, 0x20);
  write(0, 0x02);
  ticks(1);
  assert.equal(read(0), 0x02);
  write(3, 0x10);
  write(0, 0x80);
  ticks(1);
  assert.equal(read(0), 0x80);
});

test('a cycle of a few ticks does not flood the machine with events', () => {
  const { clock, irq, write } = board();
  write(3, 0x34);
  write(0, 1, 0);
  irq.rises = 0;
  clock.advance(1_000_000n);
  assert.isAtMost(irq.rises, 100);
  assert.isAtLeast(irq.rises, 80);
});

test('a restored timer ticks and counts like the saved one', () => {
  const { clock, pit, write, ticks } = board();
  write(3, 0x34);
  write(0, 0xe8, 0x03);
  ticks(333);
  const irq = new RecordingLine();
  const copy = new Pit8254({ clock, irq });
  copy.restore(structuredClone(pit.save()));
  assert.equal(access(copy).read16(0), 1000 - 332);
  irq.rises = 0;
  ticks(667);
  assert.equal(irq.rises, 0);
  ticks(1);
  assert.equal(irq.rises, 1);
});

test('a short one-shot count raises IRQ 0 although the host was held up for longer while the count was being written', () => {
  const manual = new ManualClock();
  const irq = new RecordingLine();
  let heldUpNs = 0n;
  const clock = {
    now: () => {
      const now = manual.now() + heldUpNs;
      // Each look at the clock finds it two milliseconds on.
      heldUpNs += 2_000_000n;
      return now;
    },
    createTimer: (name: string, expired: () => void) => manual.createTimer(name, expired),
  };
  const { write } = access(new Pit8254({ clock, irq }));
  write(3, 0x38);
  irq.rises = 0;
  write(0, 0xae, 0x03);
  manual.advance(100_000_000n);
  assert.equal(irq.rises, 1);
});
