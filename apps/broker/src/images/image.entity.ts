import type { HostId, ImageId, ImageKind, ImageState, UserId } from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ImageRecord } from './image.js';

/** pg gives int8 as text; image sizes are far below 2^53. */
const bytes = { to: (value: number) => value, from: (value: string) => Number(value) };

@Entity('images')
export class ImageEntity implements ImageRecord {
  @PrimaryColumn('uuid') id: ImageId;
  @Column('text') name: string;
  @Column('text') kind: ImageKind;
  @Column('text') state: ImageState;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('text', { nullable: true }) reasonCode: string | null;
  @Column('bigint', { transformer: bytes }) sizeBytes: number;
  @Column('bigint', { transformer: bytes }) receivedBytes: number;
  @Column('text', { nullable: true }) sha256: string | null;
  @Column('uuid') hostId: HostId;
  @Column('uuid', { nullable: true }) createdBy: UserId | null;
  @Column('timestamptz') createdAt: Date;
}
