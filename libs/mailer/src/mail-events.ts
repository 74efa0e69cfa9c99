import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ERASED, type MailStatus } from './mail-message.entity.js';
import { mailNamedBy } from './message-id.js';
import { inReadableWords, isBareCode } from './smtp-answers.js';

export const MAIL_EVENT_TYPES = ['delayed', 'delivered', 'bounced', 'complained'] as const;
export type MailEventType = (typeof MAIL_EVENT_TYPES)[number];

/** What became of a mail after the mail server took it. */
export interface MailEvent {
  /** RFC 5322 Message-ID with or without angle brackets, or what Usher named the mail by to a provider; others are nobody's. */
  messageId: string;
  /** `relayed`: passed on, and nothing more is known; it changes nothing. */
  type: MailEventType | 'relayed';
  /** Of whom it speaks. Of several events of a mail the one that names its recipient counts. */
  recipients?: string[];
  /** In the words of who reports it. */
  reason?: string;
  /** When it happened, ISO 8601. */
  at?: string;
}

/** An event that changed what is known of a mail. */
export interface AppliedMailEvent {
  mailId: string;
  tenantId: string | null;
  toAddress: string;
  before: MailStatus;
  after: MailStatus;
  type: MailEventType;
  at: string | null;
}

const REASONS: Record<MailEvent['type'], string | null> = {
  relayed: null,
  delayed: 'The mail is delayed on its way',
  delivered: null,
  bounced: 'The mail came back',
  complained: 'The recipient reported the mail as spam',
};

/**
 * Of a report on several recipients the event that names the mail's own wins. Else the event that says most wins, in whatever order they come:
 * a complaint over a bounce over a delivery over a delay, which is only noted.
 * A mail can be known to have arrived before its sender knows that it was taken. Of who was erased nothing is learnt: reasons name addresses.
 */
const APPLY = `
  WITH given AS (
    SELECT DISTINCT ON (mail_id) mail_id, says, type, meaning.status, reason, at
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS event (mail_id, type, reason, at, recipients)
    JOIN (VALUES ('relayed', 0, 'SENT'), ('delayed', 1, 'SENT'), ('delivered', 2, 'DELIVERED'), ('bounced', 3, 'BOUNCED'),
        ('complained', 4, 'COMPLAINED'))
      AS meaning (type, says, status) USING (type)
    LEFT JOIN mail_messages AS mail ON mail.id = mail_id
    ORDER BY mail_id, coalesce(lower(mail.to_address) = ANY (string_to_array(recipients, E'\\n')), false) DESC, says DESC),
  known AS (
    SELECT given.*, mail.status AS before
    FROM given JOIN mail_messages AS mail ON mail.id = mail_id
    WHERE mail.to_address <> '${ERASED}' AND says > CASE mail.status
        WHEN 'SENDING' THEN 1 WHEN 'SENT' THEN (mail.last_error IS NOT DISTINCT FROM reason)::int
        WHEN 'DELIVERED' THEN 2 WHEN 'BOUNCED' THEN 3 ELSE 4 END
    ORDER BY mail_id FOR UPDATE OF mail)
  UPDATE mail_messages AS mail SET status = known.status, last_error = known.reason, sealed_token = NULL
  FROM known WHERE mail.id = known.mail_id
  RETURNING mail.id AS "mailId", mail.tenant_id AS "tenantId", mail.to_address AS "toAddress",
    known.before, known.status AS after, known.type, known.at`;

/** Takes in what providers and bounces report. */
@Injectable()
export class MailEvents {
  /** One statement for all of them; answers those that changed something. The same again changes nothing. */
  async apply(tx: EntityManager, events: MailEvent[]): Promise<AppliedMailEvent[]> {
    const ours = events.flatMap(({ messageId, ...event }) => {
      const mailId = mailNamedBy(messageId);
      return mailId ? [{ mailId, ...event }] : [];
    });
    const [applied]: [AppliedMailEvent[], number] = await tx.query(APPLY, [
      ours.map(({ mailId }) => mailId),
      ours.map(({ type }) => type),
      ours.map(reasonOf),
      ours.map(({ at }) => at ?? null),
      ours.map(({ recipients = [] }) => recipients.join('\n')),
    ]);
    return applied;
  }
}

/** A bare code says nothing to inviters. */
function reasonOf({ type, reason = '' }: Pick<MailEvent, 'type' | 'reason'>): string | null {
  const said = inReadableWords(reason);
  if (type === 'delivered' || !said) return REASONS[type];
  return isBareCode(said) ? `${REASONS[type]} (${said})` : said;
}
