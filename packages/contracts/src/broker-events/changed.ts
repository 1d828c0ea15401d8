import { z } from 'zod';
import { DesktopSchema } from '../broker-http/desktops.js';
import { HostSchema } from '../broker-http/hosts.js';
import { ImageSchema } from '../broker-http/images.js';
import { MachineSchema } from '../broker-http/machines.js';
import { SessionSchema } from '../broker-http/sessions.js';
import { TaskSchema } from '../broker-http/tasks.js';
import { TemplateSchema } from '../broker-http/templates.js';
import { UserSchema } from '../broker-http/users.js';
import {
  DesktopIdSchema,
  HostIdSchema,
  ImageIdSchema,
  MachineIdSchema,
  SessionIdSchema,
  TaskIdSchema,
  TemplateIdSchema,
  UserIdSchema,
} from '../ids.js';
import { ControlStateSchema } from '../machine-state.js';

/**
 * The one event a signed-in socket.io client gets: an object it may see has a new value (null: it is gone, or no
 * longer for you). Events are hints of what the API would answer: after a reconnect, ask the API again.
 * Everybody gets the desktops assigned to them, the machines behind those, their `control`, and their own sessions,
 * tasks and user; the rest goes to those who hold the kind's `:read` permission.
 */
export const ChangedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('machine'), id: MachineIdSchema, value: MachineSchema.nullable() }),
  z.object({ kind: z.literal('desktop'), id: DesktopIdSchema, value: DesktopSchema.nullable() }),
  z.object({ kind: z.literal('host'), id: HostIdSchema, value: HostSchema.nullable() }),
  z.object({ kind: z.literal('task'), id: TaskIdSchema, value: TaskSchema.nullable() }),
  z.object({ kind: z.literal('user'), id: UserIdSchema, value: UserSchema.nullable() }),
  z.object({ kind: z.literal('image'), id: ImageIdSchema, value: ImageSchema.nullable() }),
  z.object({ kind: z.literal('template'), id: TemplateIdSchema, value: TemplateSchema.nullable() }),
  z.object({ kind: z.literal('session'), id: SessionIdSchema, value: SessionSchema.nullable() }),
  /** `id` is the machine's. */
  z.object({ kind: z.literal('control'), id: MachineIdSchema, value: ControlStateSchema.nullable() }),
]);
export type Changed = z.infer<typeof ChangedSchema>;
export type ChangedKind = Changed['kind'];

/** socket.io's event map, server to client. `signed-out`: the session ended; the client shows the sign-in page. */
export interface BrokerEvents {
  changed(event: Changed): void;
  'signed-out'(): void;
}
