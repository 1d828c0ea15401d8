import { assert, test } from 'vitest';
import type { AccessSize, InterruptLine } from '../../../bus/device.js';
import type { Backing, PhysicalMap } from '../../../bus/guest-memory.js';
import { IdeChannel } from '../../devices/ide/ide-channel.js';
import { Piix4Pm } from '../../devices/piix4-pm/piix4-pm.js';
import { ManualClock } from '../../devices/support/manual-clock.js';
import { RecordingLine } from '../../devices/support/recording-line.js';
import { Vga } from '../../devices/vga/vga.js';
import { ConfigurationMechanism } from './configuration-mechanism.js';
import { I440fx } from './i440fx.js';
import { Piix3Ide } from './piix3-ide.js';
import { Piix3Isa } from './piix3-isa.js';
import { Piix4PmFunction } from './piix4-pm-function.js';
import { VgaFunction } from './vga-function.js';

/** A physical map that remembers, page by page, where reads and writes go. */
class PageMap implements PhysicalMap {
  readonly reads = new Map<number, string>();
  readonly writes = new Map<number, string>();
  map(base: number, length: number, read: Backing | undefined, write: Backing | undefined): void {
    for (let at = 0; at < length; at += 0x1000) {
      this.reads.set(base + at, read ? `${read.region}+${(read.offset + at).toString(16)}` : 'bus');
      this.writes.set(base + at, write ? `${write.region}+${(write.offset + at).toString(16)}` : 'bus');
    }
  }
  at(address: number): string {
    return `${this.reads.get(address) ?? 'bus'} ${this.writes.get(address) ?? 'bus'}`;
  }
}

/** The PCI side of a PC with 64 MiB: the functions in their slots. */
function bench() {
  const map = new PageMap();
  const lines = Array.from({ length: 16 }, () => new RecordingLine());
  const clock = new ManualClock();
  const memory = { read: () => {}, write: () => {} };
  const irq: InterruptLine = { set: () => {} };
  let ranges = 0;
  const rangesChanged = () => void ranges++;
  const window = { base: 64 << 20, end: 0xfec0_0000 };
  const primary = new IdeChannel({ name: 'ide0', commandBase: 0x1f0, controlPort: 0x3f6, irq, memory, drives: [] });
  const secondary = new IdeChannel({ name: 'ide1', commandBase: 0x170, controlPort: 0x376, irq, memory, drives: [] });
  const pm = new Piix4Pm({ clock, sci: irq, powerOff: () => {} });
  const vram = new Uint8Array(1 << 20);
  const vga = new Vga({ clock, vram, dirty: { dirty: new Uint8Array(256), rearm: () => {} }, map });
  const isa = new Piix3Isa(lines);
  const romAt = (address: number): Backing | undefined => (address >= 0xe0000 ? { region: 'rom', offset: address - 0xe0000 } : undefined);
  const pci = new ConfigurationMechanism();
  pci.plug(0, 0, new I440fx(map, romAt));
  pci.plug(1, 0, isa);
  pci.plug(1, 1, new Piix3Ide(primary, secondary, rangesChanged));
  pci.plug(1, 3, new Piix4PmFunction(pm, rangesChanged));
  pci.plug(
    2,
    0,
    new VgaFunction({ vga, map, window, rangesChanged, rom: { backing: { region: 'rom', offset: 0x20000 }, bytes: 0x10000 } }),
  );
  const [address, data] = pci.ports;
  const select = (device: number, number: number, register: number, bus = 0) =>
    pci.writePort(address!, 0, 4, (0x8000_0000 | (bus << 16) | (device << 11) | (number << 8) | (register & 0xfc)) >>> 0);
  const read = (device: number, number: number, register: number, size: AccessSize = 4) => {
    select(device, number, register);
    return pci.readPort(data!, register & 3, size);
  };
  const write = (device: number, number: number, register: number, value: number, size: AccessSize = 4) => {
    select(device, number, register);
    pci.writePort(data!, register & 3, size, value);
  };
  return { map, lines, pci, isa, pm, vga, primary, secondary, select, read, write, address: address!, data: data!, ranges: () => ranges };
}

