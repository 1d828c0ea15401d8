import type { Changed, ChangedKind, Desktop, UserId } from '@millwright/contracts';
import { permissionsOf } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Assignments, type DesktopRecord, Desktops } from '../desktops/desktop.js';
import { DesktopAccess } from '../desktops/desktop-access.js';
import { ManageHosts } from '../hosts/manage-hosts.service.js';
import { Users, userView } from '../identity/user.js';
import { Images, imageView } from '../images/image.js';
import { Machines } from '../machines/machine.js';
import { MachineViews } from '../machines/machine-views.js';
import { Sessions, sessionView } from '../sessions/session.js';
import { Tasks, taskView } from '../tasks/task.js';
import { Templates, templateView } from '../templates/template.js';

export interface Delivery {
  readonly event: Changed;
  /** To these people… */
  readonly users: readonly UserId[];
  /** …and to everybody with the kind's read permission, or to nobody else. */
  readonly readers: boolean;
}

/** Who gets which value of an object that has changed. Empty when it is gone by now. */
@Injectable()
export class CurrentValues {
  constructor(
    private readonly machines: Machines,
    private readonly machineViews: MachineViews,
    private readonly desktops: Desktops,
    private readonly desktopAccess: DesktopAccess,
    private readonly assignments: Assignments,
    private readonly hosts: ManageHosts,
    private readonly users: Users,
    private readonly images: Images,
    private readonly templates: Templates,
    private readonly tasks: Tasks,
    private readonly sessions: Sessions,
  ) {}

  async of(kind: ChangedKind, id: string): Promise<Delivery[]> {
    switch (kind) {
      case 'machine':
        return this.#machine(id);
      case 'control': {
        const machine = await this.machines.find(id);
        return machine
          ? [{ event: { kind, id: machine.id, value: machine.control }, users: await this.#usersOfMachine(id), readers: true }]
          : [];
      }
      case 'desktop': {
        const desktop = await this.desktops.find(id);
        return desktop ? this.#desktop(desktop) : [];
      }
      case 'host': {
        const host = await this.hosts.get(id as never).catch(() => undefined);
        return host ? [{ event: { kind, id: host.id, value: host }, users: [], readers: true }] : [];
      }
      case 'user': {
        const user = await this.users.find(id);
        return user ? [{ event: { kind, id: user.id, value: userView(user) }, users: [user.id], readers: true }] : [];
      }
      case 'image': {
        const image = await this.images.find(id);
        return image ? [{ event: { kind, id: image.id, value: imageView(image) }, users: [], readers: true }] : [];
      }
      case 'template': {
        const template = await this.templates.find(id);
        return template ? [{ event: { kind, id: template.id, value: templateView(template) }, users: [], readers: true }] : [];
      }
      case 'task': {
        const task = await this.tasks.find(id);
        return task
          ? [{ event: { kind, id: task.id, value: taskView(task) }, users: task.createdBy ? [task.createdBy] : [], readers: true }]
          : [];
      }
      case 'session': {
        const session = await this.sessions.find(id);
        return session ? [{ event: { kind, id: session.id, value: sessionView(session) }, users: [session.userId], readers: true }] : [];
      }
    }
  }

  /** The machine itself, and the desktops that show its state. */
  async #machine(id: string): Promise<Delivery[]> {
    const machine = await this.machines.find(id);
    if (!machine || machine.wanted === 'absent') return [];
    const users = machine.trashedAt ? [] : await this.#usersOfMachine(id);
    const own: Delivery = { event: { kind: 'machine', id: machine.id, value: await this.machineViews.one(machine) }, users, readers: true };
    const desktops = await this.desktops.where({ machineId: machine.id });
    return [own, ...(await Promise.all(desktops.map((desktop) => this.#desktop(desktop)))).flat()];
  }

  /** Assigned people see it as theirs; only those who may know see who else is assigned. */
  async #desktop(desktop: DesktopRecord): Promise<Delivery[]> {
    const assigned = (await this.assignments.where({ desktopId: desktop.id })).map(({ userId }) => userId);
    const people = assigned.length > 0 ? await this.users.where({ id: assigned }) : [];
    const knowing = people.filter((user) => permissionsOf(user.roles).includes('desktop:read')).map((user) => user.id);
    const others = assigned.filter((userId) => !knowing.includes(userId));
    const [full] = await this.desktopAccess.viewsOf([desktop], null, true);
    if (!full) return [];
    const event = (value: Desktop | null) => ({ kind: 'desktop' as const, id: desktop.id, value });
    return [
      // First to all readers, then again to those whose own it is: the last word counts.
      { event: event(full), users: [], readers: true },
      { event: event({ ...full, mine: true }), users: knowing, readers: false },
      { event: event(full.state === 'trashed' ? null : { ...full, mine: true, assignments: [] }), users: others, readers: false },
    ];
  }

  async #usersOfMachine(machineId: string): Promise<UserId[]> {
    const desktops = await this.desktops.where({ machineId: machineId as never });
    if (desktops.length === 0) return [];
    return (await this.assignments.where({ desktopId: desktops.map(({ id }) => id) })).map(({ userId }) => userId);
  }
}
