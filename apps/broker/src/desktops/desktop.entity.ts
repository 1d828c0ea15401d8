import type { DesktopId, MachineId, Presentation, UserId } from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssignmentRecord, DesktopRecord } from './desktop.js';

@Entity('desktops')
export class DesktopEntity implements DesktopRecord {
  @PrimaryColumn('uuid') id: DesktopId;
  @Column('text') name: string;
  @Column('text') presentation: Presentation;
  @Column('uuid') machineId: MachineId;
  @Column('timestamptz') createdAt: Date;
}

@Entity('assignments')
export class AssignmentEntity implements AssignmentRecord {
  @PrimaryColumn('text') id: string;
  @Column('uuid') desktopId: DesktopId;
  @Column('uuid') userId: UserId;
  @Column('timestamptz') assignedAt: Date;
}
