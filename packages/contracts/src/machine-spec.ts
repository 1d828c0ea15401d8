import { z } from 'zod';
import { ImageIdSchema, TemplateIdSchema } from './ids.js';

/** Limits of this version's 32-bit board: RAM ends below the PCI hole. */
export const MEMORY_MIB = { min: 4, max: 3072 } as const;

/** A file of a template: a bare name inside the template's folder on the host, never a path. */
export const TemplateFileSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);

/** Where a medium's bytes come from. The host turns ids into files; a path never crosses the network. */
export const MediumSchema = z.discriminatedUnion('from', [
  z.object({ from: z.literal('image'), imageId: ImageIdSchema }),
  z.object({ from: z.literal('template'), templateId: TemplateIdSchema, file: TemplateFileSchema }),
]);
export type Medium = z.infer<typeof MediumSchema>;

export const DiskSpecSchema = z.object({
  medium: MediumSchema,
  /** `keep`: writes go to the machine's own copy-on-write overlay. `discard`: the overlay is emptied at each power-on. */
  overlay: z.enum(['keep', 'discard']).default('keep'),
});
export type DiskSpec = z.infer<typeof DiskSpecSchema>;

export const BootDeviceSchema = z.enum(['disk', 'cdrom', 'floppy']);

/** What a machine is made of, as the product says it; the host's build-machine.ts turns it into the library's spec. */
export const MachineSpecSchema = z.object({
  version: z.literal(1).default(1),
  memoryMiB: z.number().int().min(MEMORY_MIB.min).max(MEMORY_MIB.max),
  firmware: z.literal('millwright').default('millwright'),
  /** IDE disks in order (the fourth place is the CD-ROM's). */
  disks: z.array(DiskSpecSchema).max(3).default([]),
  cdrom: MediumSchema.optional(),
  floppy: MediumSchema.optional(),
  /** Direct start of a bzImage or Multiboot kernel instead of a boot device. */
  kernel: MediumSchema.optional(),
  initrd: MediumSchema.optional(),
  append: z
    .string()
    .max(2000)
    .regex(/^[\x20-\x7e]*$/)
    .optional(),
  bootOrder: z.array(BootDeviceSchema).min(1).max(3).default(['disk', 'cdrom', 'floppy']),
  /** A hint for the portal before the guest has said what it enabled. */
  pointer: z.enum(['absolute', 'relative']).default('relative'),
  /** What COM1 and COM2 are for: `console` is opened as text, `raw` as bytes (a fieldbus), `none` has no backend. */
  serial: z
    .array(z.enum(['console', 'raw', 'none']))
    .max(2)
    .default(['console']),
});
export type MachineSpec = z.infer<typeof MachineSpecSchema>;

/** How the portal shows a desktop: with an engineer's tool bar, or as a bare HMI for an operator. */
export const PresentationSchema = z.enum(['desktop', 'hmi']);
export type Presentation = z.infer<typeof PresentationSchema>;
