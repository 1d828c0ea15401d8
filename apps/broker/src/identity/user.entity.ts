import type { ApiTokenId, Role, UserId } from '@millwright/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ApiTokenRecord, LoginRecord, UserRecord } from './user.js';

@Entity('users')
export class UserEntity implements UserRecord {
  @PrimaryColumn('uuid') id: UserId;
  @Column('text') name: string;
  @Column('text') displayName: string;
  @Column('text', { array: true }) roles: Role[];
  @Column('text') passwordHash: string;
  @Column('boolean') mustChangePassword: boolean;
  @Column('boolean') hasStartPassword: boolean;
  @Column('boolean') disabled: boolean;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz', { nullable: true }) lastLoginAt: Date | null;
}

@Entity('logins')
export class LoginEntity implements LoginRecord {
  @PrimaryColumn('uuid') id: string;
  @Column('text') secretHash: string;
  @Column('uuid') userId: UserId;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz') lastUsedAt: Date;
  @Column('timestamptz') expiresAt: Date;
}

@Entity('api_tokens')
export class ApiTokenEntity implements ApiTokenRecord {
  @PrimaryColumn('uuid') id: ApiTokenId;
  @Column('text') secretHash: string;
  @Column('uuid') userId: UserId;
  @Column('text') label: string;
  @Column('timestamptz') createdAt: Date;
  @Column('timestamptz', { nullable: true }) lastUsedAt: Date | null;
  @Column('timestamptz', { nullable: true }) expiresAt: Date | null;
}
