import { z } from 'zod';
import { DisplayNameSchema, InstantSchema, UserIdSchema } from '../ids.js';
import { RoleSchema } from '../permissions.js';

/** What is typed at sign-in: lower case, so that nobody is locked out by a shift key. */
export const LoginNameSchema = z.string().regex(/^[a-z][a-z0-9._-]{0,62}$/);
/** Length is what counts; the upper bound keeps hashing cheap. */
export const PasswordSchema = z.string().min(8).max(200);

export const UserSchema = z.object({
  id: UserIdSchema,
  name: LoginNameSchema,
  displayName: DisplayNameSchema,
  roles: z.array(RoleSchema),
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  createdAt: InstantSchema,
  lastLoginAt: InstantSchema.nullable(),
});
export type User = z.infer<typeof UserSchema>;

/** One word for people. `one-time-password`: may do nothing but choose their own. */
export type UserState = 'active' | 'one-time-password' | 'disabled';

export function userStateOf({ disabled, mustChangePassword }: Pick<User, 'disabled' | 'mustChangePassword'>): UserState {
  if (disabled) return 'disabled';
  return mustChangePassword ? 'one-time-password' : 'active';
}

const Roles = z.array(RoleSchema).min(1).max(3);
export const CreateUserSchema = z.object({
  name: LoginNameSchema,
  displayName: DisplayNameSchema.optional(),
  roles: Roles,
  /** Without one, the broker makes a one-time password and answers with it. */
  password: PasswordSchema.optional(),
  mustChangePassword: z.boolean().default(true),
});
export type CreateUser = z.infer<typeof CreateUserSchema>;
export const CreatedUserSchema = z.object({ user: UserSchema, oneTimePassword: z.string().optional() });
export type CreatedUser = z.infer<typeof CreatedUserSchema>;

export const UpdateUserSchema = z.object({ displayName: DisplayNameSchema, roles: Roles, disabled: z.boolean() }).partial();
export type UpdateUser = z.infer<typeof UpdateUserSchema>;

export const ResetPasswordSchema = z.object({ password: PasswordSchema.optional(), mustChangePassword: z.boolean().default(true) });
export type ResetPassword = z.infer<typeof ResetPasswordSchema>;
