import { z } from 'zod';
import {
  DesktopIdSchema,
  DisplayNameSchema,
  HostIdSchema,
  ImageIdSchema,
  InstantSchema,
  MachineIdSchema,
  SessionIdSchema,
  TemplateIdSchema,
  UserIdSchema,
} from '../ids.js';
import { MachineSpecSchema, MEMORY_MIB, MediumSchema } from '../machine-spec.js';
import { ControlStateSchema, MachineConditionSchema, REPORTED_STATES, WantedStateSchema } from '../machine-state.js';

/**
 * One word for the badge: the host's word where there is one, `pending` when the broker wants something that no host
 * has begun, `unreachable` when the host is not connected and it is not known to be saved or stopped there, `trashed` in the trash.
 */
export const MachineStateSchema = z.enum([...REPORTED_STATES, 'pending', 'unreachable', 'trashed']);
export type MachineState = z.infer<typeof MachineStateSchema>;

export const MachineSchema = z.object({
  id: MachineIdSchema,
  name: DisplayNameSchema,
  state: MachineStateSchema,
  wanted: WantedStateSchema,
  /** Counts changes of what is wanted; `condition.generation` tells how far the host has come. */
  generation: z.number().int(),
  /** True while wanted and reported state differ and nothing has failed. */
  changing: z.boolean(),
  spec: MachineSpecSchema,
  templateId: TemplateIdSchema.nullable(),
  hostId: HostIdSchema.nullable(),
  /** The last report, kept (and possibly stale) while the host is unreachable; null before the first. */
  condition: MachineConditionSchema.nullable(),
  control: ControlStateSchema,
  desktopIds: z.array(DesktopIdSchema),
  createdBy: UserIdSchema.nullable(),
  createdAt: InstantSchema,
  trashedAt: InstantSchema.nullable(),
  /** When a trashed machine and its disks are removed for good. */
  purgeAt: InstantSchema.nullable(),
});
export type Machine = z.infer<typeof MachineSchema>;

/** From a template, or from an uploaded image (a disk, a CD or a floppy, by the image's kind). Extra media may be added to either. */
export const CreateMachineSchema = z.object({
  name: DisplayNameSchema,
  source: z.discriminatedUnion('from', [
    z.object({ from: z.literal('template'), templateId: TemplateIdSchema }),
    z.object({ from: z.literal('image'), imageId: ImageIdSchema }),
  ]),
  /** The template's default, or 128. */
  memoryMiB: z.number().int().min(MEMORY_MIB.min).max(MEMORY_MIB.max).optional(),
  cdrom: MediumSchema.optional(),
  floppy: MediumSchema.optional(),
  bootOrder: MachineSpecSchema.shape.bootOrder.unwrap().optional(),
  hostId: HostIdSchema.optional(),
  start: z.boolean().default(false),
});
export type CreateMachine = z.infer<typeof CreateMachineSchema>;

/** Memory and media take effect at the next power-on. */
export const UpdateMachineSchema = z
  .object({ name: DisplayNameSchema, memoryMiB: z.number().int().min(MEMORY_MIB.min).max(MEMORY_MIB.max) })
  .partial();
export type UpdateMachine = z.infer<typeof UpdateMachineSchema>;

/**
 * Verbs of POST /machines/{id}/{verb} and /desktops/{id}/{verb}.
 * `stop` is the plug, `shutdown` the ACPI power button, `resume` ends a pause; `start` resumes a saved state.
 */
export const MACHINE_VERBS = ['start', 'stop', 'shutdown', 'reset', 'pause', 'resume', 'save'] as const;
export const MachineVerbSchema = z.enum(MACHINE_VERBS);
export type MachineVerb = z.infer<typeof MachineVerbSchema>;

/** Hand control to a session that is looking at the machine; null takes it from whoever holds it. */
export const PassControlSchema = z.object({ sessionId: SessionIdSchema.nullable() });
export type PassControl = z.infer<typeof PassControlSchema>;
