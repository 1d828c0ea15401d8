import type { CommandId, FailureReport, HostCommand, HostFacts, HostId, HostLoad } from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CommandRecord, EnrolmentTokenRecord, HostRecord } from './host.js';

@Entity('hosts')
export class HostEntity implements HostRecord {
  @PrimaryColumn('uuid') id: HostId;
  @Column('text') name: string;
  @Column('text') secretHash: string;
  @Column('boolean') isLocal: boolean;
  @Column('jsonb', { nullable: true }) facts: HostFacts | null;
  @Column('jsonb', { nullable: true }) load: HostLoad | null;
  @Column('text', { nullable: true }) connectedTo: string | null;
  @Column('timestamptz') enrolledAt: Date;
  @Column('timestamptz', { nullable: true }) lastSeenAt: Date | null;
}

@Entity('enrolment_tokens')
export class EnrolmentTokenEntity implements EnrolmentTokenRecord {
  @PrimaryColumn('uuid') id: string;
  @Column('text') secretHash: string;
  @Column('boolean') isLocal: boolean;
  @Column('timestamptz') expiresAt: Date;
}

@Entity('commands')
export class CommandEntity implements CommandRecord {
  @PrimaryColumn('uuid') id: CommandId;
  @Column('uuid') hostId: HostId;
  @Column('text') subject: string;
  @Column('jsonb') command: HostCommand;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz', { nullable: true }) acknowledgedAt: Date | null;
  @Column('timestamptz', { nullable: true }) finishedAt: Date | null;
  @Column('jsonb', { nullable: true }) error: FailureReport | null;
}