test('the functions of the board are found where chipset drivers look for them', () => {
  const { read } = bench();
  assert.deepEqual(
    [read(0, 0, 0), read(1, 0, 0), read(1, 1, 0), read(1, 3, 0), read(2, 0, 0)],
    [0x1237_8086, 0x7000_8086, 0x7010_8086, 0x7113_8086, 0x1111_1234],
  );
  assert.equal(read(0, 0, 0x2c), 0x1100_1af4, 'by which SeaBIOS knows a virtual machine');
  assert.deepEqual([read(1, 0, 0x0e, 1), read(1, 1, 0x0b, 1), read(1, 1, 0x0a, 1), read(1, 1, 0x09, 1)], [0x80, 0x01, 0x01, 0x80]);
});

test('mechanism #1: whole doublewords set the address, any size moves data, nobody answers elsewhere (PCI 2.1 3.7.4.1)', () => {
  const { pci, read, select, address, data } = bench();
  assert.equal(read(1, 0, 2, 2), 0x7000);
  assert.equal(read(1, 0, 3, 1), 0x70);
  pci.writePort(address, 1, 1, 0xff);
  assert.equal(pci.readPort(data, 0, 2), 0x8086, 'a byte write is not for CONFADD');
  assert.equal(read(5, 0, 0), 0xffff_ffff);
  assert.equal(read(1, 2, 0, 2), 0xffff);
  select(0, 0, 0, 1);
  assert.equal(pci.readPort(data, 0, 4), 0xffff_ffff, 'bus 1');
  pci.writePort(address, 0, 4, 0x0000_0800);
  assert.equal(pci.readPort(data, 0, 4), 0xffff_ffff, 'not enabled');
});

test('identification is read-only; the command register keeps what it has; status bits clear by one', () => {
  const { read, write } = bench();
  write(2, 0, 0, 0xdead_beef);
  assert.equal(read(2, 0, 0), 0x1111_1234);
  write(2, 0, 4, 0xffff, 2);
  assert.equal(read(2, 0, 4, 2), 0x0147);
  write(0, 0, 4, 0, 2);
  assert.equal(read(0, 0, 4, 2), 0x0006);
});

test('a base address tells its size and kind, and moves when decoding is on (PCI 2.1 6.2.5.1)', () => {
  const { read, write, map } = bench();
  write(2, 0, 0x10, 0xffff_ffff);
  assert.equal(read(2, 0, 0x10), 0xfff0_0008, '1 MiB, prefetchable');
  write(2, 0, 0x14, 0xffff_ffff);
  assert.equal(read(2, 0, 0x14), 0, 'no BAR 1');
  write(2, 0, 0x10, 0xe000_0000);
  assert.equal(map.at(0xe000_0000), 'bus bus');
  write(2, 0, 4, 2, 2);
  assert.equal(map.at(0xe000_1000), 'vram+1000 vram+1000');
  write(2, 0, 0x10, 0xd000_0000);
  assert.deepEqual([map.at(0xe000_0000), map.at(0xd000_0000)], ['bus bus', 'vram+0 vram+0']);
  write(2, 0, 4, 0, 2);
  assert.equal(map.at(0xd000_0000), 'bus bus');
});

test('a base address over RAM or the system ROM is not decoded', () => {
  const { write, map } = bench();
  write(2, 0, 4, 2, 2);
  write(2, 0, 0x10, 0xffff_ffff);
  assert.equal(map.at(0xfff0_0000), 'bus bus');
  assert.isFalse(map.reads.has(0xfff0_0000), 'the map was not touched there');
  write(2, 0, 0x10, 0x0010_0000);
  assert.isFalse(map.reads.has(0x0010_0000));
});

test('the register window and the expansion ROM follow their base addresses', () => {
  const { write, vga, map, read, ranges } = bench();
  write(2, 0, 0x18, 0xfebf_0000);
  write(2, 0, 0x30, 0xfebe_0001);
  write(2, 0, 4, 2, 2);
  assert.equal(vga.memory[1]!.base, 0xfebf_0000);
  assert.isAbove(ranges(), 0);
  assert.equal(map.at(0xfebe_1000), 'rom+21000 bus');
  write(2, 0, 0x30, 0xffff_fffe);
  assert.equal(read(2, 0, 0x30), 0xffff_0000);
  assert.equal(map.at(0xfebe_1000), 'bus bus');
});

test.each([
  [0x00, 'rom+10000 bus'],
  [0x10, 'ram+f0000 bus'],
  [0x20, 'rom+10000 ram+f0000'],
  [0x30, 'ram+f0000 ram+f0000'],
])('PAM0 %i sends F0000 reads and writes to %s (290549 3.2.18)', (pam, expected) => {
  const { write, map } = bench();
  write(0, 0, 0x59, pam, 1);
  assert.equal(map.at(0xf0000), expected);
});

