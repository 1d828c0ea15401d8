import type { FileHandle } from 'node:fs/promises';
import type { ImageKind } from '@millwright/contracts';
import { LARGEST_FLOPPY_BYTES } from '@millwright/x86-vmm';

/** A medium is a whole number of these. */
const SECTOR: Readonly<Record<ImageKind, number>> = { disk: 512, cdrom: 2048, floppy: 512 };
const NAME: Readonly<Record<ImageKind, string>> = { disk: 'a raw disk', cdrom: 'a CD-ROM image', floppy: 'a floppy image' };

/** Headers of formats that are disks, but not raw ones. */
const FOREIGN: readonly { readonly name: string; readonly magic: Buffer }[] = [
  { name: 'a QCOW image', magic: Buffer.from('QFI\xfb', 'latin1') },
  { name: 'a VMDK image', magic: Buffer.from('KDMV') },
  { name: 'a VHDX image', magic: Buffer.from('vhdxfile') },
  { name: 'a VDI image', magic: Buffer.from('<<< Oracle VM') },
  { name: 'a gzip archive', magic: Buffer.from([0x1f, 0x8b]) },
  { name: 'an XZ archive', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]) },
  { name: 'a ZIP archive', magic: Buffer.from('PK\x03\x04', 'latin1') },
];
const LONGEST = Math.max(...FOREIGN.map(({ magic }) => magic.length));

/**
 * Why a file cannot be a medium of this kind, by its size and its first bytes, and what to do: what comes after "the file".
 * Undefined when it can be one, or is a device, whose size nobody tells.
 */
export async function imageProblem(file: FileHandle, kind: ImageKind): Promise<string | undefined> {
  const stat = await file.stat();
  if (!stat.isFile()) return undefined;
  const { size } = stat;
  if (size === 0) return 'is empty; give an image';
  const foreign = await foreignFormat(file);
  if (foreign) return `is ${foreign}; convert it to a raw image first (qemu-img convert -O raw)`;
  if (kind === 'floppy' && size > LARGEST_FLOPPY_BYTES)
    return `has ${size} bytes, and the largest floppy has ${LARGEST_FLOPPY_BYTES}; use it as a disk`;
  if (size % SECTOR[kind] !== 0)
    return `has ${size} bytes, and ${NAME[kind]} is a multiple of ${SECTOR[kind]}; copy it again if it was cut, or pad it (truncate -s %${SECTOR[kind]})`;
  return undefined;
}

/** The name of the format when the file is a disk or an archive in another format than raw. */
async function foreignFormat(file: FileHandle): Promise<string | undefined> {
  const head = Buffer.alloc(LONGEST);
  await file.read(head, 0, LONGEST, 0);
  return FOREIGN.find(({ magic }) => head.subarray(0, magic.length).equals(magic))?.name;
}
