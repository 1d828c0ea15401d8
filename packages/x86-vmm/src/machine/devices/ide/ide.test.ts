import { assert, test } from 'vitest';
import { type BlockBackend, type Completions, SECTOR_BYTES } from '../../../bus/backends.js';
import type { AccessSize } from '../../../bus/device.js';
import { RecordingLine } from '../support/recording-line.js';
import { AtaDisk } from './ata-disk.js';
import { AtapiCdrom } from './atapi-cdrom.js';
import type { IdeDrive } from './drive.js';
import { IdeChannel } from './ide-channel.js';

/** A disk in memory: byte 0 and 1 of each sector are its number, every other byte `fill`. */
class MemoryDisk implements BlockBackend {
  readonly bytes: Uint8Array;
  flushes = 0;
  broken = -1;
  constructor(
    readonly sectors: number,
    readonly readOnly = false,
    fill = 0x5a,
  ) {
    this.bytes = new Uint8Array(sectors * SECTOR_BYTES).fill(fill);
    for (let i = 0; i < sectors; i++) this.bytes.set([i, i >> 8], i * SECTOR_BYTES);
  }
  async read(sector: number, into: Uint8Array): Promise<void> {
    if (this.broken >= sector && this.broken < sector + into.length / SECTOR_BYTES) throw new Error('bad sector');
    into.set(this.bytes.subarray(sector * SECTOR_BYTES, sector * SECTOR_BYTES + into.length));
  }
  async write(sector: number, from: Uint8Array): Promise<void> {
    if (this.broken >= 0) throw new Error('bad medium');
    this.bytes.set(from, sector * SECTOR_BYTES);
  }
  async flush(): Promise<void> {
    this.flushes++;
  }
}

/** Delivers when the test says so, as the machine does between two slices. */
class HeldCompletions implements Completions {
  readonly #held: { work: Promise<void>; done: (failure?: unknown) => void }[] = [];
  deliver(work: Promise<void>, done: (failure?: unknown) => void): void {
    this.#held.push({ work, done });
    work.catch(() => {});
  }
  /** Until nothing is under way. */
  async settle(): Promise<void> {
    for (let next = this.#held.shift(); next !== undefined; next = this.#held.shift()) {
      const failure = await next.work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (failure === undefined) next.done();
      else next.done(failure);
    }
  }
}

function bench(build: (completions: Completions) => readonly (IdeDrive | undefined)[]) {
  const ram = new Uint8Array(1 << 20);
  const memory = {
    read: (at: number, into: Uint8Array) => into.set(ram.subarray(at, at + into.length)),
    write: (at: number, from: Uint8Array) => ram.set(from, at),
  };
  const completions = new HeldCompletions();
  const irq = new RecordingLine();
  const channel = new IdeChannel({ name: 'ide0', commandBase: 0x1f0, controlPort: 0x3f6, irq, memory, drives: build(completions) });
  channel.placeBusMaster(0xc000);
  const rangeOf = (port: number) => channel.ports.find(({ base, length }) => port >= base && port < base + length)!;
  const out = (port: number, value: number, size: AccessSize = 1) =>
    channel.writePort(rangeOf(port), port - rangeOf(port).base, size, value);
  const input = (port: number, size: AccessSize = 1) => channel.readPort(rangeOf(port), port - rangeOf(port).base, size);
  /** Registers 1F2..1F6, then the command. */
  const command = (code: number, count = 0, lba = 0, device = 0xe0) => {
    out(0x1f2, count);
    out(0x1f3, lba & 0xff);
    out(0x1f4, (lba >> 8) & 0xff);
    out(0x1f5, (lba >> 16) & 0xff);
    out(0x1f6, device | ((lba >> 24) & 0xf));
    out(0x1f7, code);
  };
  const readWords = (count: number) => Array.from({ length: count }, () => input(0x1f0, 2));
  const readString = (bytes: number) => {
    const into = new Uint8Array(bytes);
    return { moved: channel.readString(0x1f0, 2, into), into };
  };
  const writeString = (from: Uint8Array) => channel.writeString(0x1f0, 2, from);
  /** A table at 1000h of [address, count] regions; started towards memory or from it. */
  const regions = (list: readonly (readonly [number, number])[], toMemory: boolean) => {
    const view = new DataView(ram.buffer);
    list.forEach(([address, count], i) => {
      view.setUint32(0x1000 + i * 8, address, true);
      view.setUint32(0x1004 + i * 8, (count & 0xffff) | (i === list.length - 1 ? 0x8000_0000 : 0), true);
    });
    out(0xc004, 0x1000, 4);
    out(0xc002, 0x06);
    out(0xc000, toMemory ? 0x08 : 0x00);
    out(0xc000, toMemory ? 0x09 : 0x01);
  };
  const packet = (...bytes: number[]) => {
    out(0x1f4, 0x00);
    out(0x1f5, 0x08);
    out(0x1f6, 0xa0);
    out(0x1f7, 0xa0);
    return writeString(Uint8Array.from({ length: 12 }, (_, i) => bytes[i] ?? 0));
  };
  return { channel, ram, completions, irq, out, input, command, readWords, readString, writeString, regions, packet };
}

