import { z } from 'zod';
import { ImageKindSchema, Sha256Schema } from '../broker-http/images.js';
import { GuestRecipeSchema } from '../broker-http/templates.js';
import { DisplayNameSchema, ImageIdSchema, MachineIdSchema, SessionIdSchema, TaskIdSchema, TemplateIdSchema } from '../ids.js';
import { MachineSpecSchema } from '../machine-spec.js';
import { WantedStateSchema } from '../machine-state.js';

/**
 * What the broker asks of a host. Each has an id and may arrive again after a cut: the agent remembers the results of
 * the last ids and answers a repeated one with the same result. `apply-machine` is also idempotent by itself: a
 * generation not newer than the last one carried out changes nothing, an older epoch is refused. A machine that failed
 * stays `failed` until a newer generation. `running` resumes a saved state if there is one, else boots; `stopped` is the
 * plug and discards a saved state. The result of `build-guest` and `expect-upload` says only that it has begun.
 */
export const HostCommandSchema = z.discriminatedUnion('action', [
  z.object({
    action: z.literal('apply-machine'),
    machineId: MachineIdSchema,
    name: DisplayNameSchema,
    generation: z.number().int().positive(),
    epoch: z.number().int().nonnegative(),
    wanted: WantedStateSchema,
    /** Takes effect at the next power-on. */
    spec: MachineSpecSchema,
  }),
  z.object({ action: z.literal('reset-machine'), machineId: MachineIdSchema }),
  /** Press the ACPI power button: the guest decides. */
  z.object({ action: z.literal('press-power-button'), machineId: MachineIdSchema }),
  z.object({ action: z.literal('pass-control'), machineId: MachineIdSchema, sessionId: SessionIdSchema.nullable() }),
  z.object({ action: z.literal('end-session'), machineId: MachineIdSchema, sessionId: SessionIdSchema, reason: z.string().max(200) }),
  /** Make room for an upload under this id; the ticket of the creation request names the same id. */
  z.object({
    action: z.literal('expect-upload'),
    imageId: ImageIdSchema,
    kind: ImageKindSchema,
    sizeBytes: z.number().int().positive(),
    sha256: Sha256Schema.nullable(),
  }),
  z.object({ action: z.literal('check-upload'), imageId: ImageIdSchema }),
  z.object({ action: z.literal('delete-image'), imageId: ImageIdSchema }),
  z.object({ action: z.literal('delete-template'), templateId: TemplateIdSchema }),
  z.object({
    action: z.literal('build-guest'),
    taskId: TaskIdSchema,
    attempt: z.number().int().positive(),
    recipe: GuestRecipeSchema,
    force: z.boolean(),
  }),
  z.object({ action: z.literal('cancel-task'), taskId: TaskIdSchema }),
]);
export type HostCommand = z.infer<typeof HostCommandSchema>;
export type HostAction = HostCommand['action'];
