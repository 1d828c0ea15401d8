import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which hand-over of control, of those that a host repeats in its reports, was recorded last. */
export class HandOvers1795600000000 implements MigrationInterface {
  name = 'HandOvers1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE machines ADD COLUMN last_hand_over uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE machines DROP COLUMN last_hand_over');
  }
}
