import { Injectable } from '@nestjs/common';
import { EntityJson, insertion, sql, type Statement, updateById } from '@usher/database';
import { DataSource, type EntityManager, type FindOptionsWhere, Raw } from 'typeorm';
import type { Place } from '../access/caller.js';
import type { Role } from '../organisations/role.entity.js';
import { RoleRepository } from '../organisations/role.repository.js';
import { Project } from '../projects/project.entity.js';
import { type Grants, grantRowsOf } from './grants.js';
import { InvitationGrant } from './invitation-grant.entity.js';
import { shownOf } from './invitation-json.js';
import { InvitationDto } from './invitation.dto.js';
import { Invitation } from './invitation.entity.js';
import { Invitee } from './invitee.entity.js';

/** What an invitation grants, as it is stored. */
export interface StoredGrants {
  invitationId: string;
  role: Role | null;
  projects: { project: object; role: Role }[];
}

/** By what one invitation is found: its token's hash, or its id. */
export interface Target {
  tokenHash: Buffer | null;
  id: string | null;
}

/** SQL of it; `$1` and `$2` are `valuesOf` a target. */
export const TARGET =
  'SELECT * FROM invitations WHERE token_hash = $1::bytea OR reminder_token_hash = $1::bytea OR id = $2::uuid';
export const TARGET_ID = `SELECT id FROM (${TARGET}) AS target`;
export const valuesOf = ({ tokenHash, id }: Target): unknown[] => [tokenHash, id];

/** Which invitations are meant, in SQL: those with the ids, and those for addresses in a place that have not ended. */
interface Chosen {
  emails: string;
  invitationIds: string;
  /** Null: the platform. */
  place: string;
}

/** Which invitations are meant. */
interface Wanted {
  place: Place;
  emails: readonly string[];
  invitationIds: readonly string[];
}

const CHOSEN = { emails: '$1', invitationIds: '$2', place: '$3' };