function diskBench(disk = new MemoryDisk(5000)) {
  return { disk, ...bench((completions) => [new AtaDisk({ backend: disk, completions, serial: 'MW1' }), undefined]) };
}

function cdBench(medium: MemoryDisk | undefined = new MemoryDisk(400, true)) {
  let cdrom: AtapiCdrom | undefined;
  const b = bench((completions) => {
    cdrom = new AtapiCdrom({ completions, serial: 'MW2' }, medium);
    return [cdrom, undefined];
  });
  return { cdrom: cdrom!, medium: medium!, ...b };
}

/** A CD-ROM whose power-on unit attention has been reported. */
function readyCd(medium?: MemoryDisk) {
  const b = cdBench(medium);
  b.packet(0x00);
  b.input(0x1f7);
  return b;
}

test('after a soft reset drives show their signature, and no interrupt (ATA/ATAPI-6 9.12)', () => {
  const { channel, out, input, irq } = bench((completions) => [
    new AtaDisk({ backend: new MemoryDisk(100), completions, serial: 'A' }),
    new AtapiCdrom({ completions, serial: 'B' }),
  ]);
  out(0x3f6, 0x04);
  assert.equal(input(0x1f7), 0x80);
  out(0x3f6, 0x00);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 7].map((r) => input(0x1f0 + r)),
    [1, 1, 1, 0, 0, 0x50],
  );
  out(0x1f6, 0x10);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 7].map((r) => input(0x1f0 + r)),
    [1, 1, 1, 0x14, 0xeb, 0x00],
  );
  assert.equal(irq.rises, 0);
  assert.equal(channel.name, 'ide0');
});

test('an absent device 1 has status 0, and an empty channel reads 0', () => {
  const { out, input } = diskBench();
  out(0x1f6, 0xb0);
  assert.equal(input(0x1f7), 0);
  const empty = bench(() => [undefined, undefined]);
  empty.out(0x1f2, 0x55);
  assert.deepEqual([empty.input(0x1f2), empty.input(0x1f7)], [0, 0]);
});

test('IDENTIFY DEVICE: geometry, capacities and strings (ATA/ATAPI-6 8.15)', () => {
  const { command, readWords, input, irq } = diskBench();
  command(0xec);
  assert.equal(input(0x3f6), 0x58);
  assert.isTrue(irq.level);
  assert.equal(input(0x1f7), 0x58);
  assert.isFalse(irq.level, 'reading status acknowledges');
  const words = readWords(256);
  assert.deepEqual([words[1], words[3], words[6], words[60], words[100]], [4, 16, 63, 5000, 5000]);
  assert.equal(words[10], (0x4d << 8) | 0x57);
  assert.equal(words[47]! & 0xff, 16);
  assert.equal(input(0x1f7), 0x50);
});

