import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { MachineError } from '../machine-error.js';
import { END_OF_REGION, encodeValue, MAGIC, PAGE, RUN_PAGES, type SnapshotHeader, START_BYTES, VERSION } from './format.js';

const deflate = promisify(deflateRaw);

/** Bytes of the regions that the header names, in its order. */
export type Regions = readonly Uint8Array[];

/**
 * Writes a snapshot durably: beside `path`, fsynced, renamed, folder fsynced. A crash leaves the old file or the new one.
 * @throws MachineError snapshot.not-written: the disk is full, the folder is not there or may not be written
 */
export async function writeSnapshot(path: string, header: SnapshotHeader, regions: Regions): Promise<void> {
  try {
    await writeDurably(path, header, regions);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOSPC' ? 'the disk is full' : message;
    throw new MachineError('snapshot.not-written', `The state could not be saved (${why}); the machine was not changed.`, { cause: error });
  }
}

async function writeDurably(path: string, header: SnapshotHeader, regions: Regions): Promise<void> {
  const beside = `${path}.partial`;
  const file = await open(beside, 'w', 0o600);
  try {
    await new SnapshotWriter(file).write(header, regions);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(beside, { force: true });
    throw error;
  }
  await file.close();
  try {
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync();
  await folder.close();
}

class SnapshotWriter {
  readonly #hash: Hash = createHash('sha256');

  constructor(private readonly file: FileHandle) {}

  async write(header: SnapshotHeader, regions: Regions): Promise<void> {
    const json = Buffer.from(encodeValue(header));
    const start = Buffer.alloc(START_BYTES);
    start.write(MAGIC, 0, 'latin1');
    start.writeUInt32LE(VERSION, 8);
    start.writeUInt32LE(json.length, 12);
    await this.#put(start);
    await this.#put(json);
    for (const region of regions) await this.#region(region);
    await this.file.writeFile(this.#hash.digest());
  }

  async #region(bytes: Uint8Array): Promise<void> {
    const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 3);
    const pages = bytes.length / PAGE;
    for (let page = 0; page < pages; ) {
      if (isZero(words, page)) {
        page++;
        continue;
      }
      let end = page + 1;
      while (end < pages && end - page < RUN_PAGES && !isZero(words, end)) end++;
      const deflated = await deflate(copy(bytes, page * PAGE, end * PAGE), { level: 1 });
      const head = Buffer.alloc(12);
      head.writeUInt32LE(page, 0);
      head.writeUInt32LE(end - page, 4);
      head.writeUInt32LE(deflated.length, 8);
      await this.#put(head);
      await this.#put(deflated);
      page = end;
    }
    const last = Buffer.alloc(4);
    last.writeUInt32LE(END_OF_REGION, 0);
    await this.#put(last);
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    // writeFile goes on after a short write; on a handle it appends at the position.
    await this.file.writeFile(bytes);
  }
}

/** zlib does not take views of shared memory. */
function copy(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const own = new Uint8Array(to - from);
  own.set(bytes.subarray(from, to));
  return own;
}

function isZero(words: BigUint64Array, page: number): boolean {
  const first = page * (PAGE / 8);
  for (let i = first; i < first + PAGE / 8; i++) if (words[i] !== 0n) return false;
  return true;
}
