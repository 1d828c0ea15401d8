import { z } from 'zod';
import { ApiTokenIdSchema, DisplayNameSchema, InstantSchema } from '../ids.js';
import { PermissionSchema } from '../permissions.js';
import { PasswordSchema, UserSchema } from './users.js';

/** Cookie of a browser session: HttpOnly, SameSite=Strict, Secure when the front door speaks TLS. */
export const SESSION_COOKIE = 'millwright-session';
/** Unsafe requests that carry the cookie need a same-origin `Origin`, or this header with any value. */
export const CSRF_HEADER = 'x-millwright-request';

export const LoginRequestSchema = z.object({
  name: z.string().min(1).max(100),
  password: z.string().min(1).max(1000),
  /** Given by `mw`: answer with an API token of this label instead of a cookie. */
  tokenLabel: DisplayNameSchema.optional(),
});
export type LoginRequest = z.infer<typeof LoginRequestSchema>;

/** Who I am and what I may do. While `mustChangePassword`, only /auth/me, /auth/password and /auth/logout answer. */
export const MeSchema = z.object({
  user: UserSchema,
  permissions: z.array(PermissionSchema),
  mustChangePassword: z.boolean(),
});
export type Me = z.infer<typeof MeSchema>;

export const LoginResponseSchema = MeSchema.extend({ token: z.string().optional() });
export type LoginResponse = z.infer<typeof LoginResponseSchema>;

export const ChangePasswordSchema = z.object({ currentPassword: z.string().min(1).max(1000), newPassword: PasswordSchema });
export type ChangePassword = z.infer<typeof ChangePasswordSchema>;

/** A token for programs, sent as `Authorization: Bearer mw_…`. Its text is shown once, at creation. */
export const ApiTokenSchema = z.object({
  id: ApiTokenIdSchema,
  label: z.string(),
  createdAt: InstantSchema,
  lastUsedAt: InstantSchema.nullable(),
  expiresAt: InstantSchema.nullable(),
});
export type ApiToken = z.infer<typeof ApiTokenSchema>;
export const CreateApiTokenSchema = z.object({ label: DisplayNameSchema, expiresInDays: z.number().int().min(1).max(3650).optional() });
export type CreateApiToken = z.infer<typeof CreateApiTokenSchema>;
export const CreatedApiTokenSchema = ApiTokenSchema.extend({ token: z.string() });
export type CreatedApiToken = z.infer<typeof CreatedApiTokenSchema>;
