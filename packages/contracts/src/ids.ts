import { z } from 'zod';

/** Ids are branded, so that a host id does not fit where a desktop id goes. All but templates' are UUIDs. */
export const UserIdSchema = z.uuid().brand<'UserId'>();
export type UserId = z.infer<typeof UserIdSchema>;
export const HostIdSchema = z.uuid().brand<'HostId'>();
export type HostId = z.infer<typeof HostIdSchema>;
export const MachineIdSchema = z.uuid().brand<'MachineId'>();
export type MachineId = z.infer<typeof MachineIdSchema>;
export const DesktopIdSchema = z.uuid().brand<'DesktopId'>();
export type DesktopId = z.infer<typeof DesktopIdSchema>;
export const ImageIdSchema = z.uuid().brand<'ImageId'>();
export type ImageId = z.infer<typeof ImageIdSchema>;
export const SessionIdSchema = z.uuid().brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionIdSchema>;
export const TaskIdSchema = z.uuid().brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskIdSchema>;
export const CommandIdSchema = z.uuid().brand<'CommandId'>();
export type CommandId = z.infer<typeof CommandIdSchema>;
export const ApiTokenIdSchema = z.uuid().brand<'ApiTokenId'>();
export type ApiTokenId = z.infer<typeof ApiTokenIdSchema>;

/**
 * A template has the same id on every host that has it, so the id is a word that hosts and broker agree on without
 * asking each other: `line3-mixing`, a guest recipe's name, or `image-<uuid>` for an uploaded image.
 */
export const TemplateIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
  .brand<'TemplateId'>();
export type TemplateId = z.infer<typeof TemplateIdSchema>;

/** A moment as ISO 8601 text in UTC. */
export const InstantSchema = z.iso.datetime();

/** What people call a thing: one line, 1 to 63 characters, no control characters, no space at either end. */
export const DisplayNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(63)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'must not contain control characters');
