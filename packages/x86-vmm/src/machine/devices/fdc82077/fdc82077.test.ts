import { assert, test } from 'vitest';
import { DmaPair } from '../dma8237/dma-pair.js';
import { ManualClock } from '../support/manual-clock.js';
import { immediateCompletions, MemoryDisk, settle } from '../support/memory-disk.js';
import { PlainMemory } from '../support/plain-memory.js';
import { RecordingLine } from '../support/recording-line.js';
import { Fdc82077 } from './fdc82077.js';
import { FloppyDrive } from './floppy-drive.js';

const BUFFER = 0x1_0000;

/** Drive A with a 1.44M medium (each sector's first bytes are its number), controller out of reset, data rate 500 kb/s. */
function board(medium: MemoryDisk | undefined = numbered(2880)) {
  const clock = new ManualClock();
  const irq = new RecordingLine();
  const memory = new PlainMemory(0x4_0000);
  const dma = new DmaPair(memory);
  const drive = new FloppyDrive(medium);
  const fdc = new Fdc82077({ clock, irq, dma: dma.channel(2), completions: immediateCompletions, drives: [drive] });
  const ports = access(fdc, clock, irq);
  /** Programs channel 2 for `bytes` from BUFFER on. */
  const program = (mode: number, bytes: number): void => {
    const [low, pages] = [dma.ports[0]!, dma.ports[2]!];
    const writes = [
      [0x0a, 0x06],
      [0x0c, 0],
      [0x0b, mode | 2],
      [4, BUFFER & 0xff],
      [4, (BUFFER >> 8) & 0xff],
      [5, (bytes - 1) & 0xff],
      [5, (bytes - 1) >> 8],
    ] as const;
    for (const [register, value] of writes) dma.writePort(low, register, 1, value);
    dma.writePort(pages, 0, 1, BUFFER >> 16);
    dma.writePort(low, 0x0a, 1, 0x02);
  };
  ports.start();
  return { clock, irq, memory, dma, drive, fdc, program, ...ports };
}

function numbered(sectors: number, readOnly = false): MemoryDisk {
  const disk = new MemoryDisk(sectors, readOnly);
  for (let i = 0; i < sectors; i++) disk.bytes.set([i & 0xff, i >> 8], i * 512);
  return disk;
}

const access = (fdc: Fdc82077, clock: ManualClock, irq: RecordingLine) => {
  const write = (offset: number, value: number): void => fdc.writePort(fdc.ports[0]!, offset, 1, value);
  const read = (offset: number): number => fdc.readPort(fdc.ports[0]!, offset, 1);
  const send = (...bytes: number[]): void => {
    for (const byte of bytes) write(5, byte);
  };
  const result = (): number[] => {
    const bytes: number[] = [];
    while ((read(4) & 0xd0) === 0xd0) bytes.push(read(5));
    return bytes;
  };
  const command = (...bytes: number[]): number[] => {
    send(...bytes);
    return result();
  };
  const wait = (): void => clock.advance(1_000_000);
  return {
    write,
    read,
    send,
    result,
    command,
    wait,
    dir: (): number => fdc.readPort(fdc.ports[1]!, 0, 1),
    /** A command with an execution phase. */
    run: async (...bytes: number[]): Promise<number[]> => {
      send(...bytes);
      wait();
      for (let i = 0; i < 40; i++) await settle();
      return result();
    },
    seek: (cylinder: number): number[] => {
      send(0x0f, 0x00, cylinder);
      wait();
      return command(0x08);
    },
    start: (): void => {
      write(2, 0x1c);
      wait();
      for (let i = 0; i < 4; i++) command(0x08);
      fdc.writePort(fdc.ports[1]!, 0, 1, 0);
      send(0x03, 0xdf, 0x02);
      irq.rises = 0;
    },
  };
};

test('leaving reset interrupts, and four senses tell of the drives (Drive Polling)', () => {
  const { irq, write, read, command, wait } = board();
  write(2, 0x00);
  assert.equal(read(4), 0);
  write(2, 0x0c);
  wait();
  assert.isTrue(irq.level);
  assert.equal(read(4), 0x80);
  assert.deepEqual(
    [command(0x08), command(0x08), command(0x08), command(0x08)],
    [
      [0xc0, 0],
      [0xc1, 0],
      [0xc2, 0],
      [0xc3, 0],
    ],
  );
  assert.isFalse(irq.level);
  assert.deepEqual(command(0x08), [0x80]);
});

