import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first schema. Ids of people and things that audit entries and sessions speak of are no foreign keys: history outlives them. */
export class Initial1795400000000 implements MigrationInterface {
  name = 'Initial1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP TABLE users, logins, api_tokens, hosts, enrolment_tokens, commands, templates, images, machines, desktops, assignments, sessions, tasks, audit_entries, settings, leases, socket_io_attachments CASCADE`,
    );
  }
}

const UP = [
  `CREATE TABLE users (
    id uuid PRIMARY KEY, name text NOT NULL CONSTRAINT users_name UNIQUE, display_name text NOT NULL, roles text[] NOT NULL, password_hash text NOT NULL,
    must_change_password boolean NOT NULL, has_start_password boolean NOT NULL, disabled boolean NOT NULL,
    created_at timestamptz NOT NULL, last_login_at timestamptz)`,
  `CREATE TABLE logins (
    id uuid PRIMARY KEY, secret_hash text NOT NULL UNIQUE, user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL, last_used_at timestamptz NOT NULL, expires_at timestamptz NOT NULL)`,
  `CREATE INDEX logins_user ON logins (user_id)`,
  `CREATE TABLE api_tokens (
    id uuid PRIMARY KEY, secret_hash text NOT NULL UNIQUE, user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE, label text NOT NULL,
    created_at timestamptz NOT NULL, last_used_at timestamptz, expires_at timestamptz)`,
  `CREATE INDEX api_tokens_user ON api_tokens (user_id)`,
  `CREATE TABLE hosts (
    id uuid PRIMARY KEY, name text NOT NULL, secret_hash text NOT NULL, is_local boolean NOT NULL, facts jsonb, load jsonb, connected_to text,
    enrolled_at timestamptz NOT NULL, last_seen_at timestamptz)`,
  `CREATE TABLE enrolment_tokens (id uuid PRIMARY KEY, secret_hash text NOT NULL UNIQUE, is_local boolean NOT NULL, expires_at timestamptz NOT NULL)`,
  `CREATE TABLE commands (
    id uuid PRIMARY KEY, host_id uuid NOT NULL REFERENCES hosts ON DELETE CASCADE, subject text NOT NULL, command jsonb NOT NULL,
    created_at timestamptz NOT NULL, acknowledged_at timestamptz, finished_at timestamptz, error jsonb)`,
  `CREATE INDEX commands_unfinished ON commands (host_id, subject) WHERE finished_at IS NULL`,
  `CREATE TABLE templates (
    id text PRIMARY KEY, name text NOT NULL, description text NOT NULL, is_renamed boolean NOT NULL, source jsonb NOT NULL, presentation text NOT NULL,
    default_memory_mib int NOT NULL, spec jsonb NOT NULL, host_ids uuid[] NOT NULL, created_at timestamptz NOT NULL)`,
  `CREATE TABLE images (
    id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL, state text NOT NULL, reason text, size_bytes bigint NOT NULL, received_bytes bigint NOT NULL,
    sha256 text, host_id uuid NOT NULL REFERENCES hosts, created_by uuid, created_at timestamptz NOT NULL)`,
  `CREATE TABLE machines (
    id uuid PRIMARY KEY, name text NOT NULL, spec jsonb NOT NULL, template_id text, host_id uuid REFERENCES hosts, epoch int NOT NULL, wanted text NOT NULL,
    generation int NOT NULL, condition jsonb, control jsonb NOT NULL, created_by uuid, created_at timestamptz NOT NULL, trashed_at timestamptz)`,
  `CREATE UNIQUE INDEX machines_name ON machines (name) WHERE trashed_at IS NULL`,
  `CREATE INDEX machines_host ON machines (host_id)`,
  `CREATE TABLE desktops (
    id uuid PRIMARY KEY, name text NOT NULL CONSTRAINT desktops_name UNIQUE, presentation text NOT NULL, machine_id uuid NOT NULL REFERENCES machines, created_at timestamptz NOT NULL)`,
  `CREATE INDEX desktops_machine ON desktops (machine_id)`,
  `CREATE TABLE assignments (
    id text PRIMARY KEY, desktop_id uuid NOT NULL REFERENCES desktops ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE, assigned_at timestamptz NOT NULL,
    UNIQUE (desktop_id, user_id))`,
  `CREATE INDEX assignments_user ON assignments (user_id)`,
  `CREATE TABLE sessions (
    id uuid PRIMARY KEY, machine_id uuid NOT NULL, desktop_id uuid, user_id uuid NOT NULL, user_display_name text NOT NULL, machine_name text NOT NULL,
    may_control boolean NOT NULL, may_override boolean NOT NULL, state text NOT NULL, started_at timestamptz NOT NULL, connected_at timestamptz,
    last_seen_at timestamptz NOT NULL, ended_at timestamptz, end_reason text)`,
  `CREATE INDEX sessions_open ON sessions (machine_id) WHERE state <> 'ended'`,
  `CREATE TABLE tasks (
    id uuid PRIMARY KEY, kind text NOT NULL, title text NOT NULL, recipe text, force boolean NOT NULL, state text NOT NULL, progress double precision NOT NULL,
    message text NOT NULL, log text[] NOT NULL, error jsonb, host_id uuid, attempt int NOT NULL, created_by uuid, created_at timestamptz NOT NULL,
    started_at timestamptz, finished_at timestamptz)`,
  `CREATE UNIQUE INDEX tasks_active_recipe ON tasks (recipe) WHERE state IN ('queued', 'running', 'cancelling')`,
  `CREATE TABLE audit_entries (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, actor_id uuid, actor_name text NOT NULL, action text NOT NULL, outcome text NOT NULL,
    subject_kind text, subject_id text, subject_name text, detail jsonb NOT NULL, address text, request_id text)`,
  `CREATE INDEX audit_entries_subject ON audit_entries (subject_id, id)`,
  `CREATE INDEX audit_entries_actor ON audit_entries (actor_id, id)`,
  `CREATE TABLE settings (id text PRIMARY KEY, value jsonb NOT NULL)`,
  `CREATE TABLE leases (name text PRIMARY KEY, holder text NOT NULL, expires_at timestamptz NOT NULL)`,
  `CREATE TABLE socket_io_attachments (id bigserial UNIQUE, created_at timestamptz DEFAULT now(), payload bytea)`,
];
