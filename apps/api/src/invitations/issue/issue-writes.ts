import { Injectable } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { Configuration } from '@usher/config';
import { flush, inOneStatement, LastWrites } from '@usher/database';
import { type Mail, Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import { hashOf } from '../../access/credential.js';
import { letterheadFrom } from '../../organisations/letterhead.js';
import { displayName } from '../../users/user.entity.js';
import { describeGrants, invitationEvent, linkShownEvent } from '../invitation-audit.js';
import { letterOf, writingOnce } from '../email/invitation-letter.js';
import { toInvitationDto } from './invitation-shown.js';
import type { InvitationDto } from '../invitation.dto.js';
import { invitationMail } from '../email/invitation.mail.js';
import { InvitationRepository } from '../invitation.repository.js';
import { newInvitationToken } from '../invitation-token.js';
import { SendingLimits } from '../../plans/sending-limits.js';
import { changedRow, newRow, type Row, type Secret, sentAgainRow } from './invitation-rows.js';
import type { IssueContext } from './issue-context.js';
import type { Decision, Outcome } from './issue-outcome.js';

/** A decision that is written: the row, and the secret if a link goes out. */
interface Written extends Decision {
  row: Row;
  token: string | null;
  link?: string;
}

/** Writes what was decided, in a few statements however many requests there are. */
@Injectable()
export class IssueWrites {
  constructor(
    private readonly configuration: Configuration,
    private readonly invitations: InvitationRepository,
    private readonly limits: SendingLimits,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  save(tx: EntityManager, context: IssueContext, decisions: readonly Decision[]): LastWrites<Outcome[]> {
    const written = new Map(decisions.filter(isWrite).map((decision) => [decision, this.rowOf(decision)]));
    const shown = idsOfShown(decisions, context);
    const writes = this.writes(tx, context, [...written.values()]);
    const lapsed = [...written.values()].flatMap(({ proposal }) => proposal.other?.id ?? []);
    return new LastWrites(
      [
        ...this.invitations.expire(lapsed),
        ...(writes.length > 0 ? [inOneStatement(writes)] : []),
        ...(shown.length > 0 ? [this.invitations.show(shown)] : []),
      ],
      (rows) => {
        const read = byId(this.invitations.readShown(shown.length > 0 ? rows.at(-1) : []));
        return decisions.map((decision) => outcomeOf(decision, shownOf(decision, written.get(decision), read)));
      },
    );
  }

  /** What `save` would lead to, without writing it. */
  async preview(tx: EntityManager, context: IssueContext, decisions: readonly Decision[]): Promise<Outcome[]> {
    const ids = decisions.flatMap(({ proposal: { existing } }) => existing?.invitation.id ?? []);
    const [rows] = await flush(tx, [this.invitations.show(ids)]);
    const read = byId(context.holdings.has('invitations:read') ? this.invitations.readShown(rows) : []);
    return decisions.map((decision) => outcomeOf(decision, shownOf(decision, undefined, read)));
  }

  private rowOf(decision: Decision): Written {
    const { proposal, kind } = decision;
    if (kind === 'changed') return { ...decision, row: changedRow(proposal), token: null };
    const token = newInvitationToken();
    const secret: Secret = {
      tokenHash: hashOf(token),
      isMailed: proposal.isMailed,
      linkShown: proposal.showsLink,
    };
    const link = secret.linkShown ? `${this.configuration.publicUrl}/join#token=${token}` : undefined;
    const row = kind === 'created' ? newRow(proposal, secret) : sentAgainRow(proposal, secret);
    return { ...decision, row, token, link };
  }

  private writes(tx: EntityManager, context: IssueContext, written: Written[]) {
    if (written.length === 0) return this.limits.settle(context.allowance);
    const created = written.filter(({ kind }) => kind === 'created').toSorted(byEmail);
    const existing = written.filter(({ kind }) => kind !== 'created');
    const sentAgain = existing.filter(({ kind }) => kind === 'resent');
    const mailed = written.filter(({ proposal, token }) => token !== null && proposal.isMailed);
    const queued = mailed.length > 0 ? this.outbox.queueing(tx, lettersFor(context, mailed)) : null;
    mailed.forEach(({ row }, index) => (row.mailMessageId = queued?.ids[index] ?? null));
    const { organisationId } = context.place;
    const granted = [...created, ...sentAgain].map(({ row, proposal }) => ({ id: row.id, grants: proposal.grants }));
    return [
      ...this.invitations.insertInvitees(created.flatMap(({ row }) => newInvitee(row, context))),
      ...this.invitations.insert(created.map(({ row }) => row)),
      ...this.invitations.update(existing.map(({ row }) => row)),
      ...(organisationId ? this.invitations.saveGrants(organisationId, granted) : []),
      ...this.invitations.removeOtherGrants(granted.slice(created.length)),
      ...(sentAgain.length > 0 ? [this.outbox.cancelling(sentAgain.map(({ row }) => row.id))] : []),
      ...(queued ? [queued.statement] : []),
      ...this.limits.settle(context.allowance),
      this.audit.recording(tx, written.flatMap(eventsOf)),
    ];
  }
}

const isWrite = ({ kind }: Decision): boolean => kind === 'created' || kind === 'resent' || kind === 'changed';

const byEmail = (a: Written, b: Written): number => (a.row.email < b.row.email ? -1 : 1);

const newInvitee = ({ organisationId, email, inviteeId: id }: Row, { inviteeIds }: IssueContext) =>
  organisationId && id && !inviteeIds.has(email) ? [{ organisationId, email, id }] : [];

function lettersFor(context: IssueContext, mailed: Written[]): (Mail & { sendBefore: Date })[] {
  const { caller, inviter, platform, organisation } = context;
  const stationery = {
    letterhead: letterheadFrom(platform, organisation),
    inviter: caller.type === 'user' ? displayName(inviter) : null,
    write: writingOnce(invitationMail),
    recipientLimit: platform.limits.mailsPerRecipientPerDay,
  };
  return mailed.map(({ row, proposal, token }) =>
    letterOf({ invitation: row, grants: proposal.grants, token: token ?? '' }, stationery),
  );
}

function eventsOf({ kind, proposal, row }: Written): AuditEntry[] {
  const after = describeGrants(proposal.grants);
  const { existing, request } = proposal;
  const before = existing ? describeGrants(existing.grants) : undefined;
  const shown = row.linkShown && kind !== 'changed' ? [linkShownEvent(row)] : [];
  if (kind === 'created') return [invitationEvent('invitation.created', row, { after }), ...shown];
  if (request.changed) {
    return [
      ...shown,
      invitationEvent('invitation.changed', row, { before, after: { ...after, changed: request.changed } }),
    ];
  }
  return [...shown, invitationEvent('invitation.resent', row, request.invitationId ? {} : { before, after })];
}

/** What was not sent now is read back; what a request did not write is for those who may read it. */
function idsOfShown(decisions: readonly Decision[], { holdings }: IssueContext): string[] {
  const mayRead = holdings.has('invitations:read');
  return decisions.flatMap(({ kind, problem, proposal: { existing } }) => {
    if (!existing || SHOWN_AS_WRITTEN.includes(kind)) return [];
    return problem && !mayRead ? [] : existing.invitation.id;
  });
}

/** Or not at all. */
const SHOWN_AS_WRITTEN: Outcome['kind'][] = ['refused', 'created', 'resent'];

const byId = (invitations: InvitationDto[]): Map<string, InvitationDto> =>
  new Map(invitations.map((invitation) => [invitation.id, invitation]));

function outcomeOf({ proposal, kind, problem }: Decision, invitation: InvitationDto | undefined): Outcome {
  const { request, context } = proposal;
  if (problem) return { request, kind, context, problem, invitation };
  return { request, kind, context, grants: proposal.grants, invitation };
}

/** As inviters see it: what was sent now as it was written, any other as it was read back. */
function shownOf(
  { proposal, kind }: Decision,
  written: Written | undefined,
  read: ReadonlyMap<string, InvitationDto>,
): InvitationDto | undefined {
  if (!written) return read.get(proposal.existing?.invitation.id ?? '');
  const { row, link } = written;
  const shown = kind === 'changed' ? read.get(row.id) : toInvitationDto(row, proposal.grants, proposal.context);
  return shown && link ? { ...shown, link } : shown;
}