test('read data fills memory by DMA and ends normally at terminal count, with the next sector in the result', async () => {
  const { irq, memory, program, run } = board();
  program(0x44, 2 * 512);
  assert.deepEqual(await run(0xe6, 0x00, 0, 0, 3, 2, 18, 0x1b, 0xff), [0x00, 0, 0, 0, 0, 5, 2]);
  assert.equal(irq.rises, 1);
  assert.equal(memory.bytes[BUFFER], 2);
  assert.equal(memory.bytes[BUFFER + 512], 3);
  assert.equal(memory.bytes[BUFFER + 1024], 0);
});

test('a multi-track read goes on at head 1, and ends at the next cylinder after its last sector', async () => {
  const { memory, program, run, seek } = board();
  assert.deepEqual(seek(2), [0x20, 2]);
  program(0x44, 36 * 512);
  assert.deepEqual(await run(0xe6, 0x00, 2, 0, 1, 2, 18, 0x1b, 0xff), [0x00, 0, 0, 3, 0, 1, 2]);
  assert.equal(memory.bytes[BUFFER], 72);
  assert.equal(memory.bytes[BUFFER + 35 * 512], 107);
});

test('without terminal count the end of the track is an error: EN', async () => {
  const { program, run } = board();
  program(0x44, 0x4000);
  assert.deepEqual(await run(0x46, 0x00, 0, 0, 17, 2, 18, 0x1b, 0xff), [0x40, 0x80, 0, 1, 0, 1, 2]);
});

test('write data goes from memory to the medium; the rest of a sector cut by terminal count is zero', async () => {
  const disk = numbered(2880);
  const { memory, program, run } = board(disk);
  memory.bytes.fill(0x5a, BUFFER, BUFFER + 1024);
  program(0x48, 600);
  assert.deepEqual(await run(0x45, 0x04, 0, 1, 1, 2, 18, 0x1b, 0xff), [0x04, 0, 0, 0, 1, 3, 2]);
  assert.equal(disk.bytes[18 * 512 + 599], 0x5a);
  assert.equal(disk.bytes[18 * 512 + 600], 0);
  assert.equal(disk.bytes[20 * 512], 20);
});

test('a write-protected medium refuses writing and formatting and says so in ST3', async () => {
  const { program, run, command } = board(numbered(2880, true));
  program(0x48, 512);
  assert.deepEqual((await run(0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff)).slice(0, 3), [0x40, 0x02, 0]);
  assert.deepEqual((await run(0x4d, 0x00, 2, 18, 0x6c, 0xf6)).slice(0, 3), [0x40, 0x02, 0]);
  assert.deepEqual(command(0x04, 0x00), [0x78]);
});

/** Wrong addresses and media: [case, medium sectors, rate, command] and ST0..ST2. */
const ERRORS: readonly (readonly [string, number, number, number[], number[]])[] = [
  ['cylinder not under the head', 2880, 0, [0x46, 0, 5, 0, 1, 2, 18, 0, 0xff], [0x40, 0x04, 0x10]],
  ['sector 19 of 18', 2880, 0, [0x46, 0, 0, 0, 19, 2, 18, 0, 0xff], [0x40, 0x04, 0]],
  ['sector size of 1024', 2880, 0, [0x46, 0, 0, 0, 1, 3, 18, 0, 0xff], [0x40, 0x04, 0]],
  ['head in the identification differs', 2880, 0, [0x46, 0, 0, 1, 1, 2, 18, 0, 0xff], [0x40, 0x04, 0]],
  ['wrong data rate', 2880, 2, [0x46, 0, 0, 0, 1, 2, 18, 0, 0xff], [0x40, 0x01, 0]],
  ['second head of a single-sided medium', 360, 2, [0x46, 4, 0, 1, 1, 2, 9, 0, 0xff], [0x44, 0x01, 0]],
];
test.each(ERRORS)('%s ends abnormally', async (_name, sectors, rate, bytes, expected) => {
  const { fdc, program, run } = board(numbered(sectors));
  fdc.writePort(fdc.ports[1]!, 0, 1, rate);
  program(0x44, 512);
  assert.deepEqual((await run(...bytes)).slice(0, 3), expected);
});

