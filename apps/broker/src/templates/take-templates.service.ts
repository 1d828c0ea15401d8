import type { HostId, TemplateContent } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Clock } from '../platform/clock.js';
import { SeedDefaultGuest } from './seed-default-guest.service.js';
import { Templates } from './template.js';

/** Use case: a host says which templates it has. The first host with the default guest gets its machine made. */
@Injectable()
export class TakeTemplates {
  constructor(
    private readonly templates: Templates,
    private readonly commands: HostCommands,
    private readonly seed: SeedDefaultGuest,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  async execute(hostId: HostId, reported: readonly TemplateContent[]): Promise<void> {
    for (const content of reported) await this.#have(hostId, content);
    const present = new Set(reported.map(({ id }) => id));
    for (const template of await this.templates.where({})) {
      if (!template.hostIds.includes(hostId) || present.has(template.id)) continue;
      const hostIds = template.hostIds.filter((id) => id !== hostId);
      await this.templates.save({ ...template, hostIds });
      this.changes.mark('template', template.id);
    }
    await this.seed.execute(hostId, reported);
  }

  async #have(hostId: HostId, content: TemplateContent): Promise<void> {
    const known = await this.templates.lock(content.id);
    // Deleted here while the host has not heard of it yet: its report is of the past.
    if (!known && (await this.commands.unfinished(content.id)).some(({ command }) => command.action === 'delete-template')) return;
    const hostIds = [...new Set([...(known?.hostIds ?? []), hostId])];
    const { id, source, presentation, defaultMemoryMiB, spec } = content;
    const named = known?.isRenamed
      ? { name: known.name, description: known.description }
      : { name: content.name, description: content.description };
    const record = {
      id,
      ...named,
      isRenamed: known?.isRenamed ?? false,
      source,
      presentation,
      defaultMemoryMiB,
      spec,
      hostIds,
      createdAt: known?.createdAt ?? this.clock.now(),
    };
    await this.templates.save(record);
    this.changes.mark('template', id);
  }
}
