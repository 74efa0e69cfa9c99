import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { Configuration, currentSpan, Secrets, traceparentOf } from '@usher/config';
import { type Chore, flush, insertion, newId, sql, type Statement, Transactions } from '@usher/database';
import { Any, type EntityManager, In } from 'typeorm';
import type { MailContent } from './mail-content.js';
import { MailDispatcher } from './mail-dispatcher.js';
import { ERASED, IS_OPEN, MailMessage, SAYS_SOMETHING, STATUS } from './mail-message.entity.js';
import { TOKEN_PURPOSE } from './mail-rendering.js';
import { messageIdOf } from './message-id.js';

export type { MailContent };

/** A mail to one person. */
export interface Mail {
  tenantId: string | null;
  subjectId: string;
  to: { address: string; name: string | null };
  content: MailContent;
  /** The secret of the action's link. */
  token?: string;
  sendBefore?: Date;
  /** How many mails such as this one the recipient may get in a day, whoever sends them: what is more waits. Default: any number. */
  recipientLimit?: number | null;
}

/** News that nobody set an end to. */
const WORTH_SENDING_DAYS = 3;
/** What a mail said is forgotten then; what became of it is not. */
const REMEMBERED_DAYS = 30;

const CANCEL = `
  UPDATE mail_messages SET status = 'SKIPPED', sealed_token = NULL, last_error = 'No longer valid when it was due'
  WHERE subject_id = ANY ($1) AND ${STATUS} IN ('QUEUED', 'SENDING')`;

/** Takes mails in the transaction that they speak of; they leave after it has committed. */
@Injectable()
export class Outbox {
  /** False in production without SMTP: nothing can be sent, links are answered instead. */
  readonly isOpen: boolean;
  private readonly domain: string;

  constructor(
    configuration: Configuration,
    private readonly secrets: Secrets,
    private readonly transactions: Transactions,
    private readonly dispatcher: MailDispatcher,
  ) {
    this.isOpen = configuration.mailChannel !== 'none';
    this.domain = URL.canParse(configuration.publicUrl) ? new URL(configuration.publicUrl).hostname : hostname();
  }

  /** Queues the mail and answers its id. */
  async enqueue(tx: EntityManager, mail: Mail): Promise<string> {
    const row = this.rowOf(mail);
    const sendBefore = mail.sendBefore ?? (() => `now() + interval '${WORTH_SENDING_DAYS} days'`);
    await tx.insert(MailMessage, { ...row, sendBefore });
    this.transactions.afterCommit(tx, () => this.dispatcher.wake());
    return row.id;
  }

  /** For a transaction that sends it with its other writes: the mails' ids, in their order, and the statement that queues them; at least one. */
  queueing(tx: EntityManager, mails: (Mail & { sendBefore: Date })[]): { ids: string[]; statement: Statement } {
    const rows = mails.map((mail) => ({ ...this.rowOf(mail), sendBefore: mail.sendBefore }));
    this.transactions.afterCommit(tx, () => this.dispatcher.wake());
    return { ids: rows.map(({ id }) => id), statement: insertion(tx.dataSource, MailMessage, rows) };
  }

  /** Takes back what has not been sent about these subjects, in the transaction that ends or changes them. */
  async cancel(tx: EntityManager, subjectIds: string[]): Promise<void> {
    await flush(tx, [this.cancelling(subjectIds)]);
  }

  /** The same, for a transaction that sends it with its other writes. */
  cancelling(subjectIds: string[]): Statement {
    return sql(CANCEL, [subjectIds]);
  }

  /** Takes back everything of a tenant that has not been sent; `reason` is for those who see the delivery. */
  async cancelOf(tx: EntityManager, tenantId: string, reason: string): Promise<void> {
    const open = { tenantId, status: In(['QUEUED', 'SENDING']) };
    await tx.update(MailMessage, open, { status: 'SKIPPED', sealedToken: null, lastError: reason });
  }

  /** Forgets a person: their address, and their name in what was sent about these subjects. That something was sent stays known. */
  async forget(tx: EntityManager, address: string, subjectIds: string[]): Promise<void> {
    const open = { toAddress: address, status: In(['QUEUED', 'SENDING']) };
    await tx.update(MailMessage, open, { status: 'SKIPPED', sealedToken: null });
    const nobody = { toAddress: ERASED, toName: null, lastError: null };
    await tx.update(MailMessage, { toAddress: address }, { ...nobody, content: NOTHING });
    await tx.update(MailMessage, { subjectId: Any(subjectIds) }, { content: NOTHING });
    const mention = [address, wholeAddress(address)];
    await tx.query(SKIP_MENTIONS, mention);
    await tx.query('SET LOCAL enable_seqscan = off'); // PostgreSQL cannot know how few still say something
    await tx.query(FORGET_MENTIONS, [...mention, JSON.stringify(NOTHING)]);
    await tx.query('SET LOCAL enable_seqscan = on');
  }

  private rowOf(mail: Mail) {
    const id = newId();
    return {
      id,
      tenantId: mail.tenantId,
      subjectId: mail.subjectId,
      toAddress: mail.to.address,
      toName: mail.to.name,
      content: mail.content,
      sealedToken: mail.token ? this.secrets.seal(TOKEN_PURPOSE, mail.token, id) : null,
      messageId: messageIdOf(id, this.domain),
      recipientLimit: mail.recipientLimit ?? null,
      refusable: mail.content.optOut !== undefined,
      traceparent: traceparentOf(currentSpan()),
    };
  }
}

/** Finds lee@x.example, also behind the `\n` of JSON, but neither in anna.lee@x.example nor in lee@x.example.org. */
const wholeAddress = (address: string): string =>
  `(^|[^a-z0-9._%+-]|\\\\[bfnrt])${address.replace(/[^a-z0-9]/g, '\\$&')}(?![a-z0-9-]|[.][a-z0-9])`;

const MENTIONS = `strpos(lower(content::text), $1) > 0 AND lower(content::text) ~ $2`;

/** Mails to others that name the person and still wait are not sent any more; `FORGET_MENTIONS` then clears them. */
const SKIP_MENTIONS = `
  UPDATE mail_messages SET status = 'SKIPPED', sealed_token = NULL WHERE ${IS_OPEN} AND ${MENTIONS}`;

/**
 * Mails to others may speak of the person, such as one that asks for a fresh link. Reads every mail that still says
 * something: nobody is erased often.
 */
const FORGET_MENTIONS = `UPDATE mail_messages SET content = $3 WHERE ${SAYS_SOMETHING} AND ${MENTIONS}`;

const NOTHING: MailContent = {
  subject: '',
  language: 'en',
  direction: 'ltr',
  heading: '',
  paragraphs: [],
  closing: [],
};

/** Housekeeping: what mails said. */
export const OLD_CONTENT: Chore = {
  table: 'mail_messages',
  where: `${SAYS_SOMETHING} AND created_at < now() - interval '${REMEMBERED_DAYS} days'`,
  order: 'created_at',
  set: `content = '${JSON.stringify(NOTHING)}', to_name = NULL`,
};