test('an empty drive and a drive that is not there end abnormally; a medium error is DE and DD', async () => {
  const { drive, program, run } = board();
  program(0x44, 512);
  assert.deepEqual((await run(0x46, 1, 0, 0, 1, 2, 18, 0, 0xff)).slice(0, 2), [0x41, 0x01]);
  drive.eject();
  assert.deepEqual((await run(0x46, 0, 0, 0, 1, 2, 18, 0, 0xff)).slice(0, 2), [0x40, 0x01]);
  const bad = numbered(2880);
  bad.fails = true;
  drive.insert(bad);
  assert.deepEqual((await run(0x46, 0, 0, 0, 1, 2, 18, 0, 0xff)).slice(0, 3), [0x40, 0x20, 0x20]);
});

test('reading 18 sectors of a track that has 9 gives the nine and then no data (format probing)', async () => {
  const { fdc, memory, program, run } = board(numbered(1440));
  fdc.writePort(fdc.ports[1]!, 0, 1, 2);
  program(0x44, 18 * 512);
  assert.deepEqual(await run(0x46, 0, 0, 0, 1, 2, 18, 0, 0xff), [0x40, 0x04, 0, 0, 0, 10, 2]);
  assert.equal(memory.bytes[BUFFER + 8 * 512], 8);
});

test('recalibrate and seek interrupt when done; a drive that is not there gives an equipment check', () => {
  const { irq, send, read, wait, command } = board();
  send(0x0f, 0x00, 10);
  assert.equal(read(4) & 0x0f, 1);
  wait();
  assert.isTrue(irq.level);
  assert.deepEqual(command(0x08), [0x20, 10]);
  assert.isFalse(irq.level);
  send(0x07, 0x00);
  wait();
  assert.deepEqual(command(0x08), [0x20, 0]);
  send(0x07, 0x01);
  wait();
  assert.deepEqual(command(0x08), [0x71, 0]);
});

test('the disk-change line is set by a change of medium and cleared by a seek with one', () => {
  const { drive, dir, seek } = board();
  assert.equal(dir(), 0);
  drive.eject();
  seek(1);
  assert.equal(dir(), 0x80);
  drive.insert(numbered(1440));
  assert.equal(dir(), 0x80);
  seek(0);
  assert.equal(dir(), 0);
});

test('a medium larger than any diskette is refused in words', () => {
  assert.throws(() => new FloppyDrive(new MemoryDisk(6000)), /no floppy/);
});

test('an image that ends early is a diskette of the next format whose rest reads as zeros and cannot be written', async () => {
  const disk = new MemoryDisk(1000);
  await disk.write(999, new Uint8Array(512).fill(7));
  const drive = new FloppyDrive(disk);
  assert.equal(drive.format?.sectors, 1440);
  const bytes = new Uint8Array(1024).fill(1);
  await drive.medium!.read(999, bytes);
  assert.deepEqual([bytes[0], bytes[511], bytes[512], bytes[1023]], [7, 7, 0, 0]);
  const refused = await drive.medium!.write(1000, new Uint8Array(512)).then(
    () => false,
    () => true,
  );
  assert.isTrue(refused);
});

test('read ID tells where the head is, a different sector each time', async () => {
  const { run, seek } = board();
  seek(7);
  assert.deepEqual(await run(0x4a, 0x04), [0x04, 0, 0, 7, 1, 1, 2]);
  assert.deepEqual(await run(0x4a, 0x04), [0x04, 0, 0, 7, 1, 2, 2]);
});

test('format track fills the named sectors', async () => {
  const disk = numbered(2880);
  const { memory, program, run } = board(disk);
  for (let i = 0; i < 18; i++) memory.bytes.set([0, 1, i + 1, 2], BUFFER + 4 * i);
  program(0x48, 18 * 4);
  assert.equal((await run(0x4d, 0x04, 2, 18, 0x6c, 0xf6))[0], 0x04);
  assert.equal(disk.bytes[18 * 512], 0xf6);
  assert.equal(disk.bytes[36 * 512 - 1], 0xf6);
  assert.equal(disk.bytes[36 * 512], 36);
});

