import type { AccessSize } from '../../../bus/device.js';
import type { Backing, PhysicalMap } from '../../../bus/guest-memory.js';
import { MMIO_BYTES } from '../../devices/vga/registers.js';
import type { Vga } from '../../devices/vga/vga.js';
import { ConfigSpace } from './config-space.js';
import type { ConfigSpaceState, PciFunction, PciWindow } from './pci-function.js';
import { CLASS, ID, SUBSYSTEM } from './registers.js';

/*
 * The display adapter's PCI function: framebuffer (BAR 0), register window (BAR 2), expansion ROM.
 * Source: QEMU docs/specs/standard-vga (the layout that Bochs' and Linux' drivers know).
 */

export interface VgaFunctionOptions {
  readonly vga: Vga;
  readonly map: PhysicalMap;
  readonly window: PciWindow;
  /** Has the bus decode device ranges anew. */
  readonly rangesChanged: () => void;
  /** Video BIOS in region `rom`; `bytes` a power of two of at least 2 KiB. Absent: no ROM base address. */
  readonly rom?: { readonly backing: Backing; readonly bytes: number };
}

export class VgaFunction implements PciFunction {
  readonly name = 'vga-pci';
  readonly #config: ConfigSpace;
  #framebuffer: number | undefined;
  #rom: number | undefined;

  constructor(private readonly options: VgaFunctionOptions) {
    const { vga, rom, window } = options;
    this.#config = new ConfigSpace(
      {
        vendor: ID.QEMU_VGA_VENDOR,
        device: ID.QEMU_VGA,
        revision: 2,
        classCode: CLASS.VGA,
        subsystemVendor: SUBSYSTEM.VENDOR,
        subsystem: SUBSYSTEM.DEVICE,
      },
      [
        { register: 0, kind: 'prefetchable', size: vga.vramBytes, placed: (base) => this.#placeFramebuffer(base) },
        { register: 2, kind: 'memory', size: MMIO_BYTES, placed: (base) => this.#placeRegisters(base) },
        ...(rom
          ? [
              {
                register: 'rom' as const,
                kind: 'memory' as const,
                size: rom.bytes,
                placed: (base: number | undefined) => this.#placeRom(base),
              },
            ]
          : []),
      ],
      window,
    );
  }

  readConfig(offset: number, size: AccessSize): number {
    return this.#config.read(offset, size);
  }
  writeConfig(offset: number, size: AccessSize, value: number): void {
    this.#config.write(offset, size, value);
  }
  reset(): void {
    this.#config.reset();
  }
  save(): ConfigSpaceState {
    return this.#config.save();
  }
  restore(state: ConfigSpaceState): void {
    this.#config.restore(state);
  }

  #placeFramebuffer(base: number | undefined): void {
    const { map, vga } = this.options;
    const backing: Backing = { region: 'vram', offset: 0 };
    if (this.#framebuffer !== undefined) map.map(this.#framebuffer, vga.vramBytes, undefined, undefined);
    if (base !== undefined) map.map(base, vga.vramBytes, backing, backing);
    this.#framebuffer = base;
  }

  #placeRegisters(base: number | undefined): void {
    this.options.vga.placeRegisterWindow(base);
    this.options.rangesChanged();
  }

  #placeRom(base: number | undefined): void {
    const { map, rom } = this.options;
    // Whole pages: the map knows no smaller piece.
    const length = Math.max(0x1000, rom!.bytes);
    if (this.#rom !== undefined) map.map(this.#rom, length, undefined, undefined);
    if (base !== undefined) map.map(base, length, rom!.backing, undefined);
    this.#rom = base;
  }
}
