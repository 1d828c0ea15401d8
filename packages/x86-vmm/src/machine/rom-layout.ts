import type { Backing, PhysicalMap } from '../bus/guest-memory.js';
import type { MachineSpec } from '../machine-spec.js';

/*
 * Where ROM images lie in the machine's ROM region (1 MiB), and which of them answers below 1 MiB.
 *
 *   0        system ROM; its last 128 KiB also at E0000..FFFFF
 *   80000h   video BIOS, at C0000
 *   90000h   kernel loader, at D0000
 */
const VIDEO_BIOS_OFFSET = 0x8_0000;
const LOADER_OFFSET = 0x9_0000;
const PAGE = 0x1000;
const LOW_BIOS_END = 0x10_0000;
const LOW_BIOS_BYTES = 0x2_0000;

interface Image {
  readonly address: number;
  readonly offset: number;
  readonly bytes: number;
}

/** The ROMs of a machine in its ROM region. */
export class RomLayout {
  readonly #images: Image[] = [];

  /** Copies the images into `rom`, filled with FFh where there is none. */
  constructor(
    rom: Uint8Array,
    private readonly spec: Pick<MachineSpec, 'bios' | 'videoBios' | 'kernel'>,
  ) {
    rom.fill(0xff);
    const { bios, videoBios, kernel } = spec;
    rom.set(bios, 0);
    const low = Math.min(bios.length, LOW_BIOS_BYTES);
    this.#images.push({ address: LOW_BIOS_END - low, offset: bios.length - low, bytes: low });
    if (videoBios) this.#add(rom, 0xc_0000, VIDEO_BIOS_OFFSET, videoBios);
    if (kernel) this.#add(rom, 0xd_0000, LOADER_OFFSET, kernel.loaderRom);
  }

  /** ROM behind the page at `address` (C0000..FFFFF). */
  at(address: number): Backing | undefined {
    const image = this.#images.find((each) => address >= each.address && address < each.address + each.bytes);
    return image && { region: 'rom', offset: image.offset + (address - image.address) };
  }

  /** Maps the system ROM to the top of 4 GiB. */
  mapTop(map: PhysicalMap): void {
    const { length } = this.spec.bios;
    map.map(0x1_0000_0000 - length, length, { region: 'rom', offset: 0 }, undefined);
  }

  /** The display adapter's expansion ROM: the video BIOS padded to a power of two. */
  get videoRom(): { readonly backing: Backing; readonly bytes: number } | undefined {
    const { videoBios } = this.spec;
    return (
      videoBios && {
        backing: { region: 'rom', offset: VIDEO_BIOS_OFFSET },
        bytes: 2 ** Math.ceil(Math.log2(Math.max(4096, videoBios.length))),
      }
    );
  }

  #add(rom: Uint8Array, address: number, offset: number, bytes: Uint8Array): void {
    rom.set(bytes, offset);
    this.#images.push({ address, offset, bytes: Math.ceil(bytes.length / PAGE) * PAGE });
  }
}
