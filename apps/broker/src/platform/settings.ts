import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Records } from './records.js';

/** One-time facts about this installation: that the default guest was seeded, the key that signs tickets. */
export interface SettingRecord {
  readonly id: string;
  readonly value: unknown;
}

export abstract class Settings extends Records<SettingRecord> {}

@Entity('settings')
export class SettingEntity implements SettingRecord {
  @PrimaryColumn('text') id: string;
  @Column('jsonb') value: unknown;
}
