import { type FileHandle, open } from 'node:fs/promises';
import { checkRange, type GenerationVolume, SECTOR_BYTES, type Volume, VolumeError } from '../volume.js';

/**
 * A file that is the disk, byte for byte. A last piece of a sector reads as if filled with zeros. A writable one is a `GenerationVolume`
 * whose generation is the file's identity and time of change: whatever writes to it changes that, also another program.
 */
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
  return options.readOnly ? volume : withGeneration(volume, file);
}

async function withGeneration(volume: Volume, file: FileHandle): Promise<GenerationVolume> {
  const identify = async (): Promise<string> => {
    const { ino, size, mtimeNs } = await file.stat({ bigint: true });
    return `${ino}-${size}-${mtimeNs}`;
  };
  let generation = await identify();
  return {
    ...volume,
    get generation() {
      return generation;
    },
    async checkpoint() {
      // The kernel's own times have the grain of its tick; this one has whole milliseconds, so that a write in the same tick shows too.
      const now = new Date();
      await file.utimes(now, now);
      await file.sync();
      generation = await identify();
      return generation;
    },
  };
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
