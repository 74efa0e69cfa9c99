import type { MigrationInterface, QueryRunner } from 'typeorm';

/** TypeORM cannot say indexes of expressions. Where mails are many, make the two by hand before, CONCURRENTLY, as they stand here. */
export class MailTurns1795213000000 implements MigrationInterface {
  readonly name = 'MailTurns1795213000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX IF NOT EXISTS "mail_messages_due_at" ON "mail_messages" (greatest("next_attempt_at", "held_until")) WHERE status IN ('QUEUED', 'SENDING')`,
    );
    await queryRunner.query(
      `CREATE INDEX IF NOT EXISTS "mail_messages_turns" ON "mail_messages" (coalesce("tenant_id", 'ffffffff-ffff-ffff-ffff-ffffffffffff'), greatest("next_attempt_at", "held_until")) WHERE status IN ('QUEUED', 'SENDING')`,
    );
    await queryRunner.query(`DROP INDEX "public"."mail_messages_due"`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX "mail_messages_due" ON "mail_messages" ("next_attempt_at") WHERE status IN ('QUEUED', 'SENDING')`,
    );
    await queryRunner.query(`DROP INDEX "public"."mail_messages_turns"`);
    await queryRunner.query(`DROP INDEX "public"."mail_messages_due_at"`);
  }
}
