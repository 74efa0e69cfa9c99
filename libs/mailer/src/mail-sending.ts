import { Injectable } from '@nestjs/common';
import { DataSource, Raw } from 'typeorm';
import { MailMessage } from './mail-message.entity.js';
import { MailRendering } from './mail-rendering.js';
import { MailTransport } from './mail-transport.js';
import { mailsTo } from './recipient-limit.js';
import { SendingCounters, TOMORROW } from './sending-counters.js';

/** One attempt at one mail that was claimed. */
@Injectable()
export class MailSending {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rendering: MailRendering,
    private readonly transport: MailTransport,
    private readonly counters: SendingCounters,
  ) {}

  /** `held`: its recipient has got enough for today, and it waits. A mail that cannot be rendered or sent throws, alone. */
  async send(message: MailMessage): Promise<'sent' | 'held'> {
    if (await this.isTooMany(message)) return this.hold(message);
    await this.transport.send(this.rendering.render(message), () => this.isWanted(message));
    return 'sent';
  }

  /** What it speaks of may have ended or changed since it was claimed, and who holds the claim too. */
  private isWanted({ id, attempts }: MailMessage): Promise<boolean> {
    const isInTime = Raw((column) => `${column} > now()`);
    return this.dataSource.manager.existsBy(MailMessage, { id, attempts, status: 'SENDING', sendBefore: isInTime });
  }

  /** The limit counts mails, not attempts. */
  private async isTooMany({ attempts, toAddress, recipientLimit }: MailMessage): Promise<boolean> {
    if (attempts > 1 || recipientLimit === null) return false;
    return !(await this.counters.takeExactly(this.dataSource.manager, mailsTo(toAddress), recipientLimit));
  }

  /** Claimed beside another mail to the same person: it goes back as if nobody had touched it. */
  private async hold({ id, attempts }: MailMessage): Promise<'held'> {
    const { manager } = this.dataSource;
    const untouched = {
      status: 'QUEUED',
      attempts: 0,
      lastAttemptAt: null,
      nextAttemptAt: () => 'created_at',
    } as const;
    await manager.update(MailMessage, { id, attempts, status: 'SENDING' }, { ...untouched, heldUntil: () => TOMORROW });
    return 'held';
  }
}
