import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PageSorts1795215277406 implements MigrationInterface {
  readonly name = 'PageSorts1795215277406';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX "invitations_page_by_expiry" ON "invitations" ("organisation_id", "expires_at", "id")`,
    );
    await queryRunner.query(
      `CREATE INDEX "invitations_page_by_email" ON "invitations" ("organisation_id", "email", "id")`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "public"."invitations_page_by_email"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_page_by_expiry"`);
  }
}
