import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ERASED, type MailStatus } from './mail-message.entity.js';
import { mailNamedBy } from './message-id.js';
import { inReadableWords } from './smtp-answers.js';

export const MAIL_EVENT_TYPES = ['delayed', 'delivered', 'bounced', 'complained'] as const;
export type MailEventType = (typeof MAIL_EVENT_TYPES)[number];

/** What became of a mail after the mail server took it. */
export interface MailEvent {
  /** RFC 5322 Message-ID with or without angle brackets, or what Usher named the mail by to a provider; others are nobody's. */
  messageId: string;
  type: MailEventType;
  /** In the words of who reports it. */
  reason?: string;
  /** When it happened, ISO 8601. */
  at?: string;
}

/** An event that changed what is known of a mail. */
export interface AppliedMailEvent {
  mailId: string;
  tenantId: string | null;
  before: MailStatus;
  after: MailStatus;
  type: MailEventType;
  at: string | null;
}

const REASONS: Record<MailEventType, string | null> = {
  delayed: 'The mail is delayed on its way',
  delivered: null,
  bounced: 'The mail came back',
  complained: 'The recipient reported the mail as spam',
};

/**
 * The event that says most wins, in whatever order they come: a complaint over a bounce over a delivery over a delay, which is only noted.
 * A mail can be known to have arrived before its sender knows that it was taken. Of who was erased nothing is learnt: reasons name addresses.
 */
const APPLY = `
  WITH given AS (
    SELECT DISTINCT ON (mail_id) mail_id, says, type, status, reason, at
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS event (mail_id, type, reason, at)
    JOIN (VALUES ('delayed', 1, 'SENT'), ('delivered', 2, 'DELIVERED'), ('bounced', 3, 'BOUNCED'), ('complained', 4, 'COMPLAINED'))
      AS meaning (type, says, status) USING (type)
    ORDER BY mail_id, says DESC),
  known AS (
    SELECT given.*, mail.status AS before
    FROM given JOIN mail_messages AS mail ON mail.id = mail_id
    WHERE mail.to_address <> '${ERASED}' AND says > CASE mail.status
        WHEN 'SENDING' THEN 1 WHEN 'SENT' THEN (mail.last_error IS NOT DISTINCT FROM reason)::int
        WHEN 'DELIVERED' THEN 2 WHEN 'BOUNCED' THEN 3 ELSE 4 END
    ORDER BY mail_id FOR UPDATE OF mail)
  UPDATE mail_messages AS mail SET status = known.status, last_error = known.reason, sealed_token = NULL
  FROM known WHERE mail.id = known.mail_id
  RETURNING mail.id AS "mailId", mail.tenant_id AS "tenantId", known.before, known.status AS after, known.type, known.at`;

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
      ours.map(({ type, reason }) => (reason && type !== 'delivered' ? inReadableWords(reason) : REASONS[type])),
      ours.map(({ at }) => at ?? null),
    ]);
    return applied;
  }
}