test('READ SECTORS: one block and one interrupt a sector, BSY while the backend reads', async () => {
  const { command, readWords, readString, input, irq, completions } = diskBench();
  command(0x20, 2, 7);
  assert.equal(input(0x1f7), 0x80);
  await completions.settle();
  assert.equal(irq.rises, 1);
  assert.equal(input(0x1f7), 0x58);
  assert.equal(readWords(256)[0], 7);
  assert.equal(irq.rises, 2);
  const { moved, into } = readString(4096);
  assert.deepEqual([moved, into[0], into[511]], [512, 8, 0x5a]);
  assert.equal(input(0x1f7), 0x50);
  assert.equal(readString(512).moved, 0);
  assert.equal(input(0x1f3), 8, 'the last sector is in the registers');
});

test('CHS addresses use the translation of INITIALIZE DEVICE PARAMETERS', async () => {
  const { command, readWords, completions, input } = diskBench();
  command(0x91, 17, 0, 0xa3);
  assert.equal(input(0x1f7), 0x50);
  command(0x20, 1, 0x0205, 0xa1);
  await completions.settle();
  assert.equal(readWords(1)[0], (2 * 4 + 1) * 17 + 4);
});

test('READ MULTIPLE moves blocks of SET MULTIPLE MODE; 0 turns it off', async () => {
  const { command, readString, completions, irq, input } = diskBench();
  command(0xc6, 4);
  input(0x1f7);
  command(0xc4, 6, 100);
  await completions.settle();
  const before = irq.rises;
  assert.equal(readString(8192).moved, 4 * 512);
  input(0x1f7);
  assert.equal(readString(8192).moved, 2 * 512);
  assert.isAtMost(irq.rises, before + 1);
  command(0xc6, 0);
  command(0xc4, 1, 0);
  assert.deepEqual([input(0x1f7), input(0x1f1)], [0x51, 0x04]);
});

test('WRITE SECTORS: the first block without an interrupt, the last interrupt after the backend wrote', async () => {
  const { disk, command, writeString, completions, irq, input } = diskBench();
  command(0x30, 2, 9);
  assert.equal(input(0x1f7), 0x58);
  assert.equal(irq.rises, 0);
  assert.equal(writeString(new Uint8Array(1024).fill(0x11)), 512);
  assert.equal(irq.rises, 1);
  input(0x1f7);
  assert.equal(writeString(new Uint8Array(512).fill(0x22)), 512);
  assert.equal(input(0x1f7), 0x80);
  await completions.settle();
  assert.equal(irq.rises, 2);
  assert.deepEqual([disk.bytes[9 * 512], disk.bytes[10 * 512 + 511], disk.bytes[11 * 512]], [0x11, 0x22, 11]);
});

test('48-bit commands take the previous register contents as upper bytes, which HOB shows', async () => {
  const { out, input, completions, readWords } = diskBench();
  for (const [high, low, register] of [
    [0, 1, 2],
    [0, 0x2c, 3],
    [0, 1, 4],
    [0, 0, 5],
  ] as const) {
    out(0x1f0 + register, high);
    out(0x1f0 + register, low);
  }
  out(0x1f6, 0x40);
  out(0x1f7, 0x24);
  await completions.settle();
  assert.equal(readWords(1)[0], 300);
  out(0x1f3, 0x77);
  out(0x3f6, 0x80);
  assert.equal(input(0x1f3), 0x2c);
  out(0x3f6, 0x00);
  assert.equal(input(0x1f3), 0x77);
});

test('READ DMA scatters into the regions and ends with the interrupt bit set and ACTIVE clear', async () => {
  const { command, regions, completions, ram, input, irq } = diskBench();
  command(0xc8, 3, 20);
  assert.equal(input(0x3f6), 0x80);
  regions(
    [
      [0x2000, 600],
      [0x8000, 936],
    ],
    true,
  );
  await completions.settle();
  assert.deepEqual([ram[0x2000], ram[0x2000 + 512], ram[0x8000 + 1024 - 600]], [20, 21, 22]);
  assert.equal(input(0xc002) & 0x05, 0x04);
  assert.isTrue(irq.level);
  assert.equal(input(0x1f7), 0x50);
});

