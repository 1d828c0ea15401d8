import { readFile } from 'node:fs/promises';
import { mediumModule } from '@millwright/block-store';
import type { MachineSpec as ContractSpec, Medium } from '@millwright/contracts';
import { readBios, readKernelLoader } from '@millwright/firmware';
import type { BackendSpec, IdeDriveSpec, MachineSpec } from '@millwright/x86-vmm';
import { z } from 'zod';

/**
 * What the agent gives a machine's process: the contract's spec with every medium already turned into a file of this host.
 * The process never sees an id or a network.
 */
export const ProcessSpecSchema = z.object({
  machineId: z.string(),
  name: z.string(),
  epoch: z.number().int(),
  memoryMiB: z.number().int(),
  disks: z.array(z.object({ image: z.string(), overlay: z.string() })),
  cdrom: z.string().optional(),
  floppy: z.string().optional(),
  kernel: z.string().optional(),
  initrd: z.string().optional(),
  append: z.string().optional(),
  bootOrder: z.array(z.enum(['disk', 'cdrom', 'floppy'])),
  /** What COM1 and COM2 are for; only a console's output is kept for whoever connects later. */
  serial: z.array(z.enum(['console', 'raw', 'none'])).default(['console']),
  /** Begin from this saved state. */
  restoreFrom: z.string().optional(),
  /** Do not run before somebody resumes it. */
  startPaused: z.boolean().default(false),
});
export type ProcessSpec = z.infer<typeof ProcessSpecSchema>;

/** @param fileOf turns a medium into a file of this host; it knows images and templates and rejects what is missing */
export async function processSpecOf(
  machine: { readonly machineId: string; readonly name: string; readonly epoch: number },
  spec: ContractSpec,
  fileOf: (medium: Medium) => Promise<string>,
  overlayOf: (index: number) => string,
): Promise<ProcessSpec> {
  const optional = async (medium: Medium | undefined): Promise<string | undefined> => (medium ? fileOf(medium) : undefined);
  return {
    ...machine,
    memoryMiB: spec.memoryMiB,
    disks: await Promise.all(spec.disks.map(async (disk, index) => ({ image: await fileOf(disk.medium), overlay: overlayOf(index) }))),
    cdrom: await optional(spec.cdrom),
    floppy: await optional(spec.floppy),
    kernel: await optional(spec.kernel),
    initrd: await optional(spec.initrd),
    append: spec.append,
    bootOrder: spec.bootOrder,
    serial: spec.serial,
    startPaused: false,
  };
}

/** The library's spec: firmware and media joined to the board. */
export async function machineSpecOf(spec: ProcessSpec): Promise<MachineSpec> {
  const medium = (image: string, overlay?: string): BackendSpec => ({
    module: mediumModule,
    options: overlay === undefined ? { image, readOnly: true } : { image, overlay },
  });
  const ide: (IdeDriveSpec | undefined)[] = [undefined, undefined, undefined, undefined];
  spec.disks.forEach((disk, index) => {
    // The CD-ROM has the third place unless three disks need it.
    const place = index < 2 ? index : 3;
    ide[place] = { kind: 'disk', backend: medium(disk.image, disk.overlay) };
  });
  ide[2] = { kind: 'cdrom', ...(spec.cdrom ? { backend: medium(spec.cdrom) } : {}) };
  return {
    memoryMiB: spec.memoryMiB,
    bios: readBios(),
    ide,
    floppies: spec.floppy ? [medium(spec.floppy)] : [],
    bootOrder: spec.bootOrder,
    ...(spec.kernel
      ? {
          kernel: {
            image: await readFile(spec.kernel),
            ...(spec.initrd ? { initrd: await readFile(spec.initrd) } : {}),
            commandLine: spec.append ?? '',
            loaderRom: readKernelLoader(),
          },
        }
      : {}),
  };
}
