import { z } from 'zod';
import { DesktopIdSchema, DisplayNameSchema, InstantSchema, MachineIdSchema, UserIdSchema } from '../ids.js';
import { PresentationSchema } from '../machine-spec.js';
import { ControlStateSchema, MachineConditionSchema } from '../machine-state.js';
import { MachineStateSchema } from './machines.js';

export const AssignmentSchema = z.object({
  userId: UserIdSchema,
  userName: z.string(),
  displayName: z.string(),
  assignedAt: InstantSchema,
});
export type Assignment = z.infer<typeof AssignmentSchema>;

/** A machine offered to people. */
export const DesktopSchema = z.object({
  id: DesktopIdSchema,
  name: DisplayNameSchema,
  presentation: PresentationSchema,
  machineId: MachineIdSchema,
  /** The machine's badge and live part, so that a user's list needs no second request. */
  state: MachineStateSchema,
  changing: z.boolean(),
  condition: MachineConditionSchema.nullable(),
  control: ControlStateSchema,
  /** The asking user is assigned. */
  mine: z.boolean(),
  /** All assigned users; empty for those who may not know. */
  assignments: z.array(AssignmentSchema),
  createdAt: InstantSchema,
});
export type Desktop = z.infer<typeof DesktopSchema>;

/** `mine` (default) lists what is assigned to me; `all` needs desktop:read. */
export const DesktopQuerySchema = z.object({ scope: z.enum(['mine', 'all']).default('mine') });

export const CreateDesktopSchema = z.object({
  name: DisplayNameSchema,
  machineId: MachineIdSchema,
  presentation: PresentationSchema.default('desktop'),
  userIds: z.array(UserIdSchema).max(500).default([]),
});
export type CreateDesktop = z.infer<typeof CreateDesktopSchema>;
export const UpdateDesktopSchema = z.object({ name: DisplayNameSchema, presentation: PresentationSchema }).partial();
export type UpdateDesktop = z.infer<typeof UpdateDesktopSchema>;
