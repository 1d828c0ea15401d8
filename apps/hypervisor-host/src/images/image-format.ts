import { type FileHandle, open } from 'node:fs/promises';
import { type ImageKind, PlatformError } from '@millwright/contracts';
import { imageProblem } from './image-problem.js';

/** First volume descriptor of ISO 9660 (ECMA-119 §8): sector 16, identifier at byte 1. */
const VOLUME_DESCRIPTOR_AT = 16 * 2048;

const refuse = (why: string): PlatformError => new PlatformError('image.bad-format', 'invalid', why);

/** Accepts an uploaded file as a medium of its kind. @throws PlatformError image.bad-format */
export async function checkImageFormat(path: string, kind: ImageKind): Promise<void> {
  const file = await open(path, 'r');
  try {
    const problem = await imageProblem(file, kind);
    if (problem) throw refuse(`The file ${problem}.`);
    if (kind !== 'cdrom') return;
    const descriptor = await bytesAt(file, VOLUME_DESCRIPTOR_AT, 6);
    if (descriptor.toString('latin1', 1) !== 'CD001')
      throw refuse('The file is not an ISO 9660 image (no volume descriptor in sector 16); give one, or upload it as a disk.');
  } finally {
    await file.close();
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, position);
  return buffer;
}
