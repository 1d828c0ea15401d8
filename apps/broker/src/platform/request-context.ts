import { failure, type Permission, type UserId } from '@millwright/contracts';

/** Who asks, and with what permission. Every use case takes one first. */
export interface RequestContext {
  readonly requestId: string;
  /** Null: the system itself. */
  readonly userId: UserId | null;
  readonly userName: string;
  readonly displayName: string;
  readonly permissions: ReadonlySet<Permission>;
  readonly address: string | null;
}

/** The broker's own acts: reconciling, seeding, a host's report. */
export function systemContext(why: string): RequestContext {
  return { requestId: why, userId: null, userName: 'system', displayName: 'System', permissions: new Set(), address: null };
}

export function may(ctx: RequestContext, permission: Permission): boolean {
  return ctx.userId === null || ctx.permissions.has(permission);
}

/** @throws auth.denied */
export function demand(ctx: RequestContext, permission: Permission): void {
  if (!may(ctx, permission)) throw failure('auth.denied', undefined, { permission, userId: ctx.userId });
}
