import { z } from 'zod';
import { DisplayNameSchema, HostIdSchema, ImageIdSchema, InstantSchema, UserIdSchema } from '../ids.js';

/** Where an image goes in a machine. */
export const ImageKindSchema = z.enum(['disk', 'cdrom', 'floppy']);
export type ImageKind = z.infer<typeof ImageKindSchema>;

/** `uploading` (quarantined, bytes arriving) → `checking` (hash, format) → `ready`, or `refused` with a reason. */
export const ImageStateSchema = z.enum(['uploading', 'checking', 'ready', 'refused']);
export type ImageState = z.infer<typeof ImageStateSchema>;

/** 64 GiB: bounds what one upload can ask of a host's disk; the host also checks its free space. */
export const MAX_IMAGE_BYTES = 64 * 2 ** 30;
export const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const ImageSchema = z.object({
  id: ImageIdSchema,
  name: DisplayNameSchema,
  kind: ImageKindSchema,
  state: ImageStateSchema,
  reason: z.string().nullable(),
  /** A code of FAILURE_CODES, for other languages. */
  reasonCode: z.string().nullable().default(null),
  sizeBytes: z.number().int(),
  receivedBytes: z.number().int(),
  sha256: Sha256Schema.nullable(),
  hostId: HostIdSchema,
  createdBy: UserIdSchema.nullable(),
  createdAt: InstantSchema,
});
export type Image = z.infer<typeof ImageSchema>;

export const UploadRequestSchema = z.object({
  name: DisplayNameSchema,
  kind: ImageKindSchema,
  sizeBytes: z.number().int().min(512).max(MAX_IMAGE_BYTES),
  /** Compared with what arrived, when given. */
  sha256: Sha256Schema.optional(),
  hostId: HostIdSchema.optional(),
});
export type UploadRequest = z.infer<typeof UploadRequestSchema>;

/** The ticket goes with the tus creation request only (see UPLOAD_PATH). */
export const UploadGrantSchema = z.object({
  image: ImageSchema,
  ticket: z.string(),
  uploadUrl: z.string(),
  expiresAt: InstantSchema,
});
export type UploadGrant = z.infer<typeof UploadGrantSchema>;

export const UpdateImageSchema = z.object({ name: DisplayNameSchema });
export type UpdateImage = z.infer<typeof UpdateImageSchema>;
