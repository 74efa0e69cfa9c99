import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LogoOrigins1795200889679 implements MigrationInterface {
  readonly name = 'LogoOrigins1795200889679';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "platform" ADD "logo_origins" text array NOT NULL DEFAULT '{}'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "platform" DROP COLUMN "logo_origins"`);
  }
}
