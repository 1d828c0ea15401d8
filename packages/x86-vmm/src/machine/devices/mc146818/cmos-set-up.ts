import { BOOT_DEVICE, CMOS, FLOPPY_TYPE } from './registers.js';

/** The CMOS RAM as `Mc146818.cmos` gives it. */
export interface CmosRam {
  read(index: number): number;
  write(index: number, value: number): void;
}

export interface CmosDisk {
  readonly cylinders: number;
  readonly heads: number;
  readonly sectorsPerTrack: number;
}

export interface CmosSetUp {
  readonly memoryBytes: number;
  /** RAM above 4 GiB, beyond `memoryBytes`. */
  readonly memoryAbove4GBytes?: number;
  /** Drives A and B. */
  readonly floppies: readonly (keyof typeof FLOPPY_TYPE)[];
  /** The two disks of the primary channel, where present. */
  readonly disks?: readonly (CmosDisk | undefined)[];
  readonly bootOrder: readonly (keyof typeof BOOT_DEVICE)[];
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** A disk whose geometry stands in the extended bytes: type 15 there, type 47 in them. */
const TYPE_SEE_EXTENDED = 0x0f;
const TYPE_USER = 47;

/** Writes what firmware wants to know of the board into the RAM, as a set-up program would have, checksum included. */
export function setUpCmos(cmos: CmosRam, setUp: CmosSetUp): void {
  writeMemory(cmos, setUp);
  writeFloppies(cmos, setUp.floppies);
  writeDisks(cmos, setUp.disks ?? []);
  const order = setUp.bootOrder.map((device) => BOOT_DEVICE[device]);
  cmos.write(CMOS.BOOT_FIRST_SECOND, (order[0] ?? 0) | ((order[1] ?? 0) << 4));
  // Bit 0: a floppy needs no boot signature, as on a real PC (old DOS disks have none).
  cmos.write(CMOS.BOOT_THIRD, ((order[2] ?? 0) << 4) | 1);
  cmos.write(CMOS.MORE_CPUS, 0);
  let sum = 0;
  for (let i = CMOS.CHECKSUM_FIRST; i <= CMOS.CHECKSUM_LAST; i++) sum += cmos.read(i);
  cmos.write(CMOS.CHECKSUM_HIGH, (sum >> 8) & 0xff);
  cmos.write(CMOS.CHECKSUM_LOW, sum & 0xff);
}

function writeMemory(cmos: CmosRam, setUp: CmosSetUp): void {
  const extendedKiB = Math.min(0xffff, Math.max(0, Math.floor(setUp.memoryBytes / KIB) - 1024));
  const above16M = Math.min(0xffff, Math.max(0, Math.floor((setUp.memoryBytes - 16 * MIB) / (64 * KIB))));
  const above4G = Math.floor((setUp.memoryAbove4GBytes ?? 0) / (64 * KIB));
  writeWord(cmos, CMOS.BASE_MEMORY_LOW, 640);
  writeWord(cmos, CMOS.EXTENDED_MEMORY_LOW, extendedKiB);
  writeWord(cmos, CMOS.EXTENDED_MEMORY_POST_LOW, extendedKiB);
  writeWord(cmos, CMOS.MEMORY_ABOVE_16M_LOW, above16M);
  writeWord(cmos, CMOS.MEMORY_ABOVE_4G, above4G & 0xffff);
  cmos.write(CMOS.MEMORY_ABOVE_4G + 2, (above4G >> 16) & 0xff);
}

/** Types, and the equipment byte: floppy count, coprocessor, PS/2 mouse; display bits 00 mean a VGA. */
function writeFloppies(cmos: CmosRam, floppies: CmosSetUp['floppies']): void {
  const types = [0, 1].map((drive) => FLOPPY_TYPE[floppies[drive] ?? 'none']);
  cmos.write(CMOS.FLOPPY_TYPES, (types[0]! << 4) | types[1]!);
  const count = types.filter((type) => type !== FLOPPY_TYPE.none).length;
  cmos.write(CMOS.EQUIPMENT, 0x06 | (count > 0 ? 0x01 | ((count - 1) << 6) : 0));
}

function writeDisks(cmos: CmosRam, disks: readonly (CmosDisk | undefined)[]): void {
  cmos.write(CMOS.DISK_TYPES, (disks[0] ? TYPE_SEE_EXTENDED << 4 : 0) | (disks[1] ? TYPE_SEE_EXTENDED : 0));
  let translation = 0;
  for (const [i, base] of [CMOS.DISK_0_GEOMETRY, CMOS.DISK_1_GEOMETRY].entries()) {
    const disk = disks[i];
    cmos.write(CMOS.DISK_0_EXTENDED_TYPE + i, disk ? TYPE_USER : 0);
    if (!disk) continue;
    const cylinders = Math.min(disk.cylinders, 0xffff);
    writeWord(cmos, base, cylinders);
    cmos.write(base + 2, disk.heads & 0xff);
    writeWord(cmos, base + 3, 0xffff); // no write precompensation
    cmos.write(base + 5, 0xc0 | (disk.heads > 8 ? 0x08 : 0));
    writeWord(cmos, base + 6, cylinders);
    cmos.write(base + 8, disk.sectorsPerTrack & 0xff);
    const isSmall = disk.cylinders <= 1024 && disk.heads <= 16 && disk.sectorsPerTrack <= 63;
    translation |= (isSmall ? 0 : 1) << (2 * i);
  }
  cmos.write(CMOS.DISK_TRANSLATION, translation);
}

function writeWord(cmos: CmosRam, index: number, value: number): void {
  cmos.write(index, value & 0xff);
  cmos.write(index + 1, value >> 8);
}
