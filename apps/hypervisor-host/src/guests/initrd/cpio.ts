/*
 * The "new ASCII" cpio format (magic 070701) that Linux unpacks as its first root file system.
 * Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
 */

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
/** The kernel skips zeros to the next multiple of four; archives are padded to whole 512-byte blocks. */
const BLOCK_BYTES = 512;

const TYPE = { directory: 0o040000, file: 0o100000, symbolicLink: 0o120000, characterDevice: 0o020000 } as const;

interface Entry {
  readonly name: string;
  /** Type and permissions. */
  readonly mode: number;
  readonly data: Uint8Array;
  readonly device?: { readonly major: number; readonly minor: number };
}

/** Collects entries, all owned by root and without a time, so that the same content gives the same bytes. */
export class CpioArchive {
  readonly #parts: Uint8Array[] = [];
  readonly #names = new Set<string>();
  #nextInode = 1;

  directory(name: string, permissions = 0o755): this {
    return this.#add({ name, mode: TYPE.directory | permissions, data: new Uint8Array() });
  }
  file(name: string, data: Uint8Array, permissions = 0o644): this {
    return this.#add({ name, mode: TYPE.file | permissions, data });
  }
  symbolicLink(name: string, target: string): this {
    return this.#add({ name, mode: TYPE.symbolicLink | 0o777, data: new TextEncoder().encode(target) });
  }
  characterDevice(name: string, major: number, minor: number, permissions = 0o600): this {
    return this.#add({ name, mode: TYPE.characterDevice | permissions, data: new Uint8Array(), device: { major, minor } });
  }

  /** The archive with its trailer. */
  bytes(): Uint8Array {
    const trailer = entryBytes({ name: TRAILER, mode: 0, data: new Uint8Array() }, 0);
    const length = [...this.#parts, trailer].reduce((sum, part) => sum + part.length, 0);
    const archive = Buffer.alloc(Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES);
    let at = 0;
    for (const part of [...this.#parts, trailer]) {
      archive.set(part, at);
      at += part.length;
    }
    return archive;
  }

  #add(entry: Entry): this {
    if (entry.name.startsWith('/') || entry.name === '') throw new RangeError(`"${entry.name}" is not a relative name`);
    if (this.#names.has(entry.name)) throw new RangeError(`${entry.name} is in the archive already`);
    this.#names.add(entry.name);
    this.#parts.push(entryBytes(entry, this.#nextInode++));
    return this;
  }
}

function entryBytes({ name, mode, data, device }: Entry, inode: number): Uint8Array {
  const nameBytes = Buffer.from(`${name}\0`, 'utf8');
  const links = (mode & 0o170000) === TYPE.directory ? 2 : 1;
  const [uid, gid, time, major, minor, check] = [0, 0, 0, 0, 0, 0];
  const fields = [
    inode,
    mode,
    uid,
    gid,
    links,
    time,
    data.length,
    major,
    minor,
    device?.major ?? 0,
    device?.minor ?? 0,
    nameBytes.length,
    check,
  ];
  const header = MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  const dataAt = align4(header.length + nameBytes.length);
  const bytes = Buffer.alloc(align4(dataAt + data.length));
  bytes.write(header, 0, 'latin1');
  bytes.set(nameBytes, header.length);
  bytes.set(data, dataAt);
  return bytes;
}

const align4 = (length: number): number => (length + 3) & ~3;
