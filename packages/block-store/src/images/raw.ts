import { type FileHandle, open } from 'node:fs/promises';
import { checkRange, SECTOR_BYTES, type Volume, VolumeError } from '../volume.js';

/** A file that is the disk, byte for byte. A last piece of a sector reads as if filled with zeros. */
export async function openRawImage(path: string, options: { readonly readOnly: boolean }): Promise<Volume> {
  let file: FileHandle;
  try {
    file = await open(path, options.readOnly ? 'r' : 'r+');
  } catch (error) {
    throw new VolumeError('volume.io', `The image ${path} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
  const { size } = await file.stat();
  const sectors = Math.ceil(size / SECTOR_BYTES);
  const volume: Volume = {
    sectors,
    readOnly: options.readOnly,
    async read(sector, into) {
      checkRange(volume, sector, into);
      await readFully(file, into, sector * SECTOR_BYTES);
    },
    async write(sector, from) {
      if (options.readOnly) throw new VolumeError('volume.read-only', 'The image is read-only.');
      checkRange(volume, sector, from);
      await writeFully(file, from, sector * SECTOR_BYTES);
    },
    flush: () => (options.readOnly ? Promise.resolve() : file.datasync()),
    close: () => file.close(),
  };
  return volume;
}

/** Fills `into` from the file; what lies beyond its end reads as zeros. */
export async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  into.fill(0, done);
}

export async function writeFully(file: FileHandle, from: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < from.length) {
    const { bytesWritten } = await file.write(from, done, from.length - done, position + done);
    done += bytesWritten;
  }
}
