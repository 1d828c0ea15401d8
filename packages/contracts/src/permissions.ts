import { z } from 'zod';

/** Who somebody is in the plant. A user has one or more; permissions are their union. */
export const ROLES = ['admin', 'engineer', 'operator'] as const;
export const RoleSchema = z.enum(ROLES);
export type Role = z.infer<typeof RoleSchema>;

/**
 * What a request may need. `…-own` permissions reach only the desktops assigned to the user and the machines behind
 * them; the plain ones reach every object.
 */
export const PERMISSIONS = [
  'user:read',
  'user:write',
  'host:read',
  'host:write',
  'template:read',
  'template:write',
  'image:read',
  'image:write',
  'machine:read',
  'machine:write',
  'machine:operate',
  'desktop:read',
  'desktop:write',
  'desktop:view-own',
  'desktop:control-own',
  'desktop:start-own',
  'desktop:operate-own',
  'session:read',
  'session:end',
  'control:override',
  'guest:build',
  'task:read',
  'task:write',
  'audit:read',
] as const;
export const PermissionSchema = z.enum(PERMISSIONS);
export type Permission = z.infer<typeof PermissionSchema>;

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  admin: PERMISSIONS,
  engineer: ['desktop:view-own', 'desktop:control-own', 'desktop:start-own', 'desktop:operate-own'],
  operator: ['desktop:view-own', 'desktop:control-own', 'desktop:start-own'],
};

/** The union of what the roles allow, in the order of PERMISSIONS. */
export function permissionsOf(roles: readonly Role[]): Permission[] {
  return PERMISSIONS.filter((permission) => roles.some((role) => ROLE_PERMISSIONS[role].includes(permission)));
}
