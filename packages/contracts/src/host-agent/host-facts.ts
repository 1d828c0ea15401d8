import { z } from 'zod';
import { GuestRecipeSchema } from '../broker-http/templates.js';
import { HostWordsSchema } from '../host-words.js';

/** What a host is and can do; sent at hello. */
export const HostFactsSchema = z.object({
  agentVersion: z.string().max(50),
  engineVersion: z.string().max(50),
  platform: z.string().max(100),
  cpuModel: z.string().max(200),
  cpuCount: z.number().int().min(1).max(4096),
  memoryMiB: z.number().int().min(1),
  /** Which protections VM processes run under, for the host page: `no-new-privs`, `user-namespace`, … */
  isolation: z
    .array(
      z.object({
        name: z.string().max(50),
        applied: z.boolean(),
        reason: z.string().max(500).optional(),
        /** The reason for other languages. */ words: HostWordsSchema.optional(),
      }),
    )
    .max(20),
  recipes: z
    .array(
      z.object({
        recipe: GuestRecipeSchema,
        available: z.boolean(),
        missing: z.array(z.string().max(500)).max(20),
        /** The same for other languages, or nothing. */ missingWords: z.array(HostWordsSchema).max(20).default([]),
      }),
    )
    .max(20),
});
export type HostFacts = z.infer<typeof HostFactsSchema>;

/** What changes; sent with each heartbeat. */
export const HostLoadSchema = z.object({
  cpuPercent: z.number().min(0).max(100),
  memoryFreeMiB: z.number().int().min(0),
  diskFreeMiB: z.number().int().min(0),
});
export type HostLoad = z.infer<typeof HostLoadSchema>;
