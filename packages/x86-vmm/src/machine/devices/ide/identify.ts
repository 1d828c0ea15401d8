/* IDENTIFY DEVICE and IDENTIFY PACKET DEVICE data (ATA/ATAPI-6, 8.15 and 8.16), 256 words. */

export interface Geometry {
  readonly cylinders: number;
  readonly heads: number;
  readonly sectors: number;
}

/** Largest sector number of a 28-bit command, plus one. */
export const LBA28_SECTORS = 0x1000_0000;
/** Most sectors a READ/WRITE MULTIPLE block has. */
export const MAX_MULTIPLE = 16;

/** The default translation: 16 heads and 63 sectors, cylinders as many as fit, at most 16383. */
export function defaultGeometry(sectors: number): Geometry {
  return { cylinders: Math.max(1, Math.min(16383, Math.floor(sectors / (16 * 63)))), heads: 16, sectors: 63 };
}

export interface IdentifyDisk {
  readonly sectors: number;
  readonly serial: string;
  readonly model: string;
  readonly native: Geometry;
  /** As set by INITIALIZE DEVICE PARAMETERS. */
  readonly current: Geometry;
  /** Sectors per block set by SET MULTIPLE MODE; 0: off. */
  readonly multiple: number;
  readonly writeCache: boolean;
  /** Mode bits of words 63 and 88: supported in the lower byte, selected in the upper. */
  readonly multiwordDma: number;
  readonly ultraDma: number;
}

export function identifyDisk(into: Uint8Array, disk: IdentifyDisk): void {
  const words = new Words(into);
  const { native, current, multiple } = disk;
  const capacity = Math.min(current.cylinders * current.heads * current.sectors, disk.sectors);
  words.set(0, 0x0040);
  words.set(1, native.cylinders);
  words.set(3, native.heads);
  words.set(6, native.sectors);
  words.text(10, 20, disk.serial);
  words.text(23, 8, '1.0');
  words.text(27, 40, disk.model);
  words.set(47, 0x8000 | MAX_MULTIPLE);
  words.set(48, 0x0001);
  words.set(49, 0x0b00); // DMA, LBA, IORDY may be disabled
  words.set(50, 0x4000);
  words.set(51, 0x0200);
  words.set(53, 0x0007);
  words.set(54, current.cylinders);
  words.set(55, current.heads);
  words.set(56, current.sectors);
  words.set32(57, capacity);
  words.set(59, multiple ? 0x0100 | multiple : 0);
  words.set32(60, Math.min(disk.sectors, LBA28_SECTORS - 1));
  words.set(63, disk.multiwordDma);
  words.set(64, 0x0003); // PIO modes 3 and 4
  for (let i = 65; i <= 68; i++) words.set(i, 120);
  words.set(80, 0x0070); // ATA-4 to ATA/ATAPI-6
  words.set(82, 0x4068); // NOP, look-ahead, write cache, power management
  words.set(83, 0x7400); // FLUSH CACHE (EXT), 48-bit
  words.set(84, 0x4000);
  words.set(85, 0x4048 | (disk.writeCache ? 0x20 : 0));
  words.set(86, 0x3400);
  words.set(87, 0x4000);
  words.set(88, disk.ultraDma);
  words.set(93, 0x6001 | 0x000e);
  words.set32(100, disk.sectors >>> 0);
  words.set32(102, Math.floor(disk.sectors / 2 ** 32));
}

export interface IdentifyCdrom {
  readonly serial: string;
  readonly model: string;
  readonly multiwordDma: number;
  readonly ultraDma: number;
}

export function identifyCdrom(into: Uint8Array, drive: IdentifyCdrom): void {
  const words = new Words(into);
  words.set(0, 0x85c0); // packet device, CD-ROM, removable, DRQ within 50 us, 12-byte packets
  words.text(10, 20, drive.serial);
  words.text(23, 8, '1.0');
  words.text(27, 40, drive.model);
  words.set(49, 0x0b00);
  words.set(50, 0x4000);
  words.set(53, 0x0006);
  words.set(63, drive.multiwordDma);
  words.set(64, 0x0003);
  for (let i = 65; i <= 68; i++) words.set(i, 120);
  words.set(71, 30);
  words.set(72, 30);
  words.set(80, 0x0070);
  words.set(82, 0x4210); // NOP, DEVICE RESET, packet
  words.set(83, 0x4000);
  words.set(84, 0x4000);
  words.set(85, 0x4210);
  words.set(87, 0x4000);
  words.set(88, drive.ultraDma);
  words.set(93, 0x6001 | 0x000e);
}

class Words {
  constructor(private readonly bytes: Uint8Array) {
    bytes.fill(0, 0, 512);
  }
  set(word: number, value: number): void {
    this.bytes[word * 2] = value;
    this.bytes[word * 2 + 1] = value >> 8;
  }
  set32(word: number, value: number): void {
    this.set(word, value & 0xffff);
    this.set(word + 1, value >>> 16);
  }
  /** ASCII, padded with spaces, the first character in the upper byte of each word. */
  text(word: number, length: number, text: string): void {
    const padded = text.slice(0, length).padEnd(length);
    for (let i = 0; i < length; i++) this.bytes[word * 2 + (i ^ 1)] = padded.charCodeAt(i) & 0x7f;
  }
}
