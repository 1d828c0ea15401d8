import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Codes and parameters beside the English sentences of hosts, so that they can be said in another language. */
export class WordsOfHosts1795500000000 implements MigrationInterface {
  name = 'WordsOfHosts1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks ADD COLUMN words jsonb');
    await runner.query('ALTER TABLE images ADD COLUMN reason_code text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE images DROP COLUMN reason_code');
    await runner.query('ALTER TABLE tasks DROP COLUMN words');
  }
}
