import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MailTrace1795204518873 implements MigrationInterface {
  readonly name = 'MailTrace1795204518873';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "mail_messages" ADD "traceparent" text`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "mail_messages" DROP COLUMN "traceparent"`);
  }
}
