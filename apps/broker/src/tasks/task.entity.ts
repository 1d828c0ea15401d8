import type { FailureReport, GuestRecipe, HostId, HostWords, TaskId, TaskState, UserId } from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TaskRecord } from './task.js';

@Entity('tasks')
export class TaskEntity implements TaskRecord {
  @PrimaryColumn('uuid') id: TaskId;
  @Column('text') kind: 'guest-build';
  @Column('text') title: string;
  @Column('text', { nullable: true }) recipe: GuestRecipe | null;
  @Column('boolean') force: boolean;
  @Column('text') state: TaskState;
  @Column('double precision') progress: number;
  @Column('text') message: string;
  @Column('jsonb', { nullable: true }) words: HostWords | null;
  @Column('text', { array: true }) log: string[];
  @Column('jsonb', { nullable: true }) error: FailureReport | null;
  @Column('uuid', { nullable: true }) hostId: HostId | null;
  @Column('int') attempt: number;
  @Column('uuid', { nullable: true }) createdBy: UserId | null;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz', { nullable: true }) startedAt: Date | null;
  @Column('timestamptz', { nullable: true }) finishedAt: Date | null;
}