/** Invitations, what they grant, and the people invited, as rows. */
@Injectable()
export class InvitationRepository {
  private readonly rows: EntityJson<Invitation>;
  private readonly projects: EntityJson<Project>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly roles: RoleRepository,
  ) {
    this.rows = new EntityJson(dataSource, Invitation);
    this.projects = new EntityJson(dataSource, Project);
  }

  /** Also of a token that opens nothing any more. */
  ofAnyToken(tx: EntityManager, tokenHash: Buffer): Promise<Invitation | null> {
    return tx.findOneBy(Invitation, [
      { tokenHash },
      { reminderTokenHash: tokenHash },
      { previousTokenHash: tokenHash },
      { previousReminderTokenHash: tokenHash },
    ]);
  }

  /** Of two requests for renewal at once only one takes the hour. */
  async takeRenewalHour(tx: EntityManager, id: string): Promise<boolean> {
    const [, taken]: [unknown[], number] = await tx.query(TAKE_RENEWAL_HOUR, [id]);
    return taken === 1;
  }

  /** A query of the ids of the invitations meant. */
  idsOf({ place, emails, invitationIds }: Wanted): Statement {
    const values = [emails, invitationIds, place.projectId ?? place.organisationId];
    return sql(`SELECT i.id FROM invitations i WHERE ${this.isChosen(CHOSEN)}`, values);
  }

  /** Those whose ids the query selects: an array and no join, which would be joined anew with old rows after waiting for a lock. */
  select({ text, values }: Statement): Statement<Invitation> {
    return sql(
      `SELECT ${this.rows.columns('i')}, i.expires_at <= now() AS "isLapsed" FROM invitations i WHERE i.id = ANY (ARRAY (${text}))`,
      values,
    );
  }

  /** The same, locked until the transaction ends, in the order in which all others lock them. */
  lock(ids: Statement): Statement<Invitation> {
    const { text, values } = this.select(ids);
    return sql(`${text} ORDER BY i.id FOR NO KEY UPDATE`, values);
  }

  /** Those that have not ended, in the transaction that ends or reads them. */
  lockPending(tx: EntityManager, where: FindOptionsWhere<Invitation>): Promise<Invitation[]> {
    return tx.find(Invitation, {
      where: { ...where, status: 'PENDING' },
      order: { id: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
  }

  /** Those that can be accepted. A lapsed one is none: who sends it again is responsible for it, within what they hold. */
  lockOpen(tx: EntityManager, where: FindOptionsWhere<Invitation>): Promise<Invitation[]> {
    return this.lockPending(tx, { ...where, expiresAt: Raw((column) => `${column} > now()`) });
  }

  /** SQL of a query of the ids of all roles that the invitations grant. */
  grantedRoles(ids: string): string {
    return `SELECT role_id FROM invitations WHERE id IN (${ids}) UNION SELECT role_id FROM invitation_grants WHERE invitation_id IN (${ids})`;
  }

  /** The addresses meant, once each, as `email`. */
  addressesOf({ emails, invitationIds }: Wanted): Statement<{ email: string }> {
    return sql(this.addresses({ emails: '$1', invitationIds: '$2' }), [emails, invitationIds]);
  }

  addresses({ emails, invitationIds }: Pick<Chosen, 'emails' | 'invitationIds'>): string {
    return `SELECT unnest(${emails}::text[]) AS email UNION SELECT email FROM invitations WHERE id = ANY (${invitationIds}::uuid[])`;
  }

  /** SQL of `StoredGrants[]` in JSON. */
  storedGrants(chosen: Chosen): string {
    return this.grantsIn(this.isChosen(chosen));
  }

  /** The same of those for which the condition holds of `i`. */
  grantsIn(condition: string): string {
    const role = this.roles.object('r');
    return `
      SELECT coalesce(json_agg(json_build_object('invitationId', i.id,
        'role', (SELECT ${role} FROM roles r WHERE r.id = i.role_id),
        'projects', (SELECT coalesce(json_agg(json_build_object('project', ${this.projects.object('x')}, 'role', ${role}) ORDER BY x.id), '[]')
          FROM invitation_grants g JOIN projects x ON x.id = g.project_id JOIN roles r ON r.id = g.role_id
          WHERE g.invitation_id = i.id))), '[]')
      FROM invitations i WHERE ${condition}`;
  }

  /** What invitations with these ids grant. */
  grantsById(ids: readonly string[]): Statement<{ grants: StoredGrants[] }> {
    return sql(`SELECT (${this.grantsIn('i.id = ANY ($1)')}) AS grants`, [ids]);
  }

  /** Rows of `lock`, with what they grant. */
  withGrants(
    rows: readonly Invitation[],
    stored: readonly StoredGrants[],
  ): { invitation: Invitation; grants: Grants }[] {
    const byId = new Map(stored.map((grants) => [grants.invitationId, grants]));
    return rows.map((row) => {
      const invitation = this.rows.read(row);
      const { role = null, projects = [] } = byId.get(invitation.id) ?? {};
      const granted = projects.map((grant) => ({ project: this.projects.read(grant.project), role: grant.role }));
      return { invitation, grants: { platformRole: invitation.platformRole, role, projects: granted } };
    });
  }

  /** In the order of addresses, so that two requests with the same ones wait for one another and not both. */
  insert(invitations: readonly Partial<Invitation>[]): Statement[] {
    return invitations.length > 0 ? [insertion(this.dataSource, Invitation, invitations)] : [];
  }

  insertInvitees(invitees: readonly Invitee[]): Statement[] {
    return invitees.length > 0 ? [insertion(this.dataSource, Invitee, invitees)] : [];
  }

  update(invitations: readonly Partial<Invitation>[]): Statement[] {
    return invitations.length > 0 ? [updateById(this.dataSource, Invitation, invitations)] : [];
  }

  /** That they lapsed is stored, so that others can be open for the same addresses. */
  expire(ids: readonly string[]): Statement[] {
    return ids.length > 0 ? [sql(EXPIRE, [ids])] : [];
  }

  accept(id: string, userId: string): Statement {
    return sql(ACCEPT, [id, userId]);
  }

  /** `reason`: why it was revoked. */
  end(ids: readonly string[], status: 'REVOKED' | 'DECLINED', reason: string | null): Statement {
    return sql(END, [ids, status, reason]);
  }

  /** Replaces what invitations grant in projects. */
  saveGrants(organisationId: string, granted: readonly { id: string; grants: Grants }[]): Statement[] {
    const rows = granted.flatMap(({ id, grants }) => grantRowsOf(organisationId, id, grants));
    return rows.length > 0 ? [insertion(this.dataSource, InvitationGrant, rows, UPDATE_ROLE)] : [];
  }

  /** Forgets what invitations that are sent again no longer grant. */
  removeOtherGrants(granted: readonly { id: string; grants: Grants }[]): Statement[] {
    if (granted.length === 0) return [];
    const kept = granted.flatMap(({ id, grants }) => grants.projects.map(({ project }) => `${id} ${project.id}`));
    return [sql(REMOVE_OTHER_GRANTS, [granted.map(({ id }) => id), kept])];
  }

  /** Each as inviters see it, in JSON. */
  show(ids: readonly string[]): Statement {
    return sql(SHOWN, [ids]);
  }

  /** What `show` selects. */
  readShown(rows: unknown): InvitationDto[] {
    return (rows as { shown: string }[]).map(({ shown }) => InvitationDto.read(shown)); // as: of SHOWN
  }

  private isChosen({ invitationIds, place, emails }: Chosen): string {
    return `(i.id = ANY (${invitationIds}::uuid[]) OR (i.place = coalesce(${place}::uuid, (SELECT id FROM platform)) AND i.status = 'PENDING'
      AND i.email = ANY (${emails}::text[] || ARRAY (SELECT email FROM invitations WHERE id = ANY (${invitationIds}::uuid[])))))`;
  }
}

const EXPIRE = `UPDATE invitations SET status = 'EXPIRED', updated_at = now() WHERE id = ANY ($1)`;
const TAKE_RENEWAL_HOUR = `
  UPDATE invitations SET renewal_requested_at = now()
  WHERE id = $1 AND (renewal_requested_at IS NULL OR renewal_requested_at < now() - interval '1 hour')`;
const ACCEPT = `
  UPDATE invitations SET status = 'ACCEPTED', accepted_at = now(), updated_at = now(), accepted_by_id = $2 WHERE id = $1`;
const END = `
  UPDATE invitations SET status = $2, revoked_reason = $3, updated_at = now(),
    revoked_at = CASE $2 WHEN 'REVOKED' THEN now() END, declined_at = CASE $2 WHEN 'DECLINED' THEN now() END
  WHERE id = ANY ($1)`;
const UPDATE_ROLE = '(invitation_id, project_id) DO UPDATE SET role_id = excluded.role_id';
const REMOVE_OTHER_GRANTS = `
  DELETE FROM invitation_grants WHERE invitation_id = ANY ($1) AND NOT (invitation_id || ' ' || project_id) = ANY ($2)`;
const SHOWN = shownOf('SELECT * FROM invitations WHERE id = ANY ($1)');
