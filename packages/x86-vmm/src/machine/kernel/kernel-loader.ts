import type { AccessSize, Device, PortRange } from '../../bus/device.js';
import type { GuestMemory } from '../../bus/guest-memory.js';
import type { KernelSpec } from '../../machine-spec.js';
import type { GuestImage } from './guest-image.js';
import { KernelImageError } from './image-error.js';
import { isLinuxImage, placeLinuxImage } from './linux-image.js';
import { isMultibootImage, placeMultibootImage } from './multiboot-image.js';

/*
 * The device behind `--kernel`: when the loader ROM asks (packages/firmware, kernel-loader.asm), it puts kernel, initial RAM disk and
 * command line into guest memory and tells how to enter. It runs after the firmware's POST, so nothing of it is overwritten.
 *
 *   E00h write 1   load          read   0 nothing to load, 1 Linux, 2 Multiboot
 *   E04h read 32   Linux: segment | stack pointer << 16; Multiboot: entry address
 *   E08h read 32   Multiboot: address of the information structure
 */
export const KERNEL_LOADER_PORT = 0xe00;

/** What the spec's kernel becomes in a machine with so much memory. @throws KernelImageError */
export function placeKernel(kernel: KernelSpec, memoryBytes: number): GuestImage {
  if (isLinuxImage(kernel.image)) return placeLinuxImage(kernel.image, kernel.initrd, kernel.commandLine, memoryBytes);
  if (isMultibootImage(kernel.image)) return placeMultibootImage(kernel.image, kernel.initrd, kernel.commandLine, memoryBytes);
  throw new KernelImageError('The kernel is neither a Linux bzImage nor a Multiboot 1 program.');
}

export class KernelLoader implements Device<{ readonly version: 1 }> {
  readonly name = 'kernel-loader';
  readonly ports: readonly PortRange[] = [{ name: 'kernel-loader', base: KERNEL_LOADER_PORT, length: 12, widest: 4 }];

  constructor(
    private readonly image: GuestImage,
    private readonly guest: GuestMemory,
  ) {}

  readPort(_range: PortRange, offset: number, _size: AccessSize): number {
    const { entry } = this.image;
    switch (offset) {
      case 0:
        return entry.kind === 'linux' ? 1 : 2;
      case 4:
        return entry.kind === 'linux' ? (entry.segment | (entry.stackPointer << 16)) >>> 0 : entry.address;
      case 8:
        return entry.kind === 'linux' ? 0 : entry.information;
      default:
        return 0xff;
    }
  }

  writePort(_range: PortRange, offset: number, _size: AccessSize, value: number): void {
    if (offset !== 0 || value !== 1) return;
    for (const { address, bytes, clearBytes } of this.image.placements) {
      this.guest.write(address, bytes);
      if (clearBytes) this.guest.write(address + bytes.length, new Uint8Array(clearBytes));
    }
  }

  reset(): void {}
  save(): { readonly version: 1 } {
    return { version: 1 };
  }
  restore(): void {}
}
