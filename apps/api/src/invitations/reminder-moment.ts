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

/** When an invitation is to be reminded of. Null: not wanted, or so short that the reminder would come on the heels of the first mail. */
export async function reminderMoment(
  tx: EntityManager,
  { organisationId, reminder, expiryHours, expiresAt }: Reminded,
): Promise<Date | null> {
  if (!reminder) return null;
  const lead = await reminderLead(tx, organisationId);
  if (lead === 0 || expiryHours < 2 * lead) return null;
  return new Date(expiresAt.getTime() - lead * HOUR);
}

/** The same after a change that keeps the link: never twice, only of what went by mail, and no other moment for changes that do not touch it. */
export async function movedReminder(tx: EntityManager, before: Mailed, after: Mailed): Promise<Date | null> {
  const isUntouched = before.reminder === after.reminder && before.expiresAt.getTime() === after.expiresAt.getTime();
  if (isUntouched) return before.remindAt;
  return after.mailMessageId && !after.reminderTokenHash ? reminderMoment(tx, after) : null;
}

type Reminded = Pick<Invitation, 'organisationId' | 'reminder' | 'expiryHours' | 'expiresAt'>;
type Mailed = Reminded & Pick<Invitation, 'remindAt' | 'mailMessageId' | 'reminderTokenHash'>;
