import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where mails are many, make the index by hand before, CONCURRENTLY, as it stands here. */
export class Retention1795214000000 implements MigrationInterface {
  readonly name = 'Retention1795214000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX IF NOT EXISTS "mail_messages_says" ON "mail_messages" ("created_at") WHERE content ->> 'subject' <> '' AND NOT (status IN ('QUEUED', 'SENDING'))`,
    );
    // Who says how long events are kept may delete older ones; a slip does not say it.
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION "audit_events_refuse"() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF TG_OP = 'DELETE' AND current_setting('usher.audit_retention_days', true) <> '' THEN RETURN NULL; END IF;
        RAISE EXCEPTION 'audit_events is append-only: % is refused', TG_OP;
      END $$`);
    await queryRunner.query(`
      CREATE FUNCTION "audit_events_keep"() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF OLD.at < now() - make_interval(days => greatest(current_setting('usher.audit_retention_days')::int, 30)) THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'audit_events is append-only: DELETE of what is to be kept is refused';
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER "audit_events_retention" BEFORE DELETE ON "audit_events"
      FOR EACH ROW EXECUTE FUNCTION "audit_events_keep"()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TRIGGER "audit_events_retention" ON "audit_events"`);
    await queryRunner.query(`DROP FUNCTION "audit_events_keep"()`);
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION "audit_events_refuse"() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'audit_events is append-only: % is refused', TG_OP; END $$`);
    await queryRunner.query(`DROP INDEX "public"."mail_messages_says"`);
  }
}
