import { randomUUID } from 'node:crypto';
import { newId } from '@usher/database';
import { type Invitation, withDeadLinks } from '../invitation.entity.js';
import { movedReminder, reminderLead, reminderMoment } from '../email/reminder-moment.js';
import type { IssueContext } from './issue-context.js';
import type { InviteRequest } from './issue-request.js';
import type { Proposal } from './proposal.js';

/** A new secret, and where it goes. */
export interface Secret {
  tokenHash: Buffer;
  isMailed: boolean;
  /** It is shown to the inviter: then it proves nothing about the address. */
  linkShown: boolean;
}

export type Row = ReturnType<typeof newRow>;

const HOUR = 3_600_000;
const hoursAfter = (moment: Date, hours: number): Date => new Date(moment.getTime() + hours * HOUR);

/** A new invitation. */
export function newRow(proposal: Proposal, { tokenHash, isMailed, linkShown }: Secret) {
  const { request, context, grants, email } = proposal;
  const { caller, place, now, platform, inviteeIds } = context;
  const fields = { ...fieldsOf(request), ...defaultsFor(request, context) };
  const expiresAt = hoursAfter(now, fields.expiryHours);
  return {
    id: newId(),
    organisationId: place.organisationId,
    place: place.projectId ?? place.organisationId ?? platform.id,
    type: place.type,
    email,
    inviteeId: place.organisationId ? (inviteeIds.get(email) ?? randomUUID()) : null,
    ...fields,
    platformRole: grants.platformRole,
    roleId: grants.role?.id ?? null,
    invitedByType: caller.type,
    invitedById: caller.id,
    expiresAt,
    remindAt: isMailed ? reminderMoment({ ...fields, expiresAt }, reminderLead(context)) : null,
    tokenHash,
    linkShown,
    // Known once its mail is queued.
    mailMessageId: null as string | null,
  };
}

/** What the inviter said; what they left out is null, not missing. */
function fieldsOf(request: InviteRequest) {
  const { givenName = null, familyName = null, message = null, redirectUrl = null } = request;
  const { metadata = {}, sendEmail = true, reminder = true } = request;
  return { givenName, familyName, message, redirectUrl, metadata, sendEmail, reminder };
}

/** What the request leaves to the organisation, and that to the platform. */
function defaultsFor({ expiresInHours, locale }: InviteRequest, { organisation, platform }: IssueContext) {
  const { invitationExpiryHours, defaultLocale } = organisation?.settings ?? {};
  return {
    expiryHours: expiresInHours ?? invitationExpiryHours ?? platform.invitationExpiryHours,
    locale: locale ?? defaultLocale ?? platform.defaultLocale,
  };
}

/** The caller is the responsible inviter from now on. */
function changed(proposal: Proposal): Invitation {
  const { caller, now } = proposal.context;
  const { invitation } = existingOf(proposal);
  const responsible = { invitedByType: caller.type, invitedById: caller.id, updatedAt: now };
  return Object.assign(
    Object.create(Object.getPrototypeOf(invitation) as object) as Invitation,
    invitation,
    proposal.changes,
    responsible,
  );
}

/** A new link and a new life; the old links are dead. */
export function sentAgainRow(proposal: Proposal, { tokenHash, isMailed, linkShown }: Secret): Invitation {
  const { grants, context } = proposal;
  const { invitation } = existingOf(proposal);
  const row = changed(proposal);
  // A secret that went nowhere is no sending: whoever may see the link resends for it at once.
  const counted = isMailed || linkShown ? { lastSentAt: context.now, sendCount: invitation.sendCount + 1 } : {};
  const expiresAt = hoursAfter(context.now, row.expiryHours);
  return Object.assign(row, {
    ...{ status: 'PENDING', expiresAt, platformRole: grants.platformRole, roleId: grants.role?.id ?? null },
    ...{ ...withDeadLinks(invitation), tokenHash, linkShown, mailMessageId: null, ...counted },
    remindAt: isMailed ? reminderMoment({ ...row, expiresAt }, reminderLead(context)) : null,
  });
}

/** The link stays as it is. */
export function changedRow(proposal: Proposal): Invitation {
  const { request, context } = proposal;
  const { invitation } = existingOf(proposal);
  const row = changed(proposal);
  if (request.expiresInHours) row.expiresAt = hoursAfter(context.now, request.expiresInHours);
  row.remindAt = movedReminder(invitation, row, reminderLead(context));
  return row;
}

function existingOf({ existing }: Proposal) {
  if (!existing) throw new Error('A new invitation cannot be changed');
  return existing;
}
