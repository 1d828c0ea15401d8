import { assert, test } from 'vitest';
import { PlainMemory } from '../support/plain-memory.js';
import { DmaPair } from './dma-pair.js';

function board() {
  const memory = new PlainMemory(0x10_0000);
  const dma = new DmaPair(memory);
  return { memory, dma, ...access(dma) };
}

const access = (dma: DmaPair) => {
  const at = (port: number) => dma.ports.find((range) => port >= range.base && port < range.base + range.length)!;
  const write = (port: number, ...values: number[]): void => {
    for (const value of values) dma.writePort(at(port), port - at(port).base, 1, value);
  };
  return {
    write,
    read: (port: number): number => dma.readPort(at(port), port - at(port).base, 1),
    /** Channel 2 as a floppy driver programs it. */
    program: (mode: number, physical: number, count: number): void => {
      write(0x0a, 0x06);
      write(0x0c, 0);
      write(0x0b, mode | 2);
      write(0x04, physical & 0xff, (physical >> 8) & 0xff);
      write(0x81, physical >> 16);
      write(0x05, (count - 1) & 0xff, (count - 1) >> 8);
      write(0x0a, 0x02);
    },
  };
};

test('device to memory: bytes land at page and address, and the last one raises terminal count', () => {
  const { memory, dma, program, read } = board();
  const channel = dma.channel(2);
  program(0x44, 0x3_1000, 4);
  assert.equal(channel.push(Uint8Array.of(1, 2)), 2);
  assert.isFalse(channel.terminalCount);
  assert.equal(channel.push(Uint8Array.of(3, 4, 5)), 2);
  assert.isTrue(channel.terminalCount);
  assert.deepEqual([...memory.bytes.subarray(0x3_1000, 0x3_1005)], [1, 2, 3, 4, 0]);
  assert.equal(read(0x08) & 0x0f, 0x04);
  assert.equal(read(0x08) & 0x0f, 0x00);
  assert.isFalse(channel.isReady);
});

test('memory to device, with current address and count readable through the flip-flop', () => {
  const { memory, dma, program, read, write } = board();
  memory.bytes.set([9, 8, 7], 0x500);
  program(0x48, 0x500, 100);
  const into = new Uint8Array(3);
  assert.equal(dma.channel(2).pull(into), 3);
  assert.deepEqual([...into], [9, 8, 7]);
  write(0x0c, 0);
  assert.deepEqual([read(0x04), read(0x04), read(0x05), read(0x05)], [0x03, 0x05, 96, 0]);
});

test('the address wraps within its 64 KiB page', () => {
  const { memory, dma, program } = board();
  program(0x44, 0x2_ffff, 2);
  dma.channel(2).push(Uint8Array.of(0xaa, 0xbb));
  assert.equal(memory.bytes[0x2_ffff], 0xaa);
  assert.equal(memory.bytes[0x2_0000], 0xbb);
});

test('autoinitialize starts over and stays unmasked; decrement walks down', () => {
  const { memory, dma, program } = board();
  program(0x74, 0x1003, 2);
  const channel = dma.channel(2);
  channel.push(Uint8Array.of(1, 2));
  assert.isTrue(channel.terminalCount);
  channel.push(Uint8Array.of(3));
  assert.deepEqual([...memory.bytes.subarray(0x1002, 0x1004)], [2, 3]);
});

test('verify moves nothing but counts', () => {
  const { memory, dma, program } = board();
  program(0x40, 0x1000, 2);
  assert.equal(dma.channel(2).push(Uint8Array.of(1, 2)), 2);
  assert.isTrue(dma.channel(2).isReady === false);
  assert.equal(memory.bytes[0x1000], 0);
});

test('a masked channel or a disabled controller moves nothing, and tells when it may', () => {
  const { dma, write } = board();
  const channel = dma.channel(2);
  let calls = 0;
  channel.onReady(() => calls++);
  assert.equal(channel.push(Uint8Array.of(1)), 0);
  write(0x0b, 0x46);
  write(0x0a, 0x02);
  assert.equal(calls, 1);
  write(0x08, 0x04);
  assert.isFalse(channel.isReady);
  write(0x08, 0x00);
  assert.equal(calls, 2);
});

test('16-bit channels count words, with address lines shifted by one', () => {
  const { memory, dma, write } = board();
  write(0xd8, 0);
  write(0xd6, 0x45);
  write(0xc4, 0x00, 0x08);
  write(0x8b, 0x05);
  write(0xc6, 0x01, 0x00);
  write(0xd4, 0x01);
  const channel = dma.channel(5);
  assert.equal(channel.push(Uint8Array.of(1, 2, 3, 4, 5, 6)), 4);
  assert.isTrue(channel.terminalCount);
  assert.deepEqual([...memory.bytes.subarray(0x4_1000, 0x4_1006)], [1, 2, 3, 4, 0, 0]);
});

test('master clear masks all and resets the flip-flop; requests show in the status', () => {
  const { dma, read, write } = board();
  write(0x04, 0x12);
  write(0x0d, 0);
  write(0x04, 0x34, 0x56);
  write(0x0c, 0);
  assert.deepEqual([read(0x04), read(0x04)], [0x34, 0x56]);
  dma.channel(3).setRequest(true);
  assert.equal(read(0x08), 0x80);
  assert.equal(read(0x0f) & 0x0f, 0x0f);
});

test('page registers without a channel are plain memory, cleared by reset', () => {
  const { dma, read, write } = board();
  write(0x84, 0x5a);
  assert.equal(read(0x84), 0x5a);
  dma.reset();
  assert.equal(read(0x84), 0);
});

test('a restored pair goes on in the middle of a transfer', () => {
  const { dma, memory, program } = board();
  program(0x44, 0x1000, 4);
  dma.channel(2).push(Uint8Array.of(1, 2));
  const copy = new DmaPair(memory);
  copy.restore(structuredClone(dma.save()));
  const channel = copy.channel(2);
  assert.equal(channel.push(Uint8Array.of(3, 4, 5)), 2);
  assert.isTrue(channel.terminalCount);
  assert.deepEqual([...memory.bytes.subarray(0x1000, 0x1005)], [1, 2, 3, 4, 0]);
});
