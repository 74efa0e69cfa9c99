import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SendingLimits1795190030551 implements MigrationInterface {
  readonly name = 'SendingLimits1795190030551';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "sending_counters" ("subject" text NOT NULL, "day" date NOT NULL, "slot" smallint NOT NULL, "hits" integer NOT NULL, CONSTRAINT "sending_counters_pkey" PRIMARY KEY ("subject", "day", "slot"))`,
    );
    await queryRunner.query(`ALTER TABLE "mail_messages" ADD "recipient_limit" integer`);
    await queryRunner.query(`ALTER TABLE "mail_messages" ADD "held_until" TIMESTAMP(3) WITH TIME ZONE`);
    await queryRunner.query(
      `ALTER TABLE "platform" ALTER COLUMN "limits" SET DEFAULT '{"resendCooldownSeconds":60,"mailsPerRecipientPerDay":5,"invitationsPerInviterPerDay":2000,"invitationsPerOrganisationPerDay":10000}'`,
    );
    await queryRunner.query(
      `UPDATE "platform" SET "limits" = '{"mailsPerRecipientPerDay":5,"invitationsPerInviterPerDay":2000,"invitationsPerOrganisationPerDay":10000}' || "limits"`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "platform" ALTER COLUMN "limits" SET DEFAULT '{"resendCooldownSeconds": 60}'`);
    await queryRunner.query(`ALTER TABLE "mail_messages" DROP COLUMN "held_until"`);
    await queryRunner.query(`ALTER TABLE "mail_messages" DROP COLUMN "recipient_limit"`);
    await queryRunner.query(`DROP TABLE "sending_counters"`);
  }
}
