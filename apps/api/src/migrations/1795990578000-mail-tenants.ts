import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Says in other words than `mail_messages_due_at` which mails are open, so that PostgreSQL takes neither for the other. Where mails are many, make it by hand before, CONCURRENTLY. */
export class MailTenants1795990578000 implements MigrationInterface {
  readonly name = 'MailTenants1795990578000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX IF NOT EXISTS "mail_messages_tenants" ON "mail_messages" (coalesce("tenant_id", 'ffffffff-ffff-ffff-ffff-ffffffffffff'), greatest("next_attempt_at", "held_until")) WHERE status NOT IN ('SENT', 'DELIVERED', 'BOUNCED', 'COMPLAINED', 'FAILED', 'SKIPPED')`,
    );
    await queryRunner.query(`DROP INDEX "public"."mail_messages_turns"`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX "mail_messages_turns" ON "mail_messages" (coalesce("tenant_id", 'ffffffff-ffff-ffff-ffff-ffffffffffff'), greatest("next_attempt_at", "held_until")) WHERE status IN ('QUEUED', 'SENDING')`,
    );
    await queryRunner.query(`DROP INDEX "public"."mail_messages_tenants"`);
  }
}
