/*
 * A saved machine, version 1.
 *
 *   8 bytes   magic "MWSTATE\0"
 *   u32       version (1)
 *   u32       length of the JSON part in bytes
 *   JSON      SnapshotHeader; byte arrays and big integers in tagged form (see `encodeValue`)
 *   then for each memory region in the header's order: runs of
 *     u32     first page (4 KiB) of the run, u32 number of pages (at most 1024); 0xffffffff ends the region
 *     u32     length of the deflated bytes, then the bytes (raw deflate, level 1)
 *   pages that are all zero are left out
 *   32 bytes  SHA-256 of everything before
 *
 * All numbers little-endian.
 */
export const MAGIC = 'MWSTATE\0';
export const VERSION = 1;
/** Magic, version, length of the JSON part. */
export const START_BYTES = 16;
export const HASH_BYTES = 32;
export const PAGE = 4096;
export const RUN_PAGES = 1024;
export const END_OF_REGION = 0xffff_ffff;

export interface SnapshotHeader {
  readonly memoryMiB: number;
  /** States from before there was a choice have none in the file: their processor was a `pentium2`. */
  readonly cpuModel: string;
  readonly guestTimeNs: bigint;
  /** CPU_STATE block of the linear memory. */
  readonly cpu: Uint8Array;
  /** What each device's `save` returned, by device name. */
  readonly devices: Readonly<Record<string, unknown>>;
  /** Generation of every writable medium at the moment of the save, by drive. */
  readonly generations: Readonly<Record<string, string>>;
  readonly regions: readonly { readonly name: string; readonly bytes: number }[];
}

/** JSON with byte arrays as {"$bytes": base64} and big integers as {"$bigint": decimal}. */
export function encodeValue(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return { $bigint: item.toString() };
    if (item instanceof Uint8Array) return { $bytes: Buffer.from(item).toString('base64') };
    return item;
  });
}

/** @throws SyntaxError when the text is not what `encodeValue` writes */
export function decodeValue(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null) return item;
    if ('$bigint' in item && typeof item.$bigint === 'string') return BigInt(item.$bigint);
    if ('$bytes' in item && typeof item.$bytes === 'string') return new Uint8Array(Buffer.from(item.$bytes, 'base64'));
    return item;
  });
}

/** The header as decoded, or an error: its shape and types, not whether it fits a machine. @throws TypeError */
export function readHeader(value: unknown): SnapshotHeader {
  const header = recordOf(value, 'header');
  const { memoryMiB, guestTimeNs, cpu, regions, cpuModel = 'pentium2' } = header;
  if (
    typeof memoryMiB !== 'number' ||
    typeof cpuModel !== 'string' ||
    typeof guestTimeNs !== 'bigint' ||
    guestTimeNs < 0n ||
    !(cpu instanceof Uint8Array) ||
    !Array.isArray(regions)
  ) {
    throw new TypeError('header: a field is missing');
  }
  const devices = recordOf(header['devices'], 'devices');
  const generations = recordOf(header['generations'], 'generations');
  for (const [drive, generation] of Object.entries(generations))
    if (typeof generation !== 'string') throw new TypeError(`generations: ${drive}`);
  return {
    memoryMiB,
    cpuModel,
    guestTimeNs,
    cpu,
    devices,
    generations: generations as Readonly<Record<string, string>>,
    regions: regions.map((region: unknown) => {
      const { name, bytes } = recordOf(region, 'region');
      if (typeof name !== 'string' || typeof bytes !== 'number') throw new TypeError('region: a field is missing');
      return { name, bytes };
    }),
  };
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${what}: not an object`);
  return value as Readonly<Record<string, unknown>>;
}
