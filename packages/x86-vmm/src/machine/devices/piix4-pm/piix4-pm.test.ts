import { assert, test } from 'vitest';
import type { AccessSize } from '../../../bus/device.js';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLine } from '../support/recording-line.js';
import { Piix4Pm } from './piix4-pm.js';

function bench() {
  const clock = new ManualClock();
  const sci = new RecordingLine();
  let off = 0;
  const pm = new Piix4Pm({ clock, sci, powerOff: () => void off++ });
  pm.place(0x600, 0x700);
  const at = (port: number) => pm.ports.find(({ base, length }) => port >= base && port < base + length)!;
  const out = (port: number, value: number, size: AccessSize = 2) => pm.writePort(at(port), port - at(port).base, size, value);
  const input = (port: number, size: AccessSize = 2) => pm.readPort(at(port), port - at(port).base, size);
  return { clock, sci, pm, out, input, off: () => off };
}

test('writing F1 to the SMI command port sets SCI_EN, F0 clears it (FADT ACPI_ENABLE/DISABLE)', () => {
  const { out, input } = bench();
  out(0xb2, 0xf1, 1);
  assert.equal(input(0x604) & 1, 1);
  assert.equal(input(0xb2, 1), 0xf1);
  out(0xb2, 0xf0, 1);
  assert.equal(input(0x604) & 1, 0);
});

test('the power button raises the SCI when enabled, until its status is cleared (ACPI 1.0b 4.7.2.2)', () => {
  const { pm, sci, out, input } = bench();
  assert.isFalse(pm.pressPowerButton());
  assert.isFalse(sci.level);
  out(0x600, 0x0100);
  out(0xb2, 0xf1, 1);
  out(0x602, 0x0100);
  assert.isTrue(pm.pressPowerButton());
  assert.isTrue(sci.level);
  assert.equal(input(0x600), 0x0100);
  out(0x600, 0x0100);
  assert.isFalse(sci.level);
});

test.each([
  [0, 1],
  [5, 1],
  [7, 1],
  [1, 0],
])('SLP_EN with SLP_TYP %i switches off %i times', (type, times) => {
  const { out, off } = bench();
  out(0x604, 0x2001 | (type << 10));
  assert.equal(off(), times);
});

test('the PM timer counts 3579545 times a second in 24 bits', () => {
  const { clock, input } = bench();
  clock.advance(1_000_000_000n);
  assert.equal(input(0x608, 4), 3_579_545);
  clock.advance(4_000_000_000n);
  assert.equal(input(0x608, 4), (5 * 3_579_545) & 0xff_ffff);
});

test("a change of the timer's top bit sets TMR_STS and, enabled, raises the SCI in time (ACPI 1.0b 4.7.2.1)", () => {
  const { clock, sci, out, input } = bench();
  out(0xb2, 0xf1, 1);
  out(0x602, 0x0001);
  clock.advance(2_343_480_000n);
  assert.isFalse(sci.level);
  clock.advance(10_000n);
  assert.isTrue(sci.level);
  out(0x600, 0x0001);
  assert.isFalse(sci.level);
  clock.advance(2_343_500_000n);
  assert.equal(input(0x600) & 1, 1);
  assert.equal(sci.rises, 2);
});

test('GPE0 events raise the SCI through either of its addresses', () => {
  const { pm, sci, out, input } = bench();
  out(0xb2, 0xf1, 1);
  out(0x60e, 0x0004);
  pm.raiseEvent(2);
  assert.isTrue(sci.level);
  assert.equal(input(0xafe0), 4);
  out(0xafe0, 4);
  assert.isFalse(sci.level);
});

test('an SMBus transaction ends with a device error', () => {
  const { out, input } = bench();
  out(0x702, 0x48, 1);
  assert.equal(input(0x700, 1), 0x04);
  out(0x700, 0x1e, 1);
  assert.equal(input(0x700, 1), 0x00);
});

test('a restored function raises the same timer interrupt; reset is silent', () => {
  const a = bench();
  a.out(0xb2, 0xf1, 1);
  a.out(0x602, 0x0101);
  const b = bench();
  b.pm.restore(structuredClone(a.pm.save()));
  b.clock.advance(2_343_490_000n);
  assert.isTrue(b.sci.level);
  b.pm.reset();
  assert.isFalse(b.sci.level);
  assert.deepEqual([b.input(0x600), b.input(0x602), b.input(0x604)], [0, 0, 0]);
});
