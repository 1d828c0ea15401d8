import { assert, describe, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLine } from '../support/recording-line.js';
import { setUpCmos } from './cmos-set-up.js';
import { Mc146818, type Mc146818State } from './mc146818.js';
import { CMOS } from './registers.js';

const SECOND = 1_000_000_000n;
const START = Date.UTC(2026, 10, 23, 23, 59, 58); // a Monday

function board(startDateMs = START) {
  const clock = new ManualClock();
  const irq = new RecordingLine();
  const nmiMask = new RecordingLine();
  const rtc = new Mc146818({ clock, irq, startDateMs, nmiMask });
  return { clock, irq, nmiMask, rtc, ...access(rtc) };
}

const access = (rtc: Mc146818) => {
  const range = rtc.ports[0]!;
  const read = (index: number): number => {
    rtc.writePort(range, 0, 1, index);
    return rtc.readPort(range, 1, 1);
  };
  return {
    read,
    write: (index: number, value: number): void => {
      rtc.writePort(range, 0, 1, index);
      rtc.writePort(range, 1, 1, value);
    },
    /** Century, year, month, day, hours, minutes, seconds, day of week. */
    time: (): number[] => [0x32, 9, 8, 7, 4, 2, 0, 6].map(read),
  };
};

test('the clock shows the start date in BCD and carries into the next day', () => {
  const { clock, time } = board();
  assert.deepEqual(time(), [0x20, 0x26, 0x11, 0x23, 0x23, 0x59, 0x58, 0x02]);
  clock.advance(2n * SECOND);
  assert.deepEqual(time(), [0x20, 0x26, 0x11, 0x24, 0x00, 0x00, 0x00, 0x03]);
});

test('binary mode and 12-hour mode of register B (bits 2 and 1)', () => {
  const { read, write } = board();
  write(0x0b, 0x06);
  assert.equal(read(4), 23);
  write(0x0b, 0x04);
  assert.equal(read(4), 0x80 | 11);
  write(0x0b, 0x00);
  assert.equal(read(4), 0x80 | 0x11);
});

test('midnight and noon in 12-hour mode are 12 AM and 12 PM', () => {
  const { clock, read, write } = board();
  write(0x0b, 0x00);
  clock.advance(2n * SECOND);
  assert.equal(read(4), 0x12);
  clock.advance(43_200n * SECOND);
  assert.equal(read(4), 0x92);
});

test('SET stops the clock; the time written goes on from there at the divider’s phase', () => {
  const { clock, time, write } = board();
  clock.advance(300_000_000n);
  write(0x0b, 0x82);
  for (const [i, value] of [0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x59].entries()) write([0x32, 9, 8, 7, 4, 2, 0][i]!, value);
  write(6, 0x06);
  clock.advance(5n * SECOND);
  assert.deepEqual(time(), [0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x59, 0x06]);
  write(0x0b, 0x02);
  clock.advance(700_000_000n);
  assert.deepEqual(time(), [0x20, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x07]);
});

test('after a divider reset the first update is half a second away', () => {
  const { clock, read, write } = board();
  write(0x0a, 0x76);
  clock.advance(3n * SECOND);
  write(0, 0x10);
  write(0x0a, 0x26);
  clock.advance(499_999_999n);
  assert.equal(read(0), 0x10);
  clock.advance(1n);
  assert.equal(read(0), 0x11);
});

test('UIP rises 2.228 ms before the registers change and falls with the change', () => {
  const { clock, read, write } = board();
  clock.advance(SECOND - 2_228_001n);
  assert.equal(read(0x0a) & 0x80, 0);
  clock.advance(1n);
  assert.equal(read(0x0a) & 0x80, 0x80);
  clock.advance(2_228_000n);
  assert.equal(read(0x0a) & 0x80, 0);
  clock.advance(SECOND - 1n);
  write(0x0b, 0x82);
  assert.equal(read(0x0a) & 0x80, 0);
});

test('periodic interrupt at rate 6 comes 1024 times a second, each acknowledged by reading register C', () => {
  const { clock, irq, read, write } = board();
  write(0x0b, 0x42);
  let taken = 0;
  for (let i = 0; i < 20_000; i++) {
    clock.advance(50_000n);
    if (irq.level) taken += (read(0x0c) & 0xc0) === 0xc0 ? 1 : 1000;
  }
  assert.equal(taken, 1024);
});

