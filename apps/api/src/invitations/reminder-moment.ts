import type { EntityManager } from 'typeorm';
import type { Invitation } from './invitation.entity.js';

const HOUR = 3_600_000;

const LEAD = `
  SELECT coalesce((o.settings ->> 'reminderHours')::int, p.reminder_hours) AS hours
  FROM platform p LEFT JOIN organisations o ON o.id = $1`;

/** How many hours before their end the invitations of an organisation are reminded of, null: those to the platform; 0: never. */
export async function reminderLead(tx: EntityManager, organisationId: string | null): Promise<number> {
  const [{ hours }]: [{ hours: number }] = await tx.query(LEAD, [organisationId]);
  return hours;
}

/** When an invitation is to be reminded of, `lead` hours before its end. Null: not wanted, or so short that the reminder would come on the heels of the first mail. */
export function reminderMoment({ reminder, expiryHours, expiresAt }: Reminded, lead: number): Date | null {
  if (!reminder || lead === 0 || expiryHours < 2 * lead) return null;
  return new Date(expiresAt.getTime() - lead * HOUR);
}

/** The same after a change that keeps the link: never twice, only of what went by mail, and no other moment for changes that do not touch it. */
export async function movedReminder(tx: EntityManager, before: Mailed, after: Mailed): Promise<Date | null> {
  const isUntouched = before.reminder === after.reminder && before.expiresAt.getTime() === after.expiresAt.getTime();
  if (isUntouched) return before.remindAt;
  if (!after.mailMessageId || after.reminderTokenHash) return null;
  return reminderMoment(after, await reminderLead(tx, after.organisationId));
}

type Reminded = Pick<Invitation, 'reminder' | 'expiryHours' | 'expiresAt'>;
type Mailed = Reminded & Pick<Invitation, 'organisationId' | 'remindAt' | 'mailMessageId' | 'reminderTokenHash'>;
