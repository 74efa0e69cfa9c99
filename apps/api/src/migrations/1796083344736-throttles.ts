import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Throttles1796083344736 implements MigrationInterface {
  readonly name = 'Throttles1796083344736';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "throttles" ("key" character varying(255) NOT NULL, "points" integer NOT NULL DEFAULT '0', "expire" bigint, CONSTRAINT "throttles_pkey" PRIMARY KEY ("key"))`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "throttles"`);
  }
}
