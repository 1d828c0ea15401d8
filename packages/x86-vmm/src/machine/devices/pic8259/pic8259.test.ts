import { assert, test } from 'vitest';
import type { PortRange } from '../../../bus/device.js';
import { RecordingLine } from '../support/recording-line.js';
import { PicPair } from './pic-pair.js';
import type { Pic8259 } from './pic8259.js';

const COMMAND = 0;
const DATA = 1;
const registers = (chip: Pic8259): PortRange => chip.ports[0]!;
const elcr = (chip: Pic8259): PortRange => chip.ports[1]!;
const write = (chip: Pic8259, offset: number, ...values: number[]): void => {
  for (const value of values) chip.writePort(registers(chip), offset, 1, value);
};
const read = (chip: Pic8259, offset: number): number => chip.readPort(registers(chip), offset, 1);

/** The pair as a BIOS sets it up (vectors 0x08 and 0x70, everything unmasked); `icw4` of the first chip may differ. */
function initializedPair(icw4 = 0x01, icw4Second = 0x01) {
  const int = new RecordingLine();
  const pair = new PicPair(int);
  write(pair.first, COMMAND, 0x11);
  write(pair.first, DATA, 0x08, 0x04, icw4, 0x00);
  write(pair.second, COMMAND, 0x11);
  write(pair.second, DATA, 0x70, 0x02, icw4Second, 0x00);
  return { pair, int };
}

test('a lower request waits for the higher one in service until a non-specific EOI (fully nested mode)', () => {
  const { pair, int } = initializedPair();
  pair.setIrq(0, true);
  assert.equal(pair.acknowledge(), 0x08);
  pair.setIrq(1, true);
  assert.isFalse(int.level);
  write(pair.first, COMMAND, 0x20);
  assert.isTrue(int.level);
  assert.equal(pair.acknowledge(), 0x09);
});

test('an edge-triggered input that stays high asks once; a level-triggered one asks again after EOI (ELCR, 82371SB 2.5.3)', () => {
  const { pair, int } = initializedPair();
  pair.first.writePort(elcr(pair.first), 0, 1, 0xff);
  assert.equal(pair.first.readPort(elcr(pair.first), 0, 1), 0xf8);
  pair.setIrq(1, true);
  pair.acknowledge();
  write(pair.first, COMMAND, 0x20);
  assert.isFalse(int.level);
  pair.setIrq(5, true);
  assert.equal(pair.acknowledge(), 0x0d);
  write(pair.first, COMMAND, 0x20);
  assert.isTrue(int.level);
  pair.setIrq(5, false);
  assert.isFalse(int.level);
});

test('a request of the second chip passes through the cascade and needs an EOI at both', () => {
  const { pair, int } = initializedPair();
  pair.setIrq(12, true);
  pair.setIrq(8, true);
  assert.equal(pair.acknowledge(), 0x70);
  write(pair.second, COMMAND, 0x20);
  assert.isFalse(int.level);
  write(pair.first, COMMAND, 0x20);
  assert.isTrue(int.level);
  assert.equal(pair.acknowledge(), 0x74);
});

test('a request withdrawn before INTA is answered with the spurious vector of IRQ 7 and leaves nothing in service', () => {
  const { pair } = initializedPair();
  pair.setIrq(3, true);
  pair.setIrq(3, false);
  assert.equal(pair.acknowledge(), 0x0f);
  assert.equal(pair.first.save().isr, 0);
});

test('a spurious request of the second chip is IRQ 15, with the cascade in service at the first chip only', () => {
  const { pair } = initializedPair();
  pair.first.setInput(2, true);
  assert.equal(pair.acknowledge(), 0x77);
  assert.equal(pair.first.save().isr, 0x04);
  assert.equal(pair.second.save().isr, 0);
});

test('automatic EOI leaves nothing in service, and the cascade still sees an edge for the next request', () => {
  const { pair, int } = initializedPair(0x01, 0x03);
  pair.setIrq(9, true);
  pair.setIrq(10, true);
  assert.equal(pair.acknowledge(), 0x71);
  assert.equal(pair.second.save().isr, 0);
  write(pair.first, COMMAND, 0x20);
  assert.isTrue(int.level);
  assert.equal(pair.acknowledge(), 0x72);
});

