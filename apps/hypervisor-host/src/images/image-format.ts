import { type FileHandle, open } from 'node:fs/promises';
import { type ImageKind, MAX_FLOPPY_BYTES, PlatformError } from '@millwright/contracts';
import { foreignFormat } from './foreign-format.js';

const SECTOR = 512;
const ISO_SECTOR = 2048;
/** First volume descriptor of ISO 9660 (ECMA-119 §8): sector 16, identifier at byte 1. */
const VOLUME_DESCRIPTOR_AT = 16 * ISO_SECTOR;

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

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, position);
  return buffer;
}
