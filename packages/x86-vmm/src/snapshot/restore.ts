import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { MachineError } from '../machine-error.js';
import { decodeValue, END_OF_REGION, MAGIC, PAGE, RUN_PAGES, type SnapshotHeader, VERSION } from './format.js';

const HASH_BYTES = 32;
/** Bound on the JSON part: the largest device state is well under a MiB. */
const MAX_HEADER_BYTES = 64 << 20;

/** A snapshot file whose hash has been checked; `restoreInto` then fills the regions. */
export class SnapshotFile {
  private constructor(
    readonly header: SnapshotHeader,
    private readonly pages: Buffer,
  ) {}

  /** @throws MachineError snapshot.bad-file, snapshot.version */
  static async open(path: string): Promise<SnapshotFile> {
    const file = await readFile(path);
    const bad = (why: string): MachineError => new MachineError('snapshot.bad-file', `The saved state ${why}; it cannot be restored.`);
    if (file.length < 16 + HASH_BYTES || file.toString('latin1', 0, 8) !== MAGIC) throw bad('is not a Millwright state file');
    const version = file.readUInt32LE(8);
    if (version !== VERSION) {
      throw new MachineError('snapshot.version', `The saved state has format version ${version}; this Millwright reads version ${VERSION}.`);
    }
    const end = file.length - HASH_BYTES;
    if (!createHash('sha256').update(file.subarray(0, end)).digest().equals(file.subarray(end))) throw bad('is damaged (its checksum differs)');
    const length = file.readUInt32LE(12);
    if (length > MAX_HEADER_BYTES || 16 + length > end) throw bad('has a header of impossible length');
    const header = decodeValue(file.toString('utf8', 16, 16 + length)) as SnapshotHeader;
    return new SnapshotFile(header, file.subarray(16 + length, end));
  }

  /** Fills `regions` (in the header's order, of the header's sizes) page by page; pages that are not in the file become zero. */
  restoreInto(regions: readonly Uint8Array[]): void {
    const file = this.pages;
    let at = 0;
    for (const region of regions) {
      region.fill(0);
      for (;;) {
        const page = file.readUInt32LE(at);
        at += 4;
        if (page === END_OF_REGION) break;
        const count = file.readUInt32LE(at);
        const length = file.readUInt32LE(at + 4);
        at += 8;
        if (count > RUN_PAGES || (page + count) * PAGE > region.length || at + length > file.length) {
          throw new MachineError('snapshot.bad-file', 'The saved state names pages outside the machine.');
        }
        region.set(inflateRawSync(file.subarray(at, at + length), { maxOutputLength: count * PAGE }), page * PAGE);
        at += length;
      }
    }
  }
}