test('rotate on non-specific EOI gives the served input the lowest priority', () => {
  const { pair } = initializedPair();
  pair.setIrq(4, true);
  pair.acknowledge();
  write(pair.first, COMMAND, 0xa0);
  pair.setIrq(4, false);
  pair.setIrq(4, true);
  pair.setIrq(6, true);
  assert.equal(pair.acknowledge(), 0x0e);
});

test('set priority makes the named level the lowest', () => {
  const { pair } = initializedPair();
  write(pair.first, COMMAND, 0xc5);
  pair.setIrq(0, true);
  pair.setIrq(6, true);
  assert.equal(pair.acknowledge(), 0x0e);
});

test('rotation in automatic EOI mode follows the acknowledged input', () => {
  const { pair } = initializedPair(0x03);
  write(pair.first, COMMAND, 0x80);
  pair.setIrq(3, true);
  assert.equal(pair.acknowledge(), 0x0b);
  assert.equal(pair.first.save().lowestPriority, 3);
});

test('special mask mode lets lower levels through while the masked level is in service', () => {
  const { pair, int } = initializedPair();
  pair.setIrq(3, true);
  pair.acknowledge();
  pair.setIrq(6, true);
  assert.isFalse(int.level);
  write(pair.first, COMMAND, 0x68);
  write(pair.first, DATA, 0x08);
  assert.isTrue(int.level);
  assert.equal(pair.acknowledge(), 0x0e);
  write(pair.first, COMMAND, 0x20);
  assert.equal(pair.first.save().isr, 0x08);
});

test('special fully nested mode lets a more urgent request of the second chip interrupt its other one', () => {
  const { pair, int } = initializedPair(0x11);
  pair.setIrq(12, true);
  pair.acknowledge();
  pair.setIrq(3, true);
  assert.isFalse(int.level);
  pair.setIrq(8, true);
  assert.isTrue(int.level);
  assert.equal(pair.acknowledge(), 0x70);
});

test('a poll takes the request into service; without one bit 7 is clear', () => {
  const { pair, int } = initializedPair();
  pair.setIrq(5, true);
  write(pair.first, COMMAND, 0x0c);
  assert.equal(read(pair.first, COMMAND), 0x85);
  assert.isFalse(int.level);
  write(pair.first, COMMAND, 0x0b);
  assert.equal(read(pair.first, COMMAND), 0x20);
  write(pair.first, COMMAND, 0x0c);
  assert.equal(read(pair.first, COMMAND) & 0x80, 0);
});

test('IRR shows requests, masked ones too; OCW1 reads back', () => {
  const { pair, int } = initializedPair();
  write(pair.first, DATA, 0xff);
  pair.setIrq(4, true);
  write(pair.first, COMMAND, 0x0a);
  assert.equal(read(pair.first, COMMAND), 0x10);
  assert.equal(read(pair.first, DATA), 0xff);
  assert.isFalse(int.level);
});

test('ICW1 forgets latched edges and modes but not the input levels', () => {
  const { pair, int } = initializedPair();
  pair.setIrq(4, true);
  write(pair.first, COMMAND, 0x11);
  write(pair.first, DATA, 0x20, 0x04, 0x01);
  assert.isFalse(int.level);
  pair.setIrq(4, false);
  pair.setIrq(4, true);
  assert.equal(pair.acknowledge(), 0x24);
});

test('a specific EOI ends the named level only', () => {
  const { pair } = initializedPair();
  pair.setIrq(6, true);
  pair.acknowledge();
  pair.setIrq(1, true);
  pair.acknowledge();
  write(pair.first, COMMAND, 0x66);
  assert.equal(pair.first.save().isr, 0x02);
});

test('reset clears the ELCR, masks and requests', () => {
  const { pair, int } = initializedPair();
  pair.first.writePort(elcr(pair.first), 0, 1, 0x20);
  pair.setIrq(4, true);
  pair.first.reset();
  assert.isFalse(int.level);
  assert.equal(pair.first.save().elcr, 0);
});

test('a restored pair behaves like the saved one', () => {
  const { pair } = initializedPair();
  pair.setIrq(4, true);
  pair.setIrq(12, true);
  const int = new RecordingLine();
  const copy = new PicPair(int);
  copy.second.restore(structuredClone(pair.second.save()));
  copy.first.restore(structuredClone(pair.first.save()));
  assert.isTrue(int.level);
  assert.equal(copy.acknowledge(), 0x74);
  write(copy.second, COMMAND, 0x20);
  write(copy.first, COMMAND, 0x20);
  assert.equal(copy.acknowledge(), 0x0c);
});
