import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { readFully, writeFully } from '../images/raw.js';
import { checkRange, type GenerationVolume, SECTOR_BYTES, type Volume, VolumeError } from '../volume.js';
import { InOrder } from './in-order.js';

/*
 * Copy-on-write overlay, version 1: what was written, in clusters, over a backing volume that never changes.
 *
 *   0      8 bytes  magic "MWOVLAY\0"
 *   8      u32      version (1)
 *   12     u32      cluster size in bytes (65536)
 *   16     u64      sectors of the backing volume
 *   24     36 bytes generation (UUID text)
 *   4096   u32[]    one entry a cluster: 0 = backing volume, n = data cluster n - 1; padded to 4096
 *   then            data clusters
 *
 * Little-endian. Order of writing: a new cluster's data, fdatasync, then its table entry, fdatasync. A crash between the two loses
 * only what no flush had acknowledged.
 */
const MAGIC = 'MWOVLAY\0';
const VERSION = 1;
const CLUSTER_BYTES = 0x1_0000;
const CLUSTER_SECTORS = CLUSTER_BYTES / SECTOR_BYTES;
const HEADER_BYTES = 4096;
const GENERATION_AT = 24;
const GENERATION_BYTES = 36;
const TABLE_PAGE_ENTRIES = 1024;

/**
 * Creates an empty overlay file for a backing volume. A crash leaves none or a whole one, never a part: it is made beside and linked to its
 * name, which fails where there is one already. @throws VolumeError volume.io
 */
export async function createOverlay(path: string, backing: Volume): Promise<void> {
  // A name of its own: two that create the same overlay do not write into one file.
  const beside = `${path}.${randomUUID()}.partial`;
  try {
    await writeEmpty(beside, backing);
    await link(beside, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'exists already' : `cannot be created: ${message}`;
    throw new VolumeError('volume.io', `The overlay ${path} ${why}.`, { cause: error });
  } finally {
    await rm(beside, { force: true });
  }
}

async function writeEmpty(path: string, backing: Volume): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(MAGIC, 0, 'latin1');
    header.writeUInt32LE(VERSION, 8);
    header.writeUInt32LE(CLUSTER_BYTES, 12);
    header.writeBigUInt64LE(BigInt(backing.sectors), 16);
    header.write(randomUUID(), GENERATION_AT, 'latin1');
    await writeFully(file, header, 0);
    await file.truncate(HEADER_BYTES + tableBytes(clustersOf(backing)));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Opens an overlay over its backing volume, which it then owns. @throws VolumeError volume.bad-header */
export async function openOverlay(path: string, backing: Volume): Promise<GenerationVolume> {
  const file = await open(path, 'r+');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    await readFully(file, header, 0);
    checkHeader(path, header, backing);
    const table = new Uint32Array(tableBytes(clustersOf(backing)) / 4);
    await readFully(file, new Uint8Array(table.buffer), HEADER_BYTES);
    const { size } = await file.stat();
    const clusters = Math.max(0, Math.ceil((size - HEADER_BYTES - table.byteLength) / CLUSTER_BYTES));
    for (const entry of table) {
      if (entry > clusters) throw new VolumeError('volume.bad-header', `The overlay ${path} names a cluster beyond its end.`);
    }
    const generation = header.toString('latin1', GENERATION_AT, GENERATION_AT + GENERATION_BYTES);
    return new Overlay(file, backing, table, clusters, generation);
  } catch (error) {
    await file.close();
    throw error;
  }
}

class Overlay implements GenerationVolume {
  readonly sectors: number;
  readonly readOnly = false;
  readonly #order = new InOrder();
  /** Table pages whose entries are newer than the file's. */
  readonly #dirtyPages = new Set<number>();
  #generationIsFresh = false;

  constructor(
    private readonly file: FileHandle,
    private readonly backing: Volume,
    private readonly table: Uint32Array,
    private clusters: number,
    private currentGeneration: string,
  ) {
    this.sectors = backing.sectors;
  }

  get generation(): string {
    return this.currentGeneration;
  }

