import { type FileHandle, open } from 'node:fs/promises';
import { type ImageKind, MAX_FLOPPY_BYTES, PlatformError } from '@millwright/contracts';

const SECTOR = 512;
const ISO_SECTOR = 2048;
/** First volume descriptor of ISO 9660 (ECMA-119 §8): sector 16, identifier at byte 1. */
const VOLUME_DESCRIPTOR_AT = 16 * ISO_SECTOR;
/** Headers of formats that are disks, but not raw ones. */
const FOREIGN: readonly { readonly name: string; readonly magic: Buffer }[] = [
  { name: 'a QCOW image', magic: Buffer.from('QFI\xfb', 'latin1') },
  { name: 'a VMDK image', magic: Buffer.from('KDMV') },
  { name: 'a VHDX image', magic: Buffer.from('vhdxfile') },
  { name: 'a VDI image', magic: Buffer.from('<<< Oracle VM') },
  { name: 'a gzip archive', magic: Buffer.from([0x1f, 0x8b]) },
  { name: 'an XZ archive', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]) },
  { name: 'a ZIP archive', magic: Buffer.from('PK\x03\x04', 'latin1') },
];

const refuse = (why: string): PlatformError => new PlatformError('image.bad-format', 'invalid', why);

/** Accepts a file as a medium of its kind, by its size and its first bytes. @throws PlatformError image.bad-format */
export async function checkImageFormat(path: string, kind: ImageKind): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const foreign = await foreignFormat(file);
    if (foreign) throw refuse(`The file is ${foreign}; convert it to a raw image first.`);
    if (kind === 'cdrom') {
      const descriptor = await bytesAt(file, VOLUME_DESCRIPTOR_AT, 6);
      if (descriptor.toString('latin1', 1) !== 'CD001')
        throw refuse('The file is not an ISO 9660 image (no volume descriptor in sector 16).');
    } else if (kind === 'floppy') {
      if (size === 0 || size % SECTOR !== 0 || size > MAX_FLOPPY_BYTES)
        throw refuse(`A floppy image is whole 512-byte sectors, ${MAX_FLOPPY_BYTES} bytes at most; this file has ${size} bytes.`);
    } else if (size % SECTOR !== 0) {
      throw refuse(`A raw disk is a whole number of 512-byte sectors; this file has ${size} bytes.`);
    }
  } finally {
    await file.close();
  }
}

/** The name of the format when the file is a disk or an archive in another format than raw. */
export async function foreignFormat(file: FileHandle): Promise<string | undefined> {
  const head = await bytesAt(file, 0, SECTOR);
  return FOREIGN.find(({ magic }) => head.subarray(0, magic.length).equals(magic))?.name;
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, position);
  return buffer;
}
