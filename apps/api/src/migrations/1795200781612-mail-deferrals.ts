import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MailDeferrals1795200781612 implements MigrationInterface {
  readonly name = 'MailDeferrals1795200781612';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "mail_messages" ADD "deferrals" integer NOT NULL DEFAULT '0'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "mail_messages" DROP COLUMN "deferrals"`);
  }
}
