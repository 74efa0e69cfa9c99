import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SessionsPage1795189178334 implements MigrationInterface {
  readonly name = 'SessionsPage1795189178334';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "public"."sessions_user"`);
    await queryRunner.query(`CREATE INDEX "sessions_page" ON "sessions" ("user_id", "created_at", "id")`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "public"."sessions_page"`);
    await queryRunner.query(`CREATE INDEX "sessions_user" ON "sessions" ("user_id")`);
  }
}
