import { Injectable } from '@nestjs/common';
import { Configuration } from '@usher/config';
import { Housekeeping } from '@usher/database';

/** Ids begin with the millisecond of their making: the oldest mails are found by them. */
const firstIdOf = (moment: string): string =>
  `(lpad(to_hex(floor(extract(epoch FROM ${moment}) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;

/** Deletes mails that are long over, but for the latest of an open invitation: its inviter still sees what became of it. */
@Injectable()
export class OldMail {
  constructor(housekeeping: Housekeeping, { MAIL_RETENTION_DAYS }: Configuration) {
    const oldest = `now() - interval '${MAIL_RETENTION_DAYS} days'`;
    housekeeping.register('mail out of date', {
      table: 'mail_messages',
      where: `id < ${firstIdOf(oldest)} AND created_at < ${oldest} AND status NOT IN ('QUEUED', 'SENDING') AND NOT EXISTS (
        SELECT FROM invitations AS invitation WHERE invitation.id = mail_messages.subject_id
          AND invitation.mail_message_id = mail_messages.id AND invitation.status = 'PENDING' AND invitation.expires_at > now())`,
      order: 'id',
    });
  }
}
