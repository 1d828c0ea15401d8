import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { MachineError } from '../machine-error.js';
import {
  decodeValue,
  END_OF_REGION,
  HASH_BYTES,
  MAGIC,
  PAGE,
  RUN_PAGES,
  readHeader,
  type SnapshotHeader,
  START_BYTES,
  VERSION,
} from './format.js';

/** Bound on the JSON part: the largest device state is well under a MiB. */
const MAX_HEADER_BYTES = 64 << 20;
/** Deflate never makes a run larger by more than this. */
const MAX_RUN_BYTES = RUN_PAGES * PAGE + (1 << 16);
const HASH_PIECE_BYTES = 1 << 20;

const bad = (why: string, cause?: unknown): MachineError =>
  new MachineError('snapshot.bad-file', `The saved state ${why}; it cannot be restored.`, { cause });

/** A snapshot file whose hash has been checked; `restoreInto` then fills the regions. Nothing in it is trusted but the hash's promise that it is whole. */
export class SnapshotFile {
  private constructor(
    readonly header: SnapshotHeader,
    private readonly file: FileHandle,
    private at: number,
    private readonly end: number,
  ) {}

  /** @throws MachineError snapshot.bad-file, snapshot.version */
  static async open(path: string): Promise<SnapshotFile> {
    const file = await open(path, 'r').catch((error: unknown) => {
      throw bad(`cannot be read (${(error as Error).message})`, error);
    });
    try {
      return await SnapshotFile.#check(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  static async #check(file: FileHandle): Promise<SnapshotFile> {
    const { size } = await file.stat();
    if (size < START_BYTES + HASH_BYTES) throw bad('is not a Millwright state file');
    const start = await readAt(file, 0, START_BYTES);
    if (start.toString('latin1', 0, 8) !== MAGIC) throw bad('is not a Millwright state file');
    const version = start.readUInt32LE(8);
    if (version !== VERSION) {
      throw new MachineError(
        'snapshot.version',
        `The saved state has format version ${version}; this Millwright reads version ${VERSION}.`,
      );
    }
    const end = size - HASH_BYTES;
    if (!(await hashOf(file, end)).equals(await readAt(file, end, HASH_BYTES))) throw bad('is damaged (its checksum differs)');
    const length = start.readUInt32LE(12);
    if (length > MAX_HEADER_BYTES || START_BYTES + length > end) throw bad('has a header of impossible length');
    let header: SnapshotHeader;
    try {
      header = readHeader(decodeValue((await readAt(file, START_BYTES, length)).toString('utf8')));
    } catch (error) {
      throw bad('has a header that is not one', error);
    }
    return new SnapshotFile(header, file, START_BYTES + length, end);
  }

  /** Fills `regions` (in the header's order, of the header's sizes) page by page; pages that are not in the file become zero. @throws MachineError snapshot.bad-file */
  async restoreInto(regions: readonly Uint8Array[]): Promise<void> {
    for (const region of regions) {
      region.fill(0);
      for (;;) {
        const page = (await this.#take(4)).readUInt32LE(0);
        if (page === END_OF_REGION) break;
        const head = await this.#take(8);
        const count = head.readUInt32LE(0);
        const length = head.readUInt32LE(4);
        if (count === 0 || count > RUN_PAGES || (page + count) * PAGE > region.length || length > MAX_RUN_BYTES)
          throw bad('names pages outside the machine');
        region.set(inflate(await this.#take(length), count * PAGE), page * PAGE);
      }
    }
    if (this.at !== this.end) throw bad('is longer than its machine');
  }

  close(): Promise<void> {
    return this.file.close();
  }

  async #take(bytes: number): Promise<Buffer> {
    if (this.at + bytes > this.end) throw bad('ends too early');
    const piece = await readAt(this.file, this.at, bytes);
    this.at += bytes;
    return piece;
  }
}

function inflate(deflated: Uint8Array, bytes: number): Uint8Array {
  let pages: Uint8Array;
  try {
    pages = inflateRawSync(deflated, { maxOutputLength: bytes });
  } catch (error) {
    throw bad('has pages that do not unpack', error);
  }
  if (pages.length !== bytes) throw bad('has pages that do not unpack');
  return pages;
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, position + done);
    if (bytesRead === 0) throw bad('ends too early');
    done += bytesRead;
  }
  return buffer;
}

async function hashOf(file: FileHandle, end: number): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let at = 0; at < end; at += HASH_PIECE_BYTES) hash.update(await readAt(file, at, Math.min(HASH_PIECE_BYTES, end - at)));
  return hash.digest();
}
