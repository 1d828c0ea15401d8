import type { DesktopId, MachineId, Session, SessionId, UserId } from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SessionRecord } from './session.js';

@Entity('sessions')
export class SessionEntity implements SessionRecord {
  @PrimaryColumn('uuid') id: SessionId;
  @Column('uuid') machineId: MachineId;
  @Column('uuid', { nullable: true }) desktopId: DesktopId | null;
  @Column('uuid') userId: UserId;
  @Column('text') userDisplayName: string;
  @Column('text') machineName: string;
  @Column('boolean') mayControl: boolean;
  @Column('boolean') mayOverride: boolean;
  @Column('text') state: Session['state'];
  @Column('timestamptz') startedAt: Date;
  @Column('timestamptz', { nullable: true }) connectedAt: Date | null;
  @Column('timestamptz') lastSeenAt: Date;
  @Column('timestamptz', { nullable: true }) endedAt: Date | null;
  @Column('text', { nullable: true }) endReason: Session['endReason'];
}