test('WRITE DMA gathers, also when the bus master was started first, and larger than one window', async () => {
  const { disk, command, regions, completions, ram, input } = diskBench();
  ram.fill(0x33, 0x10000, 0x60000);
  regions(
    [
      [0x10000, 0],
      [0x20000, 0],
      [0x30000, 0],
    ],
    false,
  );
  command(0xca, 0, 1000);
  await completions.settle();
  assert.deepEqual([disk.bytes[1000 * 512], disk.bytes[1256 * 512 - 1], disk.bytes[1256 * 512]], [0x33, 0x33, 1256 & 0xff]);
  assert.equal(input(0xc002) & 0x05, 0x05, 'the regions have more room than the transfer');
});

test('a table that is too short leaves the drive busy without an interrupt, and a reset frees it', async () => {
  const { command, regions, completions, input, out, irq } = diskBench();
  command(0xc8, 2, 0);
  regions([[0x2000, 512]], true);
  await completions.settle();
  assert.deepEqual([input(0x3f6), input(0xc002) & 0x05, irq.rises], [0x80, 0, 0]);
  out(0x3f6, 0x04);
  out(0x3f6, 0x00);
  assert.equal(input(0x1f7), 0x50);
});

test('FLUSH CACHE waits for the backend; without write cache each write does', async () => {
  const { disk, command, writeString, out, completions, input } = diskBench();
  command(0xe7);
  assert.equal(input(0x1f7), 0x80);
  await completions.settle();
  assert.equal(disk.flushes, 1);
  out(0x1f1, 0x82);
  command(0xef);
  await completions.settle();
  command(0x30, 1, 0);
  writeString(new Uint8Array(512));
  await completions.settle();
  assert.equal(disk.flushes, 3);
});

test('a medium error is UNC at the sector when reading and a device fault when writing', async () => {
  const { disk, command, writeString, completions, input } = diskBench();
  disk.broken = 30;
  command(0x20, 1, 30);
  await completions.settle();
  assert.deepEqual([input(0x1f7), input(0x1f1), input(0x1f3)], [0x51, 0x40, 30]);
  command(0x30, 1, 3);
  writeString(new Uint8Array(512));
  await completions.settle();
  assert.deepEqual([input(0x1f7), input(0x1f1)], [0x71, 0x04]);
});

test('addresses beyond the disk, unknown commands and writes to a read-only disk are refused', () => {
  const { command, input } = diskBench(new MemoryDisk(100, true));
  command(0x20, 2, 99);
  assert.deepEqual([input(0x1f7), input(0x1f1)], [0x51, 0x10]);
  command(0xb0);
  assert.deepEqual([input(0x1f7), input(0x1f1)], [0x51, 0x04]);
  command(0x30, 1, 0);
  assert.deepEqual([input(0x1f7), input(0x1f1)], [0x51, 0x04]);
  command(0xf8);
  assert.equal(input(0x1f3), 99);
});

test("nIEN holds the interrupt back until it is cleared; the other drive's does not show", () => {
  const { out, command, irq } = diskBench();
  out(0x3f6, 0x02);
  command(0xe5);
  assert.isFalse(irq.level);
  out(0x3f6, 0x00);
  assert.isTrue(irq.level);
  out(0x1f6, 0xb0);
  assert.isFalse(irq.level);
});

test('an answer to a request from before a reset is dropped and its buffer is not used again', async () => {
  const { command, out, input, completions, irq } = diskBench();
  command(0x20, 1, 5);
  out(0x3f6, 0x04);
  out(0x3f6, 0x00);
  await completions.settle();
  assert.deepEqual([input(0x1f7), irq.rises], [0x50, 0]);
});

test('EXECUTE DEVICE DIAGNOSTIC reports both drives passed and interrupts', () => {
  const { out, input, irq } = diskBench();
  out(0x1f7, 0x90);
  assert.isTrue(irq.level);
  assert.deepEqual([input(0x1f1), input(0x1f7)], [0x01, 0x50]);
});

