import type { UserId } from '@millwright/contracts';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AuditRecord } from './audit.js';

@Entity('audit_entries')
export class AuditEntity implements AuditRecord {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' }) id: string;
  @Column('timestamptz') at: Date;
  @Column('uuid', { nullable: true }) actorId: UserId | null;
  @Column('text') actorName: string;
  @Column('text') action: string;
  @Column('text') outcome: 'done' | 'refused';
  @Column('text', { nullable: true }) subjectKind: string | null;
  @Column('text', { nullable: true }) subjectId: string | null;
  @Column('text', { nullable: true }) subjectName: string | null;
  @Column('jsonb') detail: Record<string, unknown>;
  @Column('text', { nullable: true }) address: string | null;
  @Column('text', { nullable: true }) requestId: string | null;
}
