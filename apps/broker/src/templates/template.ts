import type { HostId, MachineSpec, Presentation, Template, TemplateId, TemplateSource } from '@millwright/contracts';
import { Records } from '../platform/records.js';

export interface TemplateRecord {
  readonly id: TemplateId;
  readonly name: string;
  readonly description: string;
  /** Somebody renamed it here: reports of hosts no longer change name and description. */
  readonly isRenamed: boolean;
  readonly source: TemplateSource;
  readonly presentation: Presentation;
  readonly defaultMemoryMiB: number;
  readonly spec: MachineSpec;
  readonly hostIds: HostId[];
  readonly createdAt: Date;
}

export abstract class Templates extends Records<TemplateRecord> {}

export function templateView(t: TemplateRecord): Template {
  return {
    id: t.id,
    name: t.name,
    description: t.description,
    source: t.source,
    presentation: t.presentation,
    defaultMemoryMiB: t.defaultMemoryMiB,
    spec: t.spec,
    hostIds: t.hostIds,
    createdAt: t.createdAt.toISOString(),
  };
}
