import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MailRefusals1795202542842 implements MigrationInterface {
  readonly name = 'MailRefusals1795202542842';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "mail_refusals" ("id" uuid NOT NULL, "tenant_id" uuid, "address_hash" text NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "mail_refusals_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "mail_refusals_of_installation" ON "mail_refusals"  ("address_hash") WHERE tenant_id IS NULL`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "mail_refusals_of_tenant" ON "mail_refusals"  ("address_hash", "tenant_id") WHERE tenant_id IS NOT NULL`,
    );
    await queryRunner.query(`ALTER TABLE "mail_messages" ADD "refusable" boolean NOT NULL DEFAULT false`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "mail_messages" DROP COLUMN "refusable"`);
    await queryRunner.query(`DROP INDEX "public"."mail_refusals_of_tenant"`);
    await queryRunner.query(`DROP INDEX "public"."mail_refusals_of_installation"`);
    await queryRunner.query(`DROP TABLE "mail_refusals"`);
  }
}
