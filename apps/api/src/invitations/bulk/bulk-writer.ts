import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { insertRows } from '@usher/database';
import { Outbox } from '@usher/mailer';
import { Any, type EntityManager } from 'typeorm';
import { GrantsReader } from '../grants-reader.js';
import { describeGrants, invitationEvent, linkShownEvent } from '../invitation-audit.js';
import { InvitationSender, type Sent } from '../invitation-sender.js';
import type { InvitationDto } from '../invitation.dto.js';
import { Invitation } from '../invitation.entity.js';
import { shownAsNew } from '../new-invitation-shown.js';
import { type Creation, type Plan, type Renewal, sendingOf } from './bulk-decisions.js';
import type { Facts } from './bulk-facts.js';
import type { Ended, Row } from './bulk-rows.js';
import { INSERT_INVITEES, INVITEES, RENEW } from './bulk.sql.js';

/** Another request has just opened an invitation for one of the addresses: what was decided no longer holds. */
export class Overtaken extends Error {}

/** As they are shown. */
type Created = ReadonlyMap<Row, InvitationDto>;

type Issued<P extends Plan = Plan> = P & { sent: Sent };

/** Writes what was decided, in a few statements however many invitations they are. */
@Injectable()
export class BulkWriter {
  constructor(
    private readonly sender: InvitationSender,
    private readonly grants: GrantsReader,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  async write(tx: EntityManager, facts: Facts, plans: Plan[]): Promise<Ended[]> {
    if (plans.length === 0) return [];
    await this.outbox.cancel(tx, idsOf(plans.filter(isRenewal)));
    const sendings = plans.map((plan) => sendingOf(plan, facts));
    const sent = await this.sender.sendAll(tx, sendings, facts.platform);
    const issued = plans.map((plan, index) => ({ ...plan, sent: sent[index] }));
    const created = await this.create(tx, facts, issued.filter(isCreation));
    await this.renew(tx, facts, issued.filter(isRenewal));
    await this.grants.saveAll(
      tx,
      facts.place.organisationId,
      plans.map(({ invitation, grants }) => ({ invitationId: invitation.id, grants })),
    );
    await this.audit.record(tx, ...issued.flatMap(eventsOf));
    return issued.map((plan) => endOf(plan, created.get(plan.row)));
  }

  /** In the order of addresses, so that two requests with the same ones wait for one another and not both. */
  private async create(tx: EntityManager, facts: Facts, creations: Issued<Creation>[]): Promise<Created> {
    if (creations.length === 0) return new Map();
    const inOrder = creations.toSorted((a, b) => (a.row.email < b.row.email ? -1 : 1));
    const lapsed = inOrder.flatMap(({ row }) => facts.lapsed.get(row.email) ?? []);
    if (lapsed.length > 0)
      await tx.update(Invitation, { id: Any(lapsed) }, { status: 'EXPIRED', updatedAt: () => 'now()' });
    const inviteeIds = await this.inviteeIds(tx, facts, inOrder);
    const rows = inOrder.map(({ invitation, sent: { tokenHash, linkShown, mailMessageId, remindAt } }, index) => {
      const inviteeId = inviteeIds[index];
      return { ...invitation, tokenHash, linkShown, mailMessageId, remindAt, inviteeId };
    });
    const inserted = await insertRows(tx, Invitation, rows, { unlessThere: true });
    if (inserted < rows.length) throw new Overtaken();
    return new Map(inOrder.map(({ row, grants }, index) => [row, shownAsNew(rows[index], grants, facts)]));
  }

  private async inviteeIds(tx: EntityManager, { place }: Facts, creations: Creation[]): Promise<string[]> {
    const emails = creations.map(({ row }) => row.email);
    const ids = emails.map(() => randomUUID());
    const [{ written }]: [{ written: number }] = await tx.query(INSERT_INVITEES, [place.organisationId, emails, ids]);
    if (written === ids.length) return ids;
    const invitees: { id: string }[] = await tx.query(INVITEES, [place.organisationId, emails]);
    return invitees.map(({ id }) => id);
  }

  private async renew(tx: EntityManager, { caller }: Facts, renewals: Issued<Renewal>[]): Promise<void> {
    if (renewals.length === 0) return;
    await tx.query(RENEW, [JSON.stringify(renewals.map(renewed)), caller.type, caller.id]);
  }
}

const isCreation = <P extends Plan>(plan: P): plan is Extract<P, Creation> => plan.kind === 'creation';
const isRenewal = <P extends Plan>(plan: P): plan is Extract<P, Renewal> => plan.kind === 'renewal';
const idsOf = (plans: Plan[]): string[] => plans.map(({ invitation }) => invitation.id);

/** A row of `RENEW`. */
const renewed = ({ invitation, grants, sent }: Issued<Renewal>) => ({
  id: invitation.id,
  givenName: invitation.givenName,
  familyName: invitation.familyName,
  expiresAt: invitation.expiresAt,
  roleId: grants.role?.id ?? null,
  tokenHash: sent.tokenHash.toString('hex'),
  mailMessageId: sent.mailMessageId,
  linkShown: sent.linkShown,
  remindAt: sent.remindAt,
  // A secret that went nowhere is no sending.
  hasLeft: sent.mailMessageId !== null || sent.linkShown,
});

function eventsOf(plan: Issued): AuditEntry[] {
  const after = describeGrants(plan.grants);
  const done =
    plan.kind === 'creation'
      ? invitationEvent('invitation.created', plan.invitation, { after })
      : invitationEvent('invitation.resent', plan.invitation, { before: describeGrants(plan.open.grants), after });
  return plan.sent.linkShown ? [done, linkShownEvent(plan.invitation)] : [done];
}

const endOf = ({ row, invitation, sent }: Issued, created: InvitationDto | undefined): Ended => ({
  index: row.index,
  email: row.email,
  link: sent.link,
  ...(created ? { outcome: 'created', invitation: created } : { outcome: 'updated', invitationId: invitation.id }),
});