test('without an enable the flags still rise, and register C clears on read', () => {
  const { clock, irq, read } = board();
  clock.advance(2n * SECOND);
  assert.equal(read(0x0c) & 0x50, 0x50);
  assert.equal(read(0x0c), 0x00);
  assert.equal(irq.rises, 0);
});

test('the alarm fires at its time; bytes from C0 on match anything', () => {
  const { clock, irq, read, write } = board();
  write(5, 0x00);
  write(3, 0xc0);
  write(1, 0x05);
  write(0x0b, 0x22);
  clock.advance(6n * SECOND);
  assert.isFalse(irq.level);
  clock.advance(SECOND);
  assert.isTrue(irq.level);
  assert.equal(read(0x0c) & 0xa0, 0xa0);
  clock.advance(59n * SECOND);
  assert.isFalse(irq.level);
  clock.advance(SECOND);
  assert.isTrue(irq.level);
});

test('the update-ended interrupt comes each second, and SET turns its enable off', () => {
  const { clock, irq, read, write } = board();
  write(0x0b, 0x12);
  clock.advance(SECOND);
  assert.isTrue(irq.level);
  assert.equal(read(0x0c) & 0x90, 0x90);
  assert.isFalse(irq.level);
  write(0x0b, 0x92);
  assert.equal(read(0x0b), 0x82);
});

test('enabling an interrupt whose flag is already set raises IRQ 8 at once', () => {
  const { clock, irq, write } = board();
  clock.advance(SECOND);
  write(0x0b, 0x12);
  assert.isTrue(irq.level);
});

test('index bit 7 masks NMI; the index port reads as open bus; register D says the battery is good', () => {
  const { nmiMask, rtc, read } = board();
  rtc.writePort(rtc.ports[0]!, 0, 1, 0x8d);
  assert.isTrue(nmiMask.level);
  assert.equal(rtc.readPort(rtc.ports[0]!, 0, 1), 0xff);
  assert.equal(read(0x0d), 0x80);
  assert.isFalse(rtc.nmiMasked);
});

test('reset keeps RAM and time and turns interrupts off', () => {
  const { clock, rtc, read, write } = board();
  write(CMOS.SHUTDOWN, 0x0a);
  write(0x0b, 0x72);
  clock.advance(SECOND);
  rtc.reset();
  assert.equal(read(CMOS.SHUTDOWN), 0x0a);
  assert.equal(read(0), 0x59);
  assert.equal(read(0x0b), 0x02);
});

test('the board’s set-up stands at the standard addresses, with its checksum', () => {
  const { rtc, read } = board();
  setUpCmos(rtc.cmos, {
    memoryBytes: 128 * 1024 * 1024,
    floppies: ['1.44M'],
    disks: [{ cylinders: 520, heads: 16, sectorsPerTrack: 63 }],
    bootOrder: ['cdrom', 'disk', 'floppy'],
  });
  const bytes = [0x10, 0x12, 0x14, 0x15, 0x16, 0x17, 0x18, 0x30, 0x31, 0x34, 0x35, 0x5b, 0x38, 0x3d, 0x19, 0x1b, 0x1c, 0x1d, 0x23].map(
    read,
  );
  assert.deepEqual(bytes, [0x40, 0xf0, 0x07, 0x80, 0x02, 0xff, 0xff, 0xff, 0xff, 0x00, 0x07, 0x00, 0x11, 0x23, 47, 0x08, 0x02, 16, 63]);
  const sum = Array.from({ length: 0x1e }, (_, i) => read(0x10 + i)).reduce((a, b) => a + b);
  assert.equal((read(0x2e) << 8) | read(0x2f), sum);
});

test('a restored clock keeps time, RAM and its next interrupt', () => {
  const { clock, rtc, write, time } = board();
  write(0x40, 0x5a);
  write(0x0b, 0x12);
  clock.advance(SECOND / 2n);
  const irq = new RecordingLine();
  const copy = new Mc146818({ clock, irq, startDateMs: 0 });
  copy.restore(structuredClone(rtc.save()));
  assert.equal(access(copy).read(0x40), 0x5a);
  clock.advance(SECOND / 2n - 1n);
  assert.isFalse(irq.level);
  clock.advance(1n);
  assert.isTrue(irq.level);
  assert.deepEqual(access(copy).time(), time());
});