  read(sector: number, into: Uint8Array): Promise<void> {
    return this.#order.run(async () => {
      checkRange(this, sector, into);
      for (const piece of pieces(sector, into)) await this.#readPiece(piece.cluster, piece.offset, piece.bytes);
    });
  }

  write(sector: number, from: Uint8Array): Promise<void> {
    return this.#order.run(async () => {
      checkRange(this, sector, from);
      if (!this.#generationIsFresh) await this.#newGeneration();
      for (const piece of pieces(sector, from)) await this.#writePiece(piece.cluster, piece.offset, piece.bytes);
    });
  }

  flush(): Promise<void> {
    return this.#order.run(() => this.#flush());
  }

  checkpoint(): Promise<string> {
    return this.#order.run(async () => {
      await this.#flush();
      this.#generationIsFresh = false;
      return this.currentGeneration;
    });
  }

  close(): Promise<void> {
    return this.#order.run(async () => {
      await this.#flush();
      await this.file.close();
      await this.backing.close();
    });
  }

  async #readPiece(cluster: number, offset: number, into: Uint8Array): Promise<void> {
    const entry = this.table[cluster]!;
    if (entry === 0) await this.backing.read(cluster * CLUSTER_SECTORS + offset / SECTOR_BYTES, into);
    else await readFully(this.file, into, this.#position(entry) + offset);
  }

  async #writePiece(cluster: number, offset: number, from: Uint8Array): Promise<void> {
    const entry = this.table[cluster]!;
    if (entry !== 0) {
      await writeFully(this.file, from, this.#position(entry) + offset);
      return;
    }
    const whole = new Uint8Array(CLUSTER_BYTES);
    const first = cluster * CLUSTER_SECTORS;
    const present = Math.min(CLUSTER_SECTORS, this.sectors - first) * SECTOR_BYTES;
    if (from.length < present) await this.backing.read(first, whole.subarray(0, present));
    whole.set(from, offset);
    const added = this.clusters + 1;
    await writeFully(this.file, whole, this.#position(added));
    this.clusters = added;
    this.table[cluster] = added;
    this.#dirtyPages.add(Math.floor(cluster / TABLE_PAGE_ENTRIES));
  }

  async #flush(): Promise<void> {
    await this.file.datasync();
    if (this.#dirtyPages.size === 0) return;
    for (const page of this.#dirtyPages) {
      const entries = this.table.subarray(page * TABLE_PAGE_ENTRIES, (page + 1) * TABLE_PAGE_ENTRIES);
      const bytes = new Uint8Array(entries.buffer, entries.byteOffset, entries.byteLength);
      await writeFully(this.file, bytes, HEADER_BYTES + page * TABLE_PAGE_ENTRIES * 4);
    }
    await this.file.datasync();
    this.#dirtyPages.clear();
  }

  async #newGeneration(): Promise<void> {
    const generation = randomUUID();
    await writeFully(this.file, Buffer.from(generation, 'latin1'), GENERATION_AT);
    await this.file.datasync();
    this.currentGeneration = generation;
    this.#generationIsFresh = true;
  }

  #position(entry: number): number {
    return HEADER_BYTES + this.table.byteLength + (entry - 1) * CLUSTER_BYTES;
  }
}

/** Splits a transfer at cluster borders. */
function* pieces(sector: number, bytes: Uint8Array): Generator<{ cluster: number; offset: number; bytes: Uint8Array }> {
  for (let done = 0; done < bytes.length; ) {
    const at = sector * SECTOR_BYTES + done;
    const offset = at % CLUSTER_BYTES;
    const length = Math.min(CLUSTER_BYTES - offset, bytes.length - done);
    yield { cluster: Math.floor(at / CLUSTER_BYTES), offset, bytes: bytes.subarray(done, done + length) };
    done += length;
  }
}

const clustersOf = (volume: Volume): number => Math.ceil(volume.sectors / CLUSTER_SECTORS);

function tableBytes(clusters: number): number {
  return Math.max(1, Math.ceil(clusters / TABLE_PAGE_ENTRIES)) * TABLE_PAGE_ENTRIES * 4;
}

function checkHeader(path: string, header: Buffer, backing: Volume): void {
  const bad = (why: string): VolumeError => new VolumeError('volume.bad-header', `The overlay ${path} ${why}.`);
  if (header.toString('latin1', 0, 8) !== MAGIC) throw bad('is not an overlay');
  if (header.readUInt32LE(8) !== VERSION) throw bad(`has version ${header.readUInt32LE(8)}; this Millwright reads ${VERSION}`);
  if (header.readUInt32LE(12) !== CLUSTER_BYTES) throw bad('has an unknown cluster size');
  if (header.readBigUInt64LE(16) !== BigInt(backing.sectors)) throw bad('belongs to a backing image of another size');
}
