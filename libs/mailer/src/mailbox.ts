import { Injectable } from '@nestjs/common';
import { Secrets } from '@usher/config';
import { newId } from '@usher/database';
import { DataSource } from 'typeorm';
import type { RenderedMail } from './mail-rendering.js';
import { MailTransport, MailUnwanted } from './mail-transport.js';
import { MailboxMessage } from './mailbox-message.entity.js';

const PURPOSE = 'mailbox message';
const KEPT = 200;

/** Stands in for everybody's mailbox outside production when there is no SMTP; keeps the newest 200 mails. */
@Injectable()
export class Mailbox extends MailTransport {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: Secrets,
  ) {
    super();
  }

  async send(mail: RenderedMail, isWanted: () => Promise<boolean>): Promise<void> {
    if (!(await isWanted())) throw new MailUnwanted();
    const id = newId();
    await this.dataSource.manager.insert(MailboxMessage, {
      id,
      sealed: this.secrets.seal(PURPOSE, JSON.stringify(mail), id),
    });
    await this.dataSource.query(
      'DELETE FROM mailbox_messages WHERE created_at < (SELECT created_at FROM mailbox_messages ORDER BY created_at DESC OFFSET $1 LIMIT 1)',
      [KEPT - 1],
    );
  }

  /** Newest first. */
  async latest(limit = KEPT): Promise<(RenderedMail & { id: string; at: Date })[]> {
    const messages = await this.dataSource.manager.find(MailboxMessage, {
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit,
    });
    return messages.flatMap((message) => this.open(message));
  }

  /** None when it was sealed with a secret that is no longer used. */
  private open({ id, sealed, createdAt: at }: MailboxMessage): [] | [RenderedMail & { id: string; at: Date }] {
    try {
      const mail = JSON.parse(this.secrets.open(PURPOSE, sealed, id)) as RenderedMail; // as: sealed by `send`
      return [{ ...mail, id, at }];
    } catch {
      return [];
    }
  }
}
