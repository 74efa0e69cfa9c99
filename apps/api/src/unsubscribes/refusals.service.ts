import { Injectable } from '@nestjs/common';
import { Audit } from '@usher/audit';
import { Transactions } from '@usher/database';
import { invalid, problem } from '@usher/http';
import { type Correspondence, MailRefusals } from '@usher/mailer';
import { DataSource, type EntityManager } from 'typeorm';
import { WrongTokens } from '../auth/wrong-tokens.js';
import { Organisation, publicName } from '../organisations/organisation.entity.js';
import { maskAddress } from '../users/masked-address.js';
import type { RefusalsDto, RefusedDto } from './refusals.dto.js';

const closed = () =>
  problem(410, 'opt_out_closed', 'This link does not work. Open the last link in your newest mail from us.');

/** People refuse invitations, or welcome them again, by the last link of a mail. No account is needed. */
@Injectable()
export class RefusalsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly refusals: MailRefusals,
    private readonly wrongTokens: WrongTokens,
    private readonly transactions: Transactions,
    private readonly audit: Audit,
  ) {}

  /** 410 for what is no such token, and 429 after 30 of those in a minute. */
  async lookup(token: string): Promise<RefusalsDto> {
    const mails = await this.find(token);
    const { manager } = this.dataSource;
    const refused = await this.refusals.of(manager, mails);
    const { tenantId: id } = mails;
    const organisation = id === null ? null : await manager.findOne(Organisation, { where: { id } });
    return {
      email: maskAddress(mails.address),
      organisation: organisation && { name: publicName(organisation) },
      refused: { organisation: refused.tenant, platform: refused.installation },
    };
  }

  /** What is left out stays as it is; asking twice changes nothing. */
  async change(token: string, wish: Partial<RefusedDto>): Promise<void> {
    const mails = await this.find(token);
    if (mails.tenantId === null && wish.organisation !== undefined)
      throw invalid('organisation', 'organisation cannot be given: this mail came from the installation itself');
    await this.transactions.run(async (tx) => {
      await this.set(tx, mails, wish.organisation);
      await this.set(tx, { ...mails, tenantId: null }, wish.platform);
    });
  }

  /** At one click in the mail client: no more from where the mail came from. */
  async refuse(token: string): Promise<void> {
    const mails = await this.find(token);
    await this.transactions.run((tx) => this.set(tx, mails, true));
  }

  /** The event tells neither who it was nor, but to the platform, that they refuse everybody. */
  async set(tx: EntityManager, mails: Correspondence, isRefused: boolean | undefined): Promise<void> {
    if (isRefused === undefined) return;
    const id = isRefused ? await this.refusals.refuse(tx, mails) : await this.refusals.allow(tx, mails);
    if (id === null) return;
    const action = isRefused ? 'mail.opted_out' : 'mail.opted_in';
    await this.audit.record(tx, { action, subject: { type: 'mail_refusal', id }, tenantId: mails.tenantId });
  }

  private async find(token: string): Promise<Correspondence> {
    await this.wrongTokens.refuseGuesser();
    const mails = this.refusals.read(token);
    if (mails) return mails;
    await this.wrongTokens.count();
    throw closed();
  }
}
