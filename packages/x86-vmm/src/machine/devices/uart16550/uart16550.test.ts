import { assert, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLine } from '../support/recording-line.js';
import { Uart16550 } from './uart16550.js';

/** A character of 8 data bits without parity at 115200 baud. */
const CHARACTER_NS = 86_806;

/** COM1 at 115200 8N1, OUT2 on. */
function board() {
  const clock = new ManualClock();
  const irq = new RecordingLine();
  const sent: number[] = [];
  const uart = new Uart16550('com1', { base: 0x3f8, clock, irq, backend: { transmitted: (byte) => sent.push(byte) } });
  const ports = access(uart);
  ports.write(3, 0x83);
  ports.write(0, 1);
  ports.write(1, 0);
  ports.write(3, 0x03);
  ports.write(4, 0x0b);
  return { clock, irq, sent, uart, ...ports };
}

const access = (uart: Uart16550) => ({
  read: (offset: number): number => uart.readPort(uart.ports[0]!, offset, 1),
  write: (offset: number, value: number): void => uart.writePort(uart.ports[0]!, offset, 1, value),
});

test('a character takes ten bits of the divisor’s rate; THRE returns at once, TEMT at the end', () => {
  const { clock, sent, read, write } = board();
  write(0, 0x41);
  assert.equal(read(5) & 0x60, 0x20);
  write(0, 0x42);
  assert.equal(read(5) & 0x60, 0x00);
  clock.advance(CHARACTER_NS - 2);
  assert.deepEqual(sent, []);
  clock.advance(2);
  assert.deepEqual(sent, [0x41]);
  assert.equal(read(5) & 0x60, 0x20);
  clock.advance(CHARACTER_NS);
  assert.deepEqual(sent, [0x41, 0x42]);
  assert.equal(read(5) & 0x60, 0x60);
});

test('1000 characters at 9600 baud take 1000 character times without drift', () => {
  const { clock, uart, read, write } = board();
  write(3, 0x83);
  write(0, 12);
  write(3, 0x03);
  uart.receive(new Uint8Array(1000).fill(0x55));
  let count = 0;
  for (let i = 0; i < 10_410; i++) {
    clock.advance(100_000);
    if (read(5) & 1) count += read(0) === 0x55 ? 1 : 1000;
  }
  assert.equal(count, 999);
});

test('five data bits with parity and one and a half stop bits take 8.5 bit times and are masked', () => {
  const { clock, sent, write } = board();
  write(3, 0x0c);
  write(0, 0xff);
  clock.advance(73_783);
  assert.deepEqual(sent, []);
  clock.advance(2);
  assert.deepEqual(sent, [0x1f]);
});

test('received data interrupts when enabled and OUT2 is on, and reading it ends the request', () => {
  const { clock, irq, uart, read, write } = board();
  write(1, 0x01);
  uart.receive(Uint8Array.of(0x31));
  clock.advance(CHARACTER_NS);
  assert.isTrue(irq.level);
  assert.equal(read(2), 0x04);
  write(4, 0x03);
  assert.isFalse(irq.level);
  write(4, 0x0b);
  assert.equal(read(0), 0x31);
  assert.isFalse(irq.level);
  assert.equal(read(2), 0x01);
});

test('the FIFO interrupts at its trigger level, and below it after four character times', () => {
  const { clock, irq, uart, read, write } = board();
  write(2, 0x47);
  write(1, 0x01);
  uart.receive(Uint8Array.of(1, 2, 3));
  clock.advance(3 * CHARACTER_NS);
  assert.isFalse(irq.level);
  clock.advance(4 * CHARACTER_NS);
  assert.isTrue(irq.level);
  assert.equal(read(2), 0xcc);
  assert.equal(read(0), 1);
  assert.isFalse(irq.level);
  uart.receive(Uint8Array.of(4, 5));
  clock.advance(2 * CHARACTER_NS);
  assert.equal(read(2), 0xc4);
});

test('a full receiver holds the line; nothing is lost', () => {
  const { clock, uart, read, write } = board();
  write(2, 0x01);
  uart.receive(Uint8Array.from({ length: 40 }, (_, i) => i));
  clock.advance(100 * CHARACTER_NS);
  const first = Array.from({ length: 16 }, () => read(0));
  // The seventeenth waited in the shift register; no overrun.
  assert.equal(read(5) & 0x03, 0x01);
  clock.advance(100 * CHARACTER_NS);
  const second = Array.from({ length: 16 }, () => read(0));
  assert.deepEqual(
    [...first, ...second],
    Array.from({ length: 32 }, (_, i) => i),
  );
});

