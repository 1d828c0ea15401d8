import type { HostId, MachineSpec, Presentation, TemplateId, TemplateSource } from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TemplateRecord } from './template.js';

@Entity('templates')
export class TemplateEntity implements TemplateRecord {
  @PrimaryColumn('text') id: TemplateId;
  @Column('text') name: string;
  @Column('text') description: string;
  @Column('boolean') isRenamed: boolean;
  @Column('jsonb') source: TemplateSource;
  @Column('text') presentation: Presentation;
  @Column('int') defaultMemoryMiB: number;
  @Column('jsonb') spec: MachineSpec;
  @Column('uuid', { array: true }) hostIds: HostId[];
  @Column('timestamptz') createdAt: Date;
}