test('a disk restored in the middle of a write goes on with the next word', async () => {
  const a = diskBench();
  a.command(0x30, 2, 4);
  a.writeString(new Uint8Array(600).fill(0x44));
  a.writeString(new Uint8Array(100).fill(0x44));
  const b = diskBench();
  b.channel.restore(structuredClone(a.channel.save()));
  assert.isTrue(b.irq.level, 'the interrupt of the second block is still there');
  b.writeString(new Uint8Array(512).fill(0x55));
  await b.completions.settle();
  assert.deepEqual([b.disk.bytes[4 * 512], b.disk.bytes[5 * 512 + 99], b.disk.bytes[5 * 512 + 100]], [0x44, 0x44, 0x55]);
  assert.deepEqual(structuredClone(b.channel.save()).version, 1);
});

test('IDENTIFY on a packet device aborts with its signature; IDENTIFY PACKET DEVICE answers', () => {
  const { command, readWords, input } = cdBench();
  command(0xec, 0, 0, 0xa0);
  assert.deepEqual([input(0x1f7) & 1, input(0x1f1), input(0x1f4), input(0x1f5)], [1, 4, 0x14, 0xeb]);
  command(0xa1, 0, 0, 0xa0);
  assert.equal(readWords(256)[0], 0x85c0);
});

test('the first command after power-on reports a unit attention; INQUIRY does not', () => {
  const { packet, readString, input } = cdBench();
  packet(0x12, 0, 0, 0, 36);
  assert.deepEqual([input(0x1f2), input(0x1f4)], [2, 36]);
  assert.equal(readString(36).into[0], 0x05);
  packet(0x00);
  assert.deepEqual([input(0x1f7) & 1, input(0x1f1) >> 4, input(0x1f2)], [1, 6, 3]);
  packet(0x03, 0, 0, 0, 18);
  const { into } = readString(18);
  assert.deepEqual([into[2], into[12]], [6, 0x29]);
  packet(0x00);
  assert.equal(input(0x1f7) & 1, 0);
});

test('READ(10) by PIO: blocks of the byte count limit, an interrupt each and one for the status', async () => {
  const { packet, readString, input, completions, irq } = readyCd();
  packet(0x28, 0, 0, 0, 0, 5, 0, 0, 2);
  assert.equal(input(0x1f7), 0x80);
  await completions.settle();
  const before = irq.rises;
  assert.deepEqual([input(0x1f2), input(0x1f4) | (input(0x1f5) << 8), input(0x1f7)], [2, 2048, 0x58]);
  assert.equal(readString(4096).into[0], 20);
  input(0x1f7);
  assert.equal(readString(4096).into[0], 24);
  assert.equal(irq.rises, before + 2);
  assert.deepEqual([input(0x1f2), input(0x1f7)], [3, 0x50]);
});

test('READ(12) by DMA, more than one window', async () => {
  const { out, writeString, regions, completions, ram, input, irq } = readyCd();
  out(0x1f1, 1);
  out(0x1f7, 0xa0);
  writeString(Uint8Array.from([0xa8, 0, 0, 0, 0, 10, 0, 0, 0, 40, 0, 0]));
  regions(
    [
      [0x20000, 0],
      [0x30000, 40 * 2048 - 0x10000],
    ],
    true,
  );
  await completions.settle();
  assert.deepEqual([ram[0x20000], ram[0x20000 + 39 * 2048]], [40, (49 * 4) & 0xff]);
  assert.isTrue(irq.level);
  assert.equal(input(0xc002) & 5, 4);
});