test('receive takes what fits and calls for more when half has gone', () => {
  const clock = new ManualClock();
  let calls = 0;
  const uart = new Uart16550('com1', { base: 0x3f8, clock, irq: new RecordingLine(), receiveSpace: () => calls++ });
  assert.equal(uart.receive(new Uint8Array(5000)), 4096);
  assert.equal(uart.canReceive(), 0);
  const { read, write } = access(uart);
  write(3, 0x03);
  for (let i = 0; i < 2100; i++) {
    clock.advance(12 * CHARACTER_NS);
    read(0);
  }
  assert.equal(calls, 1);
});

test('enabling the transmitter interrupt while it is empty requests it; reading IIR or writing THR answers it', () => {
  const { clock, irq, read, write } = board();
  write(1, 0x02);
  assert.isTrue(irq.level);
  assert.equal(read(2), 0x02);
  assert.isFalse(irq.level);
  write(0, 0x41);
  assert.isTrue(irq.level);
  write(0, 0x42);
  assert.isFalse(irq.level);
  clock.advance(CHARACTER_NS);
  assert.isTrue(irq.level);
});

test('sixteen characters fit into the transmitter FIFO, more are lost', () => {
  const { clock, sent, write } = board();
  write(2, 0x01);
  for (let i = 0; i < 20; i++) write(0, i);
  clock.advance(30 * CHARACTER_NS);
  assert.deepEqual(
    sent,
    Array.from({ length: 17 }, (_, i) => i),
  );
});

test('interrupt priorities: line status, data, transmitter, modem status', () => {
  const { clock, uart, read, write } = board();
  write(1, 0x0f);
  uart.setModemInputs(0);
  uart.receiveBreak();
  assert.equal(read(2), 0x06);
  assert.equal(read(5) & 0x11, 0x11);
  assert.equal(read(2), 0x04);
  assert.equal(read(0), 0);
  assert.equal(read(2), 0x02);
  assert.equal(read(2), 0x00);
  assert.equal(read(6), 0x0b);
  assert.equal(read(2), 0x01);
  clock.advance(1);
});

test('RI reports its trailing edge only', () => {
  const { uart, read } = board();
  read(6);
  uart.setModemInputs(0xf0);
  assert.equal(read(6), 0xf0);
  uart.setModemInputs(0xb0);
  assert.equal(read(6), 0xb4);
});

test('loopback returns characters and modem outputs, and keeps both from the far side', () => {
  const { clock, sent, read, write } = board();
  write(4, 0x1a);
  assert.equal(read(6) & 0xf0, 0x90);
  write(0, 0x5a);
  clock.advance(CHARACTER_NS);
  assert.equal(read(5) & 1, 1);
  assert.equal(read(0), 0x5a);
  assert.deepEqual(sent, []);
});

test('overrun in loopback: without FIFOs the newer character stays, with them the older ones', () => {
  const { clock, read, write } = board();
  write(4, 0x10);
  write(0, 1);
  write(0, 2);
  clock.advance(3 * CHARACTER_NS);
  assert.equal(read(5) & 0x03, 0x03);
  assert.equal(read(0), 2);
  assert.equal(read(5) & 0x03, 0);
});

test('scratch, divisor and identification: a 16550A shows its FIFOs', () => {
  const { read, write } = board();
  write(7, 0xa5);
  assert.equal(read(7), 0xa5);
  write(2, 0x01);
  assert.equal(read(2) & 0xc0, 0xc0);
  write(2, 0x00);
  assert.equal(read(2) & 0xc0, 0x00);
  write(3, 0x83);
  assert.deepEqual([read(0), read(1)], [1, 0]);
});

test('reset clears enables and FIFOs and drops the interrupt', () => {
  const { irq, uart, read, write } = board();
  write(1, 0x02);
  uart.reset();
  assert.isFalse(irq.level);
  assert.deepEqual([read(1), read(2), read(4), read(5)], [0, 1, 0, 0x60]);
});

test('a restored UART finishes what the saved one had on both lines', () => {
  const { clock, uart, write } = board();
  write(1, 0x01);
  write(0, 0x41);
  uart.receive(Uint8Array.of(0x61));
  clock.advance(CHARACTER_NS / 2);
  const irq = new RecordingLine();
  const sent: number[] = [];
  const copy = new Uart16550('com1', { base: 0x3f8, clock, irq, backend: { transmitted: (byte) => sent.push(byte) } });
  copy.restore(structuredClone(uart.save()));
  clock.advance(CHARACTER_NS / 2 + 2);
  assert.deepEqual(sent, [0x41]);
  assert.isTrue(irq.level);
  assert.equal(access(copy).read(0), 0x61);
});
