import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ElsewhereIndex1795214589312 implements MigrationInterface {
  readonly name = 'ElsewhereIndex1795214589312';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "invitations_place"`);
    await queryRunner.query(
      `CREATE INDEX "invitations_elsewhere" ON "invitations" ("place", "created_at", "id") WHERE type <> 'ORGANISATION'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "invitations_elsewhere"`);
    await queryRunner.query(`CREATE INDEX "invitations_place" ON "invitations" ("place", "created_at", "id")`);
  }
}
