import type {
  ControlState,
  HostId,
  MachineCondition,
  MachineId,
  MachineSpec,
  TemplateId,
  UserId,
  WantedState,
} from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MachineRecord } from './machine.js';

@Entity('machines')
export class MachineEntity implements MachineRecord {
  @PrimaryColumn('uuid') id: MachineId;
  @Column('text') name: string;
  @Column('jsonb') spec: MachineSpec;
  @Column('text', { nullable: true }) templateId: TemplateId | null;
  @Column('uuid', { nullable: true }) hostId: HostId | null;
  @Column('int') epoch: number;
  @Column('text') wanted: WantedState;
  @Column('int') generation: number;
  @Column('jsonb', { nullable: true }) condition: MachineCondition | null;
  @Column('jsonb') control: ControlState;
  @Column('uuid', { nullable: true }) lastHandOver: string | null;
  @Column('uuid', { nullable: true }) createdBy: UserId | null;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz', { nullable: true }) trashedAt: Date | null;
}
