import type { FileHandle } from 'node:fs/promises';

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

/** The name of the format when the file is a disk or an archive in another format than raw. */
export async function foreignFormat(file: FileHandle): Promise<string | undefined> {
  const head = Buffer.alloc(LONGEST);
  await file.read(head, 0, LONGEST, 0);
  return FOREIGN.find(({ magic }) => head.subarray(0, magic.length).equals(magic))?.name;
}
