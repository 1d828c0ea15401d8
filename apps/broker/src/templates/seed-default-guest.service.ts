import { type HostId, LINE3_TEMPLATE, type TemplateContent, type TemplateId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { CreateDesktop } from '../desktops/create-desktop.service.js';
import { Users } from '../identity/user.js';
import { CreateMachine } from '../machines/create-machine.service.js';
import { systemContext } from '../platform/request-context.js';
import { Settings } from '../platform/settings.js';

const SETTING = 'default-guest-seeded';
const NAME = 'Line 3 mixing';

/** Use case, once per installation: the default guest runs and the administrator is one click from its screen. */
@Injectable()
export class SeedDefaultGuest {
  constructor(
    private readonly settings: Settings,
    private readonly users: Users,
    private readonly createMachine: CreateMachine,
    private readonly createDesktop: CreateDesktop,
  ) {}

  /** Inside the transaction of the host's report, in which the host counts as online. */
  async execute(hostId: HostId, reported: readonly TemplateContent[]): Promise<void> {
    if (!reported.some(({ id }) => id === LINE3_TEMPLATE) || (await this.settings.find(SETTING))) return;
    const ctx = systemContext('first start');
    const machine = await this.createMachine.execute(ctx, {
      name: NAME,
      source: { from: 'template', templateId: LINE3_TEMPLATE as TemplateId },
      hostId,
      start: true,
    });
    const admins = (await this.users.where({ disabled: false })).filter((user) => user.roles.includes('admin'));
    await this.createDesktop.execute(ctx, { name: NAME, machineId: machine.id, presentation: 'hmi', userIds: admins.map(({ id }) => id) });
    await this.settings.save({ id: SETTING, value: { machineId: machine.id } });
  }
}
