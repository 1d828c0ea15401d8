import { z } from 'zod';
import { DisplayNameSchema, HostIdSchema, ImageIdSchema, InstantSchema, TemplateIdSchema } from '../ids.js';
import { MachineSpecSchema, MEMORY_MIB, PresentationSchema } from '../machine-spec.js';

export const GUEST_RECIPES = ['debian-console', 'debian-hmi'] as const;
export const GuestRecipeSchema = z.enum(GUEST_RECIPES);
export type GuestRecipe = z.infer<typeof GuestRecipeSchema>;

export const TemplateSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('builtin') }),
  z.object({ kind: z.literal('recipe'), recipe: GuestRecipeSchema }),
  z.object({ kind: z.literal('image'), imageId: ImageIdSchema }),
]);
export type TemplateSource = z.infer<typeof TemplateSourceSchema>;

/** The template of the default guest, present on every host. */
export const LINE3_TEMPLATE = 'line3-mixing';

/** What a host says about a template it has. */
export const TemplateContentSchema = z.object({
  id: TemplateIdSchema,
  name: DisplayNameSchema,
  description: z.string().max(2000),
  source: TemplateSourceSchema,
  presentation: PresentationSchema,
  defaultMemoryMiB: z.number().int().min(MEMORY_MIB.min).max(MEMORY_MIB.max),
  /** Copied into each new machine, with memory and name on top. */
  spec: MachineSpecSchema,
});
export type TemplateContent = z.infer<typeof TemplateContentSchema>;

export const TemplateSchema = TemplateContentSchema.extend({
  /** Hosts that have its files; empty while none is known to. */
  hostIds: z.array(HostIdSchema),
  createdAt: InstantSchema,
});
export type Template = z.infer<typeof TemplateSchema>;

export const UpdateTemplateSchema = z.object({ name: DisplayNameSchema, description: z.string().max(2000) }).partial();
export type UpdateTemplate = z.infer<typeof UpdateTemplateSchema>;
