import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Reminders1795200975596 implements MigrationInterface {
  readonly name = 'Reminders1795200975596';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "invitations" ADD "reminder_token_hash" bytea`);
    await queryRunner.query(`ALTER TABLE "invitations" ADD "previous_reminder_token_hash" bytea`);
    await queryRunner.query(`ALTER TABLE "invitations" ADD "reminder" boolean NOT NULL DEFAULT true`);
    await queryRunner.query(`ALTER TABLE "invitations" ADD "remind_at" TIMESTAMP(3) WITH TIME ZONE`);
    await queryRunner.query(`ALTER TABLE "platform" ADD "reminder_hours" integer NOT NULL DEFAULT '48'`);
    await queryRunner.query(
      `CREATE INDEX "invitations_to_remind" ON "invitations"  ("remind_at") WHERE status = 'PENDING' AND remind_at IS NOT NULL`,
    );
    await queryRunner.query(
      `CREATE INDEX "invitations_previous_reminder_token" ON "invitations"  ("previous_reminder_token_hash") WHERE previous_reminder_token_hash IS NOT NULL`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "invitations_reminder_token" ON "invitations"  ("reminder_token_hash") WHERE reminder_token_hash IS NOT NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "public"."invitations_reminder_token"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_previous_reminder_token"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_to_remind"`);
    await queryRunner.query(`ALTER TABLE "platform" DROP COLUMN "reminder_hours"`);
    await queryRunner.query(`ALTER TABLE "invitations" DROP COLUMN "remind_at"`);
    await queryRunner.query(`ALTER TABLE "invitations" DROP COLUMN "reminder"`);
    await queryRunner.query(`ALTER TABLE "invitations" DROP COLUMN "previous_reminder_token_hash"`);
    await queryRunner.query(`ALTER TABLE "invitations" DROP COLUMN "reminder_token_hash"`);
  }
}
