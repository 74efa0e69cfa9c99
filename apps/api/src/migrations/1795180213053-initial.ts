import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Initial1795180213053 implements MigrationInterface {
  readonly name = 'Initial1795180213053';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "idempotency_keys" ("id" text NOT NULL, "request" text NOT NULL, "answer" bytea, "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" ("expires_at") `);
    await queryRunner.query(
      `CREATE TABLE "throttle_counters" ("key" text NOT NULL, "hits" integer NOT NULL, "resets_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "throttle_counters_pkey" PRIMARY KEY ("key"))`,
    );
    await queryRunner.query(
      `CREATE TABLE "audit_events" ("id" uuid NOT NULL, "tenant_id" uuid, "at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "action" text NOT NULL, "actor_type" text NOT NULL, "actor_id" uuid, "subject_type" text NOT NULL, "subject_id" text, "before" jsonb, "after" jsonb, "ip" text, "request_id" text, CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "audit_events_page" ON "audit_events" ("tenant_id", "at", "id") `);
    await queryRunner.query(
      `CREATE TABLE "mail_messages" ("id" uuid NOT NULL, "tenant_id" uuid, "subject_id" uuid NOT NULL, "to_address" text NOT NULL, "to_name" text, "content" jsonb NOT NULL, "sealed_token" bytea, "message_id" text NOT NULL, "status" text NOT NULL DEFAULT 'QUEUED', "attempts" integer NOT NULL DEFAULT '0', "last_attempt_at" TIMESTAMP(3) WITH TIME ZONE, "next_attempt_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "last_error" text, "send_before" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "mail_messages_status" CHECK (status IN ('QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'BOUNCED', 'COMPLAINED', 'FAILED', 'SKIPPED')), CONSTRAINT "mail_messages_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "mail_messages_address" ON "mail_messages" ("to_address") `);
    await queryRunner.query(`CREATE INDEX "mail_messages_subject" ON "mail_messages" ("subject_id") `);
    await queryRunner.query(
      `CREATE INDEX "mail_messages_due" ON "mail_messages" ("next_attempt_at") WHERE status IN ('QUEUED', 'SENDING')`,
    );
    await queryRunner.query(
      `CREATE TABLE "mailbox_messages" ("id" uuid NOT NULL, "sealed" bytea NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "mailbox_messages_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "mailbox_messages_age" ON "mailbox_messages" ("created_at") `);
    await queryRunner.query(
      `CREATE TABLE "users" ("id" uuid NOT NULL, "email" text NOT NULL, "email_verified_at" TIMESTAMP(3) WITH TIME ZONE, "status" text NOT NULL DEFAULT 'ACTIVE', "platform_role" text NOT NULL DEFAULT 'MEMBER', "password_hash" text, "given_name" text, "family_name" text, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "users_platform_role" CHECK (platform_role IN ('ADMIN', 'OPERATOR', 'MEMBER')), CONSTRAINT "users_status" CHECK (status IN ('ACTIVE', 'SUSPENDED')), CONSTRAINT "users_email_lower" CHECK (email = lower(email)), CONSTRAINT "users_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "users_page" ON "users" ("created_at", "id") `);
    await queryRunner.query(`CREATE UNIQUE INDEX "users_email" ON "users" ("email") `);
    await queryRunner.query(
      `CREATE TABLE "password_resets" ("id" uuid NOT NULL, "user_id" uuid NOT NULL, "token_hash" bytea NOT NULL, "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "password_resets_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "password_resets_user" ON "password_resets" ("user_id") `);
    await queryRunner.query(`CREATE UNIQUE INDEX "password_resets_token" ON "password_resets" ("token_hash") `);
    await queryRunner.query(
      `CREATE TABLE "sessions" ("id" uuid NOT NULL, "user_id" uuid NOT NULL, "token_hash" bytea NOT NULL, "user_agent" text, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "last_used_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "sessions_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "sessions_user" ON "sessions" ("user_id") `);
    await queryRunner.query(`CREATE UNIQUE INDEX "sessions_token" ON "sessions" ("token_hash") `);
    await queryRunner.query(
      `CREATE TABLE "organisations" ("id" uuid NOT NULL, "short_id" text NOT NULL, "name" text NOT NULL, "status" text NOT NULL DEFAULT 'ACTIVE', "settings" jsonb NOT NULL DEFAULT '{}', "invitations_enabled" boolean NOT NULL DEFAULT true, "seat_limit" integer, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "organisations_seat_limit" CHECK (seat_limit > 0), CONSTRAINT "organisations_status" CHECK (status IN ('ACTIVE', 'SUSPENDED')), CONSTRAINT "organisations_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "organisations_page" ON "organisations" ("created_at", "id") `);
    await queryRunner.query(`CREATE UNIQUE INDEX "organisations_short_id" ON "organisations" ("short_id") `);
    await queryRunner.query(
      `CREATE TABLE "roles" ("id" uuid NOT NULL, "organisation_id" uuid, "scope" text NOT NULL, "project_kind" text, "key" text NOT NULL, "name" text NOT NULL, "permissions" text array NOT NULL, CONSTRAINT "roles_scope" CHECK (scope IN ('ORGANISATION', 'PROJECT')), CONSTRAINT "roles_pkey" PRIMARY KEY ("id"))`,
    );
    // TypeORM cannot say this one: keys are unique in any case, and so are those of the built-in roles, whose organisation is null.
    await queryRunner.query(
      `CREATE UNIQUE INDEX "roles_key" ON "roles" ("organisation_id", "scope", "project_kind", lower("key")) NULLS NOT DISTINCT`,
    );
    await queryRunner.query(
      `CREATE TABLE "projects" ("id" uuid NOT NULL, "organisation_id" uuid NOT NULL, "kind" text NOT NULL DEFAULT 'project', "name" text NOT NULL, "external_id" text, "metadata" jsonb NOT NULL DEFAULT '{}', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "projects_in_organisation" UNIQUE ("organisation_id", "id"), CONSTRAINT "projects_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "projects_page" ON "projects" ("organisation_id", "created_at", "id") `);
    await queryRunner.query(
      `CREATE TABLE "invitations" ("id" uuid NOT NULL, "organisation_id" uuid, "place" uuid NOT NULL, "type" text NOT NULL, "email" text NOT NULL, "invitee_id" uuid, "status" text NOT NULL DEFAULT 'PENDING', "token_hash" bytea NOT NULL, "previous_token_hash" bytea, "link_shown" boolean NOT NULL DEFAULT false, "platform_role" text, "role_id" uuid, "given_name" text, "family_name" text, "message" text, "locale" text NOT NULL, "redirect_url" text, "metadata" jsonb NOT NULL DEFAULT '{}', "invited_by_type" text NOT NULL, "invited_by_id" uuid NOT NULL, "send_email" boolean NOT NULL DEFAULT true, "send_count" integer NOT NULL DEFAULT '1', "last_sent_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "mail_message_id" uuid, "expiry_hours" integer NOT NULL, "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "accepted_at" TIMESTAMP(3) WITH TIME ZONE, "accepted_by_id" uuid, "declined_at" TIMESTAMP(3) WITH TIME ZONE, "revoked_at" TIMESTAMP(3) WITH TIME ZONE, "revoked_reason" text, "renewal_requested_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "invitations_type" CHECK (type IN ('PLATFORM', 'ORGANISATION', 'PROJECT')), CONSTRAINT "invitations_status" CHECK (status IN ('PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED', 'EXPIRED')), CONSTRAINT "invitations_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(
      `CREATE INDEX "invitations_open_by_inviter" ON "invitations" ("invited_by_id") WHERE status = 'PENDING'`,
    );
    await queryRunner.query(`CREATE INDEX "invitations_email" ON "invitations" ("email") `);
    await queryRunner.query(`CREATE INDEX "invitations_place" ON "invitations" ("place", "created_at", "id") `);
    await queryRunner.query(
      `CREATE INDEX "invitations_open_page" ON "invitations" ("organisation_id", "created_at", "id") WHERE status = 'PENDING'`,
    );
    await queryRunner.query(
      `CREATE INDEX "invitations_page" ON "invitations" ("organisation_id", "created_at", "id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "invitations_previous_token" ON "invitations" ("previous_token_hash") WHERE previous_token_hash IS NOT NULL`,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "invitations_token" ON "invitations" ("token_hash") `);
    await queryRunner.query(
      `CREATE UNIQUE INDEX "invitations_one_open" ON "invitations" ("place", "email") WHERE status = 'PENDING'`,
    );
    await queryRunner.query(
      `CREATE TABLE "invitation_grants" ("invitation_id" uuid NOT NULL, "organisation_id" uuid NOT NULL, "project_id" uuid NOT NULL, "role_id" uuid NOT NULL, CONSTRAINT "invitation_grants_pkey" PRIMARY KEY ("invitation_id", "project_id"))`,
    );
    await queryRunner.query(`CREATE INDEX "invitation_grants_role" ON "invitation_grants" ("role_id") `);
    await queryRunner.query(
      `CREATE INDEX "invitation_grants_project" ON "invitation_grants" ("organisation_id", "project_id") `,
    );
    await queryRunner.query(
      `CREATE TABLE "invitees" ("organisation_id" uuid NOT NULL, "email" text NOT NULL, "id" uuid NOT NULL, CONSTRAINT "invitees_pkey" PRIMARY KEY ("organisation_id", "email"))`,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "invitees_id" ON "invitees" ("id") `);
    await queryRunner.query(
      `CREATE TABLE "memberships" ("organisation_id" uuid NOT NULL, "user_id" uuid NOT NULL, "role_id" uuid NOT NULL, "status" text NOT NULL DEFAULT 'ACTIVE', "joined_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "memberships_status" CHECK (status IN ('ACTIVE', 'SUSPENDED')), CONSTRAINT "memberships_pkey" PRIMARY KEY ("organisation_id", "user_id"))`,
    );
    await queryRunner.query(`CREATE INDEX "memberships_role" ON "memberships" ("role_id") `);
    await queryRunner.query(`CREATE INDEX "memberships_user" ON "memberships" ("user_id", "joined_at") `);
    await queryRunner.query(
      `CREATE INDEX "memberships_page" ON "memberships" ("organisation_id", "joined_at", "user_id") `,
    );
    await queryRunner.query(
      `CREATE TABLE "platform" ("id" uuid NOT NULL, "is_only" boolean NOT NULL DEFAULT true, "name" text NOT NULL DEFAULT 'Usher', "organisation_creation" text NOT NULL DEFAULT 'admins', "redirect_origins" text array NOT NULL DEFAULT '{}', "invitation_expiry_hours" integer NOT NULL DEFAULT '168', "default_locale" text NOT NULL DEFAULT 'en', "limits" jsonb NOT NULL DEFAULT '{"resendCooldownSeconds":60}', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "platform_only_one" CHECK (is_only), CONSTRAINT "platform_pkey" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "platform_only_one_row" ON "platform" ("is_only") `);
    await queryRunner.query(
      `CREATE TABLE "project_memberships" ("organisation_id" uuid NOT NULL, "project_id" uuid NOT NULL, "user_id" uuid NOT NULL, "role_id" uuid NOT NULL, "joined_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "project_memberships_pkey" PRIMARY KEY ("organisation_id", "project_id", "user_id"))`,
    );
    await queryRunner.query(`CREATE INDEX "project_memberships_role" ON "project_memberships" ("role_id") `);
    await queryRunner.query(
      `CREATE INDEX "project_memberships_user" ON "project_memberships" ("organisation_id", "user_id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "project_memberships_page" ON "project_memberships" ("organisation_id", "project_id", "joined_at", "user_id") `,
    );
    await queryRunner.query(
      `ALTER TABLE "password_resets" ADD CONSTRAINT "password_resets_user_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "roles" ADD CONSTRAINT "roles_organisation_fk" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "projects" ADD CONSTRAINT "projects_organisation_fk" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organisation_fk" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "invitations" ADD CONSTRAINT "invitations_role_fk" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "invitation_grants" ADD CONSTRAINT "invitation_grants_invitation_fk" FOREIGN KEY ("invitation_id") REFERENCES "invitations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "invitation_grants" ADD CONSTRAINT "invitation_grants_project_fk" FOREIGN KEY ("project_id", "organisation_id") REFERENCES "projects"("id","organisation_id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "invitation_grants" ADD CONSTRAINT "invitation_grants_role_fk" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "invitees" ADD CONSTRAINT "invitees_organisation_fk" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organisation_fk" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "memberships" ADD CONSTRAINT "memberships_role_fk" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "project_memberships" ADD CONSTRAINT "project_memberships_project_fk" FOREIGN KEY ("project_id", "organisation_id") REFERENCES "projects"("id","organisation_id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "project_memberships" ADD CONSTRAINT "project_memberships_membership_fk" FOREIGN KEY ("organisation_id", "user_id") REFERENCES "memberships"("organisation_id","user_id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "project_memberships" ADD CONSTRAINT "project_memberships_user_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "project_memberships" ADD CONSTRAINT "project_memberships_role_fk" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "project_memberships" DROP CONSTRAINT "project_memberships_role_fk"`);
    await queryRunner.query(`ALTER TABLE "project_memberships" DROP CONSTRAINT "project_memberships_user_fk"`);
    await queryRunner.query(`ALTER TABLE "project_memberships" DROP CONSTRAINT "project_memberships_membership_fk"`);
    await queryRunner.query(`ALTER TABLE "project_memberships" DROP CONSTRAINT "project_memberships_project_fk"`);
    await queryRunner.query(`ALTER TABLE "memberships" DROP CONSTRAINT "memberships_role_fk"`);
    await queryRunner.query(`ALTER TABLE "memberships" DROP CONSTRAINT "memberships_user_fk"`);
    await queryRunner.query(`ALTER TABLE "memberships" DROP CONSTRAINT "memberships_organisation_fk"`);
    await queryRunner.query(`ALTER TABLE "invitees" DROP CONSTRAINT "invitees_organisation_fk"`);
    await queryRunner.query(`ALTER TABLE "invitation_grants" DROP CONSTRAINT "invitation_grants_role_fk"`);
    await queryRunner.query(`ALTER TABLE "invitation_grants" DROP CONSTRAINT "invitation_grants_project_fk"`);
    await queryRunner.query(`ALTER TABLE "invitation_grants" DROP CONSTRAINT "invitation_grants_invitation_fk"`);
    await queryRunner.query(`ALTER TABLE "invitations" DROP CONSTRAINT "invitations_role_fk"`);
    await queryRunner.query(`ALTER TABLE "invitations" DROP CONSTRAINT "invitations_organisation_fk"`);
    await queryRunner.query(`ALTER TABLE "projects" DROP CONSTRAINT "projects_organisation_fk"`);
    await queryRunner.query(`ALTER TABLE "roles" DROP CONSTRAINT "roles_organisation_fk"`);
    await queryRunner.query(`ALTER TABLE "sessions" DROP CONSTRAINT "sessions_user_fk"`);
    await queryRunner.query(`ALTER TABLE "password_resets" DROP CONSTRAINT "password_resets_user_fk"`);
    await queryRunner.query(`DROP INDEX "public"."project_memberships_page"`);
    await queryRunner.query(`DROP INDEX "public"."project_memberships_user"`);
    await queryRunner.query(`DROP INDEX "public"."project_memberships_role"`);
    await queryRunner.query(`DROP TABLE "project_memberships"`);
    await queryRunner.query(`DROP INDEX "public"."platform_only_one_row"`);
    await queryRunner.query(`DROP TABLE "platform"`);
    await queryRunner.query(`DROP INDEX "public"."memberships_page"`);
    await queryRunner.query(`DROP INDEX "public"."memberships_user"`);
    await queryRunner.query(`DROP INDEX "public"."memberships_role"`);
    await queryRunner.query(`DROP TABLE "memberships"`);
    await queryRunner.query(`DROP INDEX "public"."invitees_id"`);
    await queryRunner.query(`DROP TABLE "invitees"`);
    await queryRunner.query(`DROP INDEX "public"."invitation_grants_project"`);
    await queryRunner.query(`DROP INDEX "public"."invitation_grants_role"`);
    await queryRunner.query(`DROP TABLE "invitation_grants"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_one_open"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_token"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_previous_token"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_page"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_open_page"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_place"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_email"`);
    await queryRunner.query(`DROP INDEX "public"."invitations_open_by_inviter"`);
    await queryRunner.query(`DROP TABLE "invitations"`);
    await queryRunner.query(`DROP INDEX "public"."projects_page"`);
    await queryRunner.query(`DROP TABLE "projects"`);
    await queryRunner.query(`DROP TABLE "roles"`);
    await queryRunner.query(`DROP INDEX "public"."organisations_short_id"`);
    await queryRunner.query(`DROP INDEX "public"."organisations_page"`);
    await queryRunner.query(`DROP TABLE "organisations"`);
    await queryRunner.query(`DROP INDEX "public"."sessions_token"`);
    await queryRunner.query(`DROP INDEX "public"."sessions_user"`);
    await queryRunner.query(`DROP TABLE "sessions"`);
    await queryRunner.query(`DROP INDEX "public"."password_resets_token"`);
    await queryRunner.query(`DROP INDEX "public"."password_resets_user"`);
    await queryRunner.query(`DROP TABLE "password_resets"`);
    await queryRunner.query(`DROP INDEX "public"."users_email"`);
    await queryRunner.query(`DROP INDEX "public"."users_page"`);
    await queryRunner.query(`DROP TABLE "users"`);
    await queryRunner.query(`DROP INDEX "public"."mailbox_messages_age"`);
    await queryRunner.query(`DROP TABLE "mailbox_messages"`);
    await queryRunner.query(`DROP INDEX "public"."mail_messages_due"`);
    await queryRunner.query(`DROP INDEX "public"."mail_messages_subject"`);
    await queryRunner.query(`DROP INDEX "public"."mail_messages_address"`);
    await queryRunner.query(`DROP TABLE "mail_messages"`);
    await queryRunner.query(`DROP INDEX "public"."audit_events_page"`);
    await queryRunner.query(`DROP TABLE "audit_events"`);
    await queryRunner.query(`DROP TABLE "throttle_counters"`);
    await queryRunner.query(`DROP INDEX "public"."idempotency_keys_expiry"`);
    await queryRunner.query(`DROP TABLE "idempotency_keys"`);
  }
}
