import { Injectable } from '@nestjs/common';
import { Audit, AuditEvent } from '@usher/audit';
import { type Insertion, insertionOf, Transactions } from '@usher/database';
import { anySlot, keyOf, MailMessage, Outbox } from '@usher/mailer';
import { DataSource } from 'typeorm';
import type { Caller } from '../../access/caller.js';
import { type GrantNames, grantRowsOf, type InvitationPlace, rolesIn } from '../grants.js';
import { describeGrants, invitationEvent } from '../invitation-audit.js';
import { InvitationGrant } from '../invitation-grant.entity.js';
import type { InvitationDto } from '../invitation.dto.js';
import { Invitation } from '../invitation.entity.js';
import type { InviteDto } from '../invite.dto.js';
import { shownAsNew } from '../new-invitation-shown.js';
import { SendingLimits } from '../sending-limits.js';
import { createBy, FACTS, type Foothold, type Insertions } from './shortcut.sql.js';
import { type Facts, type Ordinary, ordinary } from './shortcut-facts.js';
import { unlessOvertaken } from './overtaken.js';
import { invitationRow, letterFor, type Wish } from './shortcut-rows.js';

/**
 * Invites somebody to an organisation with two statements when nothing is out of the ordinary: one reads all that decides, the other
 * writes all of it or nothing. Everything else goes the long way of `InvitationsService`, which alone knows how to refuse.
 */
@Injectable()
export class InvitationShortcut {
  private readonly statements = new Map<Foothold, { text: string; insertions: Insertions }>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly limits: SendingLimits,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  /** The new invitation; null when it is no ordinary one: then nothing was done. `found`: where the facts were read already. */
  async invite(
    caller: Caller,
    place: InvitationPlace,
    request: InviteDto & GrantNames,
    found?: Facts,
  ): Promise<InvitationDto | null> {
    const { organisationId } = place;
    const isMailed = request.sendEmail !== false && this.outbox.isOpen;
    if (place.type !== 'ORGANISATION' || !organisationId || !isMailed) return null;
    const wish = { caller, place: { ...place, organisationId }, request };
    return this.decide(wish, found ?? (await this.read(wish)));
  }

  private async decide(wish: Wish, facts: Facts | null): Promise<InvitationDto | null> {
    const found = facts && ordinary(facts, wish);
    return facts && found && this.write(wish, facts, found);
  }

  private async read({ caller, place, request: { email, role = '', projects = [] } }: Wish): Promise<Facts | null> {
    const roles = [role, ...projects.map((grant) => grant.role)].map((name) => name.toLowerCase());
    const ids = projects.map(({ projectId }) => projectId.toLowerCase());
    const [facts]: Facts[] = await this.dataSource.query(FACTS[caller.type], [place.id, caller.id, email, roles, ids]);
    return facts ?? null;
  }

  private async write(wish: Wish, facts: Facts, found: Ordinary): Promise<InvitationDto | null> {
    const { token, row } = invitationRow(wish, facts, found);
    const letter = { invitation: row, grants: found.grants, token };
    const since = { createdAt: facts.now, nextAttemptAt: facts.now };
    const mails = this.outbox.prepare([letterFor(letter, wish, facts)]).map((mail) => ({ ...mail, ...since }));
    const event = invitationEvent('invitation.created', row, { after: describeGrants(found.grants) });
    const invitation = { ...row, mailMessageId: mails[0].id };
    const rows = {
      invitation: [invitation],
      mail: mails,
      audit: this.audit.prepare([event]),
      grants: grantRowsOf(wish.place.organisationId, row.id, found.grants),
    };
    const { text, insertions } = this.statementFor(found.ground.foothold, rows);
    const written = this.transactions.statement(text, [
      ...[wish.place.id, wish.caller.id, found.ground.role, found.ground.permissions, ownRoles(found)],
      ...this.counters(wish, facts),
      ...[row.email, row.inviteeId, facts.inviteeId !== null],
      ...TABLES.map((table) => insertions[table].json(rows[table])),
    ]);
    if (!(await unlessOvertaken(written))) return null;
    this.outbox.leave();
    this.audit.recorded([event]);
    return shownAsNew(invitation, found.grants, { ...facts, inviter: facts.caller });
  }

  private counters({ caller, place, request: { email } }: Wish, { platform }: Facts): unknown[] {
    const counted = { caller, organisationId: place.organisationId, email, reachesSomebody: true };
    const [recipient, inviter, sender] = this.limits.rules(counted, platform.limits);
    return [
      ...[keyOf(recipient.subject), recipient.limit],
      ...[keyOf(inviter.subject), inviter.limit, anySlot()],
      ...[keyOf(sender.subject), sender.limit],
    ];
  }

  private statementFor(foothold: Foothold, rows: Rows): { text: string; insertions: Insertions } {
    const known = this.statements.get(foothold);
    if (known) return known;
    const into = (table: keyof Rows): Insertion =>
      insertionOf(this.dataSource, ENTITIES[table], Object.keys(rows[table][0] ?? GRANT));
    const insertions = Object.fromEntries(TABLES.map((table) => [table, into(table)])) as Insertions; // as: one for each table
    const made = { text: createBy(foothold, insertions), insertions };
    this.statements.set(foothold, made);
    return made;
  }
}

const ENTITIES = { invitation: Invitation, mail: MailMessage, audit: AuditEvent, grants: InvitationGrant };
/** In the order of the statement's last parameters. */
const TABLES = ['invitation', 'mail', 'audit', 'grants'] as const;
const GRANT = { invitationId: '', organisationId: '', projectId: '', roleId: '' };

type Rows = Record<keyof typeof ENTITIES, object[]>;

/** Those that somebody may be deleting at this moment. */
const ownRoles = ({ grants }: Ordinary): string[] => [
  ...new Set(rolesIn(grants).flatMap(({ id, organisationId }) => (organisationId ? [id] : []))),
];
