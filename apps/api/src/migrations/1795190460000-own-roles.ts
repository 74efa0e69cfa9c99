import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OwnRoles1795190460000 implements MigrationInterface {
  readonly name = 'OwnRoles1795190460000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "roles" ADD "deleted_at" TIMESTAMP(3) WITH TIME ZONE`);
    await queryRunner.query(`DROP INDEX "public"."roles_key"`);
    // An organisation's own roles of one scope differ in their keys, whatever kind they are for; a deleted one frees its key.
    await queryRunner.query(
      `CREATE UNIQUE INDEX "roles_key" ON "roles" ("organisation_id", "scope", (CASE WHEN "organisation_id" IS NULL THEN "project_kind" END), lower("key")) NULLS NOT DISTINCT WHERE "deleted_at" IS NULL`,
    );
  }

  /** Fails when a deleted role's key was used again: both would be in the way of the old index. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "public"."roles_key"`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX "roles_key" ON "roles" ("organisation_id", "scope", "project_kind", lower("key")) NULLS NOT DISTINCT`,
    );
    await queryRunner.query(`ALTER TABLE "roles" DROP COLUMN "deleted_at"`);
  }
}
