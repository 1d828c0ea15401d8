/* The smallest disc that boots: ISO 9660 volume descriptors and an El Torito catalogue (1.0). */

const SECTOR = 2048;
const CATALOGUE_AT = 19;
const IMAGE_AT = 20;

/** El Torito media types (byte 1 of the default entry). */
export const MEDIA = { none: 0, floppy1440: 2, hardDisk: 4 } as const;

/** A disc whose only content is the boot image; `sectors` of 512 bytes are loaded by the BIOS. */
export function bootableIso(image: Uint8Array, media: number, sectors: number): Uint8Array {
  const iso = new Uint8Array(SECTOR * (IMAGE_AT + Math.ceil(image.length / SECTOR) + 16));
  const view = new DataView(iso.buffer);
  const text = (value: string, at: number): void =>
    iso.set(
      [...value].map((c) => c.charCodeAt(0)),
      at,
    );
  const descriptor = (sector: number, type: number): number => {
    iso[sector * SECTOR] = type;
    text('CD001', sector * SECTOR + 1);
    iso[sector * SECTOR + 6] = 1;
    return sector * SECTOR;
  };
  const primary = descriptor(16, 1);
  text('MILLWRIGHT TEST'.padEnd(32), primary + 40);
  view.setUint32(primary + 80, iso.length / SECTOR, true);
  const boot = descriptor(17, 0);
  text('EL TORITO SPECIFICATION', boot + 7);
  view.setUint32(boot + 0x47, CATALOGUE_AT, true);
  descriptor(18, 255);
  const catalogue = CATALOGUE_AT * SECTOR;
  iso[catalogue] = 1;
  view.setUint16(catalogue + 0x1e, 0xaa55, true);
  let sum = 0;
  for (let i = 0; i < 32; i += 2) sum += view.getUint16(catalogue + i, true);
  view.setUint16(catalogue + 0x1c, -sum & 0xffff, true);
  iso[catalogue + 0x20] = 0x88;
  iso[catalogue + 0x21] = media;
  view.setUint16(catalogue + 0x26, sectors, true);
  view.setUint32(catalogue + 0x28, IMAGE_AT, true);
  iso.set(image, IMAGE_AT * SECTOR);
  return iso;
}
