import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ApiKeys1795189172771 implements MigrationInterface {
  readonly name = 'ApiKeys1795189172771';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "api_keys" ("id" uuid NOT NULL, "organisation_id" uuid, "role_id" uuid, "user_id" uuid, "platform_role" text, "name" text NOT NULL, "prefix" text NOT NULL, "secret_hash" bytea NOT NULL, "created_by_type" text NOT NULL, "created_by_id" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "last_used_at" TIMESTAMP(3) WITH TIME ZONE, "expires_at" TIMESTAMP(3) WITH TIME ZONE, "revoked_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "api_keys_role_of_organisation" CHECK ((role_id IS NULL) = (organisation_id IS NULL)), CONSTRAINT "api_keys_one_owner" CHECK (num_nonnulls(organisation_id, user_id, platform_role) = 1), CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "api_keys_role" ON "api_keys" ("role_id") `);
    await queryRunner.query(
      `CREATE INDEX "api_keys_of_platform" ON "api_keys" ("created_at", "id") WHERE platform_role IS NOT NULL`,
    );
    await queryRunner.query(`CREATE INDEX "api_keys_of_user" ON "api_keys" ("user_id", "created_at", "id") `);
    await queryRunner.query(
      `CREATE INDEX "api_keys_of_organisation" ON "api_keys" ("organisation_id", "created_at", "id") `,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "api_keys_secret" ON "api_keys" ("secret_hash") `);
    await queryRunner.query(
      `ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organisation_fk" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_role_fk" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_user_fk"`);
    await queryRunner.query(`ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_role_fk"`);
    await queryRunner.query(`ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_organisation_fk"`);
    await queryRunner.query(`DROP INDEX "api_keys_secret"`);
    await queryRunner.query(`DROP INDEX "api_keys_of_organisation"`);
    await queryRunner.query(`DROP INDEX "api_keys_of_user"`);
    await queryRunner.query(`DROP INDEX "api_keys_of_platform"`);
    await queryRunner.query(`DROP INDEX "api_keys_role"`);
    await queryRunner.query(`DROP TABLE "api_keys"`);
  }
}
