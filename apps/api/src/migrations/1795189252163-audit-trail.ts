import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AuditTrail1795189252163 implements MigrationInterface {
  readonly name = 'AuditTrail1795189252163';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX "audit_events_at" ON "audit_events" ("at", "id")`);
    // TypeORM cannot say this one: what was done stays written, whatever the code or an operator's slip would do.
    await queryRunner.query(`
      CREATE FUNCTION "audit_events_refuse"() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'audit_events is append-only: % is refused', TG_OP; END $$`);
    await queryRunner.query(`
      CREATE TRIGGER "audit_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events"
      FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_refuse"()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TRIGGER "audit_events_append_only" ON "audit_events"`);
    await queryRunner.query(`DROP FUNCTION "audit_events_refuse"()`);
    await queryRunner.query(`DROP INDEX "public"."audit_events_at"`);
  }
}
