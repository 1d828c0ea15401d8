import type { ApiTokenId, Permission, Role, User, UserId } from '@millwright/contracts';
import { Records } from '../platform/records.js';

export interface UserRecord {
  readonly id: UserId;
  readonly name: string;
  readonly displayName: string;
  readonly roles: Role[];
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  /** The password was made by the broker at a start and nobody has changed it: each start makes a new one. */
  readonly hasStartPassword: boolean;
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | null;
}

/** A browser that signed in. Only the hash of its cookie is kept. */
export interface LoginRecord {
  readonly id: string;
  readonly secretHash: string;
  readonly userId: UserId;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

export interface ApiTokenRecord {
  readonly id: ApiTokenId;
  readonly secretHash: string;
  readonly userId: UserId;
  readonly label: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
}

export abstract class Users extends Records<UserRecord> {}
export abstract class Logins extends Records<LoginRecord> {}
export abstract class ApiTokens extends Records<ApiTokenRecord> {}

/** Until the password is changed a user may do nothing else. */
export function effectivePermissions(user: UserRecord, permissionsOf: (roles: Role[]) => Permission[]): Permission[] {
  return user.mustChangePassword || user.disabled ? [] : permissionsOf(user.roles);
}

export function userView(user: UserRecord): User {
  return {
    id: user.id,
    name: user.name,
    displayName: user.displayName,
    roles: user.roles,
    disabled: user.disabled,
    mustChangePassword: user.mustChangePassword,
    createdAt: user.createdAt.toISOString(),
    lastLoginAt: user.lastLoginAt?.toISOString() ?? null,
  };
}
