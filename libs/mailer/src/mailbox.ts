import { Injectable } from '@nestjs/common';
import { Secrets } from '@usher/config';
import { newId } from '@usher/database';
import type { MailMessage, Transport } from 'nodemailer';
import { DataSource } from 'typeorm';
import type { RenderedMail } from './mail-rendering.js';
import { MailboxMessage } from './mailbox-message.entity.js';
import type { OutgoingMail } from './passage.js';

const PURPOSE = 'mailbox message';
const KEPT = 200;

/** A mail as the page shows it. */
type KeptMail = Pick<RenderedMail, 'to' | 'replyTo' | 'subject' | 'html' | 'text'>;

/** Stands in for everybody's mailbox outside production when there is no SMTP; keeps the newest 200 mails. */
@Injectable()
export class Mailbox implements Transport<void> {
  readonly name = 'mailbox';
  readonly version = '1';

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: Secrets,
  ) {}

  /** As nodemailer calls the transports of others. */
  send({ data }: MailMessage<void>, done: (error: Error | null) => void): void {
    const mail = data as KeptMail & OutgoingMail; // as: `MailTransport` makes it
    mail.passage
      .pass()
      .then(() => this.keep(mail))
      .then(() => done(null), done);
  }

  private async keep({ to, replyTo, subject, html, text }: KeptMail): Promise<void> {
    const id = newId();
    const kept = JSON.stringify({ to, replyTo, subject, html, text });
    await this.dataSource.manager.insert(MailboxMessage, { id, sealed: this.secrets.seal(PURPOSE, kept, id) });
    await this.dataSource.query(
      'DELETE FROM mailbox_messages WHERE created_at < (SELECT created_at FROM mailbox_messages ORDER BY created_at DESC OFFSET $1 LIMIT 1)',
      [KEPT - 1],
    );
  }

  /** Newest first. */
  async latest(limit = KEPT): Promise<(KeptMail & { id: string; at: Date })[]> {
    const messages = await this.dataSource.manager.find(MailboxMessage, {
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit,
    });
    return messages.flatMap((message) => this.open(message));
  }

  /** None when it was sealed with a secret that is no longer used. */
  private open({ id, sealed, createdAt: at }: MailboxMessage): [] | [KeptMail & { id: string; at: Date }] {
    try {
      const mail = JSON.parse(this.secrets.open(PURPOSE, sealed, id)) as KeptMail; // as: sealed by `keep`
      return [{ ...mail, id, at }];
    } catch {
      return [];
    }
  }
}
