import { type Desktop, type DesktopId, failure, type UserId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Users } from '../identity/user.js';
import { Machines } from '../machines/machine.js';
import { MachineViews } from '../machines/machine-views.js';
import { may, type RequestContext } from '../platform/request-context.js';
import { type AssignmentRecord, Assignments, assignmentId, type DesktopRecord, Desktops, desktopView } from './desktop.js';

/** Which desktops somebody may know of, and how they look to them. Somebody else's desktop does not exist. */
@Injectable()
export class DesktopAccess {
  constructor(
    private readonly desktops: Desktops,
    private readonly assignments: Assignments,
    private readonly machines: Machines,
    private readonly users: Users,
    private readonly machineViews: MachineViews,
  ) {}

  /** @throws desktop.missing */
  async visible(ctx: RequestContext, desktopId: DesktopId): Promise<DesktopRecord> {
    const desktop = await this.desktops.find(desktopId);
    const isMine =
      ctx.userId !== null &&
      may(ctx, 'desktop:view-own') &&
      (await this.assignments.find(assignmentId(desktopId, ctx.userId))) !== undefined;
    if (!desktop || !(isMine || may(ctx, 'desktop:read'))) throw failure('desktop.missing', undefined, { desktopId });
    const machine = await this.machines.find(desktop.machineId);
    if (machine?.trashedAt && !may(ctx, 'desktop:read')) throw failure('desktop.missing', undefined, { desktopId });
    return desktop;
  }

  async list(ctx: RequestContext, scope: 'mine' | 'all'): Promise<Desktop[]> {
    const mine = new Set((await this.assignments.where({ userId: ctx.userId! })).map(({ desktopId }) => desktopId));
    const records = scope === 'all' ? await this.desktops.where({}) : mine.size > 0 ? await this.desktops.where({ id: [...mine] }) : [];
    const views = await this.viewsOf(records, ctx.userId, may(ctx, 'desktop:read'));
    return scope === 'all' ? views : views.filter((view) => view.state !== 'trashed');
  }

  async one(ctx: RequestContext, desktop: DesktopRecord): Promise<Desktop> {
    const [view] = await this.viewsOf([desktop], ctx.userId, may(ctx, 'desktop:read'));
    return view!;
  }

  async viewsOf(desktops: readonly DesktopRecord[], viewer: UserId | null, knowsOthers: boolean): Promise<Desktop[]> {
    if (desktops.length === 0) return [];
    const machines = await this.machineViews.of(await this.machines.where({ id: desktops.map(({ machineId }) => machineId) }));
    const assignments = await this.assignments.where({ desktopId: desktops.map(({ id }) => id) });
    const people = knowsOthers && assignments.length > 0 ? await this.users.where({ id: assignments.map(({ userId }) => userId) }) : [];
    const named = ({ userId, assignedAt }: AssignmentRecord) => {
      const user = people.find(({ id }) => id === userId);
      return user ? [{ userId, userName: user.name, displayName: user.displayName, assignedAt: assignedAt.toISOString() }] : [];
    };
    return desktops
      .flatMap((desktop) => {
        const machine = machines.find(({ id }) => id === desktop.machineId);
        const own = assignments.filter(({ desktopId }) => desktopId === desktop.id);
        return machine
          ? [
              desktopView(
                desktop,
                machine,
                own.some(({ userId }) => userId === viewer),
                own.flatMap(named),
              ),
            ]
          : [];
      })
      .sort((a, b) => a.name.localeCompare(b.name));
  }
}