test('READ CAPACITY, READ TOC in three formats, MODE SENSE 2A, GET CONFIGURATION, READ SUBCHANNEL', () => {
  const { packet, readString } = readyCd();
  packet(0x25);
  assert.deepEqual([...readString(8).into], [0, 0, 0, 99, 0, 0, 8, 0]);
  packet(0x43, 2, 0, 0, 0, 0, 0, 0, 20);
  assert.deepEqual([...readString(20).into], [0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 2, 0, 0, 0x14, 0xaa, 0, 0, 0, 3, 25]);
  packet(0x43, 0, 1, 0, 0, 0, 0, 0, 12);
  assert.deepEqual([...readString(12).into], [0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0]);
  packet(0x43, 0, 2, 0, 0, 0, 0, 0, 48);
  assert.deepEqual([readString(48).moved, readString(2).moved], [48, 0]);
  packet(0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 64);
  assert.deepEqual([...readString(10).into], [0, 26, 1, 0, 0, 0, 0, 0, 0x2a, 0x12]);
  readString(64);
  packet(0x46, 0, 0, 0, 0, 0, 0, 0, 16);
  assert.deepEqual([...readString(8).into].slice(4), [0, 0, 0, 8]);
  readString(16);
  packet(0x42, 0, 0x40, 1, 0, 0, 0, 0, 16);
  assert.equal(readString(16).into[6], 1);
});

test('READ CD can return raw sectors with sync and header', async () => {
  const { packet, readString, completions } = readyCd();
  packet(0xbe, 0, 0, 0, 0, 3, 0, 0, 1, 0xf8);
  await completions.settle();
  const first = readString(2048).into;
  assert.deepEqual([...first.subarray(0, 18)], [0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 2, 3, 1, 12, 0]);
  assert.equal(readString(2352).moved, 304);
});

test('an empty drive is not ready; a new disc is a unit attention and a media event; a locked tray stays shut', () => {
  const { cdrom, packet, input, readString } = readyCd();
  cdrom.changeMedium(undefined);
  packet(0x00);
  assert.equal(input(0x1f1) >> 4, 2);
  cdrom.changeMedium(new MemoryDisk(800, true));
  packet(0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
  assert.deepEqual([...readString(8).into], [0, 6, 4, 0x10, 2, 2, 0, 0]);
  packet(0x00);
  assert.equal(input(0x1f1) >> 4, 6);
  packet(0x1e, 0, 0, 0, 1);
  packet(0x1b, 0, 0, 0, 2);
  assert.equal(input(0x1f1) >> 4, 5);
  packet(0x1e, 0, 0, 0, 0);
  packet(0x1b, 0, 0, 0, 2);
  assert.isTrue(cdrom.trayOpen);
  packet(0x00);
  assert.equal(input(0x1f1) >> 4, 2);
});

test('a read error of the medium is sense key 3; a block beyond the end is key 5', async () => {
  const { medium, packet, input, completions } = readyCd();
  medium.broken = 41;
  packet(0x28, 0, 0, 0, 0, 10, 0, 0, 1);
  await completions.settle();
  assert.equal(input(0x1f1) >> 4, 3);
  packet(0x28, 0, 0, 0, 0, 99, 0, 0, 2);
  assert.equal(input(0x1f1) >> 4, 5);
});

test('a CD-ROM restored in the middle of a block goes on, and keeps its unit attention', async () => {
  const a = readyCd();
  a.packet(0x28, 0, 0, 0, 0, 5, 0, 0, 1);
  await a.completions.settle();
  a.readString(1000);
  a.cdrom.changeMedium(a.medium);
  const b = cdBench();
  b.channel.restore(structuredClone(a.channel.save()));
  assert.equal(b.readString(4096).moved, 1048);
  assert.equal(b.input(0x1f2), 3);
  b.packet(0x00);
  assert.equal(b.input(0x1f1) >> 4, 6);
});

test('a disc taken out in the middle of a long read ends it with a check condition', async () => {
  const { cdrom, packet, readString, input, completions } = readyCd();
  packet(0x28, 0, 0, 0, 0, 0, 0, 0, 60);
  await completions.settle();
  cdrom.changeMedium(undefined);
  for (let i = 0; i < 24; i++) readString(2048);
  assert.deepEqual([input(0x1f7) & 1, input(0x1f1) >> 4], [1, 2]);
});