test('PAM1 to PAM6 are 16 KiB pieces from C0000, the lower nibble first', () => {
  const { write, map } = bench();
  assert.equal(map.at(0xc4000), 'bus bus', 'no ROM there after reset');
  write(0, 0, 0x5a, 0x30, 1);
  assert.deepEqual(
    [map.at(0xc3000), map.at(0xc4000), map.at(0xc7000), map.at(0xc8000)],
    ['bus bus', 'ram+c4000 ram+c4000', 'ram+c7000 ram+c7000', 'bus bus'],
  );
  write(0, 0, 0x5f, 0x03, 1);
  assert.deepEqual([map.at(0xe8000), map.at(0xec000)], ['ram+e8000 ram+e8000', 'rom+c000 bus']);
});

test('SMRAM is locked by D_LCK until reset', () => {
  const { read, write, pci } = bench();
  write(0, 0, 0x72, 0x58, 1);
  assert.equal(read(0, 0, 0x72, 1), 0x1a);
  write(0, 0, 0x72, 0x00, 1);
  assert.equal(read(0, 0, 0x72, 1), 0x1a);
  pci.reset();
  assert.equal(read(0, 0, 0x72, 1), 0x02);
});

test("a slot's pin reaches its PIRQ and from there the steered IRQ, as a level (290550 2.2.9)", () => {
  const { write, isa, lines } = bench();
  const slot3 = isa.interruptPin(3, 0);
  const slot7 = isa.interruptPin(7, 0);
  slot3.set(true);
  assert.isFalse(
    lines.some(({ level }) => level),
    'not routed after reset',
  );
  write(1, 0, 0x62, 0x0b, 1);
  assert.isTrue(lines[11]!.level);
  slot7.set(true);
  slot3.set(false);
  assert.isTrue(lines[11]!.level, 'slots 3 and 7 share PIRQC');
  write(1, 0, 0x62, 0x0a, 1);
  assert.deepEqual([lines[10]!.level, lines[11]!.level], [true, false]);
  slot7.set(false);
  assert.isFalse(lines[10]!.level);
  slot7.set(true);
  write(1, 0, 0x62, 0x02, 1);
  assert.isFalse(lines[2]!.level, 'IRQ 2 cannot be steered to');
});

test("BMIBA places both channels' bus master registers", () => {
  const { write, primary, secondary } = bench();
  write(1, 1, 0x20, 0xc001);
  assert.equal(primary.ports.length, 2);
  write(1, 1, 4, 5, 2);
  assert.deepEqual([primary.ports[2]!.base, secondary.ports[2]!.base], [0xc000, 0xc008]);
});

test('PMBA with PMIOSE and SMBBA with its enable place the PM blocks; APMC_EN reads set', () => {
  const { write, read, pm } = bench();
  write(1, 3, 0x40, 0x0601);
  assert.isUndefined(pm.ports.find(({ name }) => name === 'pm'));
  write(1, 3, 0x80, 1, 1);
  assert.equal(pm.ports.find(({ name }) => name === 'pm')!.base, 0x600);
  write(1, 3, 0x90, 0x0701);
  write(1, 3, 0xd2, 0x09, 1);
  assert.equal(pm.ports.find(({ name }) => name === 'smbus')!.base, 0x700);
  assert.equal(read(1, 3, 0x58) & 0x0200_0000, 0x0200_0000);
});

test('a restored board decodes and steers as the saved one; reset undoes it', () => {
  const a = bench();
  a.write(2, 0, 0x10, 0xe000_0000);
  a.write(2, 0, 4, 2, 2);
  a.write(0, 0, 0x59, 0x30, 1);
  a.write(1, 0, 0x60, 0x05, 1);
  a.write(1, 1, 0x20, 0xc001);
  a.write(1, 1, 4, 1, 2);
  const b = bench();
  b.pci.restore(structuredClone(a.pci.save()));
  b.isa.interruptPin(1, 0).set(true);
  assert.deepEqual([b.map.at(0xe000_0000), b.map.at(0xf0000)], ['vram+0 vram+0', 'ram+f0000 ram+f0000']);
  assert.isTrue(b.lines[5]!.level);
  assert.equal(b.primary.ports[2]!.base, 0xc000);
  b.pci.reset();
  assert.deepEqual(
    [b.map.at(0xe000_0000), b.map.at(0xf0000), b.lines[5]!.level, b.primary.ports.length],
    ['bus bus', 'rom+10000 bus', false, 2],
  );
});