describe('a clock that follows the host', () => {
  const MINUTE_MS = 60_000;

  /** The host's clock goes on by `wait` while guest time stands still. */
  function following(restored?: Mc146818State) {
    const clock = new ManualClock();
    const irq = new RecordingLine();
    let nowMs = START;
    const rtc = new Mc146818({ clock, irq, startDateMs: START, hostNowMs: () => nowMs });
    if (restored) rtc.restore(structuredClone(restored));
    const wait = (ms: number): void => {
      nowMs += ms;
    };
    return { clock, irq, rtc, wait, ...access(rtc) };
  }

  test('shows the host’s time after guest time stood still, and goes on from there', () => {
    const { clock, rtc, wait, time } = following();
    wait(90_500);
    assert.deepEqual(time(), [0x20, 0x26, 0x11, 0x23, 0x23, 0x59, 0x58, 0x02], 'as yet nobody has told it');
    rtc.followHost(0n);
    assert.deepEqual(time(), [0x20, 0x26, 0x11, 0x24, 0x00, 0x01, 0x28, 0x03]);
    clock.advance(SECOND / 2n);
    assert.equal(time()[6], 0x29, 'the part of a second is the host’s, too');
  });

  test('leaves out the lag that guest time is going to catch up', () => {
    const { clock, rtc, wait, time } = following();
    wait(1_000);
    rtc.followHost(250_000_000n);
    assert.equal(time()[6], 0x58);
    clock.advance(SECOND / 4n);
    assert.equal(time()[6], 0x59);
  });

  test('keeps what the guest has set, also through a saved state', () => {
    const { rtc, wait, time, write } = following();
    write(4, 0x11);
    wait(MINUTE_MS);
    const after = following(rtc.save());
    after.wait(2 * MINUTE_MS);
    after.rtc.followHost(0n);
    assert.deepEqual(after.time().slice(4, 7), [0x12, 0x01, 0x58]);
    rtc.followHost(0n);
    assert.deepEqual(time().slice(4, 7), [0x12, 0x00, 0x58]);
  });

  test('a state from before clocks followed shows the host’s time', () => {
    const { aheadOfHostMs: _, ...before } = new Mc146818({ clock: new ManualClock(), irq: new RecordingLine(), startDateMs: 0 }).save();
    const { rtc, time } = following(before);
    rtc.followHost(0n);
    assert.deepEqual(time(), [0x20, 0x26, 0x11, 0x23, 0x23, 0x59, 0x58, 0x02]);
  });

  test('does not go back because the host’s clock is read in whole milliseconds', () => {
    const { clock, rtc, wait, time } = following();
    clock.advance(SECOND);
    wait(999);
    assert.equal(time()[6], 0x59);
    wait(0.5);
    rtc.followHost(0n);
    assert.equal(time()[6], 0x59);
  });

  test('goes back with a host’s clock that was set back', () => {
    const { clock, irq, rtc, wait, time, write } = following();
    write(0x0b, 0x12);
    wait(-MINUTE_MS);
    rtc.followHost(0n);
    assert.deepEqual(time(), [0x20, 0x26, 0x11, 0x23, 0x23, 0x58, 0x58, 0x02]);
    assert.isFalse(irq.level);
    clock.advance(SECOND);
    assert.isTrue(irq.level);
  });

  test.each([
    ['update-ended', 0x12, 0x10],
    ['periodic', 0x42, 0x40],
    ['alarm within the gap', 0x22, 0x20],
  ])('raises one %s interrupt for all that it missed', (_name, enable, flag) => {
    const { clock, irq, read, rtc, wait, write } = following();
    for (const [index, value] of [
      [5, 0x00],
      [3, 0x10],
      [1, 0x00],
    ] as const)
      write(index, value);
    write(0x0b, enable);
    wait(3_600_000);
    rtc.followHost(0n);
    assert.isTrue(irq.level);
    assert.equal(read(0x0c) & (0x80 | flag), 0x80 | flag);
    clock.advance(100_000n);
    assert.equal(irq.rises, 1);
  });

  test('stands still with the divider or under SET, whatever the host’s clock does', () => {
    const { rtc, wait, time, write } = following();
    write(0x0b, 0x82);
    wait(MINUTE_MS);
    rtc.followHost(0n);
    write(0x0b, 0x02);
    assert.deepEqual(time().slice(4, 7), [0x23, 0x59, 0x58]);
  });
});