test('verify moves nothing and ends well at the end of the track, or after its count', async () => {
  const { irq, run } = board();
  assert.deepEqual(await run(0x56, 0x00, 0, 0, 1, 2, 18, 0, 0xff), [0x00, 0, 0, 1, 0, 1, 2]);
  assert.deepEqual(await run(0x56, 0x80, 0, 0, 1, 2, 18, 0, 3), [0x00, 0, 0, 0, 0, 4, 2]);
  assert.equal(irq.rises, 2);
});

test('read deleted finds an ordinary mark: one sector and the control mark', async () => {
  const { program, run } = board();
  program(0x44, 0x4000);
  assert.deepEqual((await run(0x4c, 0x00, 0, 0, 1, 2, 18, 0, 0xff)).slice(0, 3), [0x00, 0, 0x40]);
});

test('non-DMA mode: bytes through the FIFO, with the end of the track as the end', async () => {
  const { irq, send, read, result } = board();
  send(0x03, 0xdf, 0x03);
  send(0x46, 0x00, 0, 0, 18, 2, 18, 0, 0xff);
  for (let i = 0; i < 5; i++) await settle();
  assert.equal(read(4), 0xf0);
  const bytes = Array.from({ length: 512 }, () => read(5));
  assert.deepEqual(bytes.slice(0, 3), [17, 0, 0]);
  assert.isTrue(irq.level);
  assert.deepEqual(result().slice(0, 2), [0x40, 0x80]);
});

test('a masked channel holds the transfer until the guest opens it', async () => {
  const { dma, program, run, result, memory } = board();
  program(0x44, 512);
  dma.writePort(dma.ports[0]!, 0x0a, 1, 0x06);
  assert.deepEqual(await run(0x46, 0x00, 0, 0, 5, 2, 18, 0, 0xff), []);
  dma.writePort(dma.ports[0]!, 0x0a, 1, 0x02);
  assert.deepEqual(result(), [0, 0, 0, 0, 0, 6, 2]);
  assert.equal(memory.bytes[BUFFER], 4);
});

test('version, lock, configure, dumpreg and perpendicular answer as an 82077AA', () => {
  const { command, write, wait } = board();
  assert.deepEqual(command(0x10), [0x90]);
  command(0x13, 0x00, 0x57, 0x10);
  command(0x12, 0x84);
  assert.deepEqual(command(0x94), [0x10]);
  assert.deepEqual(command(0x0e), [0, 0, 0, 0, 0xdf, 0x02, 0, 0x84, 0x57, 0x10]);
  write(2, 0x18);
  write(2, 0x1c);
  wait();
  assert.deepEqual(command(0x0e).slice(8), [0x57, 0x10]);
  assert.deepEqual(command(0x14), [0x00]);
  assert.deepEqual(command(0x1f), [0x80]);
});

test('implied seek takes the head to the cylinder of the command', async () => {
  const { command, memory, program, run } = board();
  command(0x13, 0x00, 0x40, 0x00);
  program(0x44, 512);
  assert.equal((await run(0x46, 0x00, 4, 0, 1, 2, 18, 0, 0xff))[0], 0);
  assert.equal(memory.bytes[BUFFER], 144);
});

test('a reset in the middle of a read drops it; machine reset leaves the controller in reset', async () => {
  const { fdc, irq, program, send, write, read } = board();
  program(0x44, 512);
  send(0x46, 0x00, 0, 0, 1, 2, 18, 0, 0xff);
  write(2, 0x18);
  for (let i = 0; i < 5; i++) await settle();
  assert.isFalse(irq.level);
  fdc.reset();
  assert.equal(read(2), 0);
  assert.equal(read(4), 0);
});

test('a restored controller finishes the read that the saved one had begun', async () => {
  const { clock, dma, memory, program, send, fdc } = board();
  program(0x44, 512);
  send(0x46, 0x00, 0, 0, 9, 2, 18, 0, 0xff);
  const saved = structuredClone(fdc.save());
  fdc.reset();
  const irq = new RecordingLine();
  const copy = new Fdc82077({
    clock,
    irq,
    dma: dma.channel(2),
    completions: immediateCompletions,
    drives: [new FloppyDrive(numbered(2880))],
  });
  copy.restore(saved);
  for (let i = 0; i < 5; i++) await settle();
  assert.isTrue(irq.level);
  assert.deepEqual(access(copy, clock, irq).result(), [0, 0, 0, 0, 0, 10, 2]);
  assert.equal(memory.bytes[BUFFER], 8);
});
