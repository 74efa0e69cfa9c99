import type { EntityManager } from 'typeorm';
import { Organisation } from '../../organisations/organisation.entity.js';
import { Platform } from '../../platform/platform.entity.js';
import type { Invitation } from '../invitation.entity.js';

const HOUR = 3_600_000;

/** How many hours before their end the invitations of an organisation are reminded of, null: those to the platform; 0: never. */
export const reminderLead = ({ organisation, platform }: Whose): number =>
  organisation?.settings.reminderHours ?? platform.reminderHours;

/** The same where neither was read yet. */
export async function readReminderLead(tx: EntityManager, organisationId: string | null): Promise<number> {
  const platform = await tx.findOneByOrFail(Platform, { isOnly: true });
  const organisation = organisationId ? await tx.findOneByOrFail(Organisation, { id: organisationId }) : null;
  return reminderLead({ organisation, platform });
}

/** When an invitation is to be reminded of, `lead` hours before its end. Null: not wanted, or so short that the reminder would come on the heels of the first mail. */
export function reminderMoment({ reminder, expiryHours, expiresAt }: Reminded, lead: number): Date | null {
  if (!reminder || lead === 0 || expiryHours < 2 * lead) return null;
  return new Date(expiresAt.getTime() - lead * HOUR);
}

/** The same after a change that keeps the link: never twice, only of what went by mail, and no other moment for changes that do not touch it. */
export function movedReminder(before: Mailed, after: Mailed, lead: number): Date | null {
  const isUntouched = before.reminder === after.reminder && before.expiresAt.getTime() === after.expiresAt.getTime();
  if (isUntouched) return before.remindAt;
  if (!after.mailMessageId || after.reminderTokenHash) return null;
  return reminderMoment(after, lead);
}

interface Whose {
  organisation: Pick<Organisation, 'settings'> | null;
  platform: Pick<Platform, 'reminderHours'>;
}

type Reminded = Pick<Invitation, 'reminder' | 'expiryHours' | 'expiresAt'>;
type Mailed = Reminded & Pick<Invitation, 'remindAt' | 'mailMessageId' | 'reminderTokenHash'>;
