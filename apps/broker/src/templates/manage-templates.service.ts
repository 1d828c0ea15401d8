import { failure, type Template, type TemplateId, type UpdateTemplate } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import { uses } from '../machines/create-machine.service.js';
import { Machines } from '../machines/machine.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Templates, templateView } from './template.js';

/** Use cases of the template list: rename, delete on all hosts. */
@Injectable()
export class ManageTemplates {
  constructor(
    private readonly transactions: Transactions,
    private readonly templates: Templates,
    private readonly machines: Machines,
    private readonly commands: HostCommands,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  update(ctx: RequestContext, id: TemplateId, request: UpdateTemplate): Promise<Template> {
    return this.transactions.run(async () => {
      const template = await this.templates.lock(id);
      if (!template) throw failure('template.missing', undefined, { id });
      const changed = { ...template, ...request, isRenamed: true };
      await this.templates.save(changed);
      await this.audit.record(ctx, 'template.update', { kind: 'template', id, name: template.name }, request);
      this.changes.mark('template', id);
      return templateView(changed);
    });
  }

  remove(ctx: RequestContext, id: TemplateId): Promise<void> {
    return this.transactions.run(async () => {
      const template = await this.templates.lock(id);
      if (!template) throw failure('template.missing', undefined, { id });
      if (template.source.kind === 'builtin') throw failure('template.builtin', undefined, { id });
      const users = (await this.machines.where({})).filter((machine) => uses(machine.spec, { templateId: id }));
      if (users.length > 0)
        throw failure(
          'template.in-use',
          `Machines still use this template: ${users.map(({ name }) => name).join(', ')}. Delete them first.`,
          { id },
        );
      await this.templates.remove(id);
      for (const hostId of template.hostIds) await this.commands.queue(hostId, id, { action: 'delete-template', templateId: id });
      await this.audit.record(ctx, 'template.delete', { kind: 'template', id, name: template.name });
      this.changes.gone('template', id);
    });
  }
}
