import { Injectable } from '@nestjs/common';
import { mailsFromTo, Outbox, SendingCounters } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../access/caller.js';
import { languageFor } from '../languages/languages.js';
import { letterheadOf } from '../organisations/letterhead.js';
import type { Role } from '../organisations/role.entity.js';
import { PlatformService } from '../platform/platform.service.js';
import { displayName, type User } from '../users/user.entity.js';
import { UserRepository } from '../users/user.repository.js';
import { addedToProjectMail } from './added-to-project.mail.js';
import type { Project } from './project.entity.js';

/** Tells people by mail that somebody put them into a project. */
@Injectable()
export class AddedToProject {
  constructor(
    private readonly users: UserRepository,
    private readonly platform: PlatformService,
    private readonly outbox: Outbox,
    private readonly counters: SendingCounters,
  ) {}

  async tell(tx: EntityManager, caller: Caller, project: Project, added: { user: User; role: Role }): Promise<void> {
    if (!this.outbox.isOpen || added.user.id === caller.id) return;
    const platform = await this.platform.settings(tx);
    const limit = platform.limits.mailsPerRecipientPerDay;
    if (!(await this.mayMail(tx, project, added.user, limit))) return;
    const adder = caller.type === 'user' ? await this.users.find(caller.id, tx) : null;
    const by = adder && displayName(adder);
    const letterhead = await letterheadOf(tx, platform, project.organisationId);
    const facts = { project: project.name, role: added.role.name, by };
    const content = addedToProjectMail(languageFor(letterhead.locale), letterhead, facts);
    const to = { address: added.user.email, name: null };
    await this.outbox.enqueue(tx, {
      tenantId: project.organisationId,
      subjectId: project.id,
      to,
      content,
      recipientLimit: limit,
    });
  }

  /** News that come after too many of this organisation's mails to the person are not sent: they are no reason to refuse. */
  private async mayMail(tx: EntityManager, project: Project, { email }: User, limit: number | null): Promise<boolean> {
    return limit === null || this.counters.takeExactly(tx, mailsFromTo(project.organisationId, email), limit);
  }
}
