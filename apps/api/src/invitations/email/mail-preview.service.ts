import { Injectable } from '@nestjs/common';
import { type MailContent, MailRendering } from '@usher/mailer';
import { DataSource } from 'typeorm';
import { MEMBER_ROLE } from '../../access/permissions.js';
import { type Language, languageFor } from '../../languages/languages.js';
import { type Letterhead, letterheadOf } from '../../organisations/letterhead.js';
import { PlatformService } from '../../platform/platform.service.js';
import { addedToProjectMail } from '../../projects/added-to-project.mail.js';
import { invitationMail, type InvitationMailFacts } from './invitation.mail.js';
import type { MailPreviewDto, MailTemplate, PreviewMailDto } from './mail-preview.dto.js';
import { reminderMail } from './reminder.mail.js';
import { renewalRequestMail } from './renewal-request.mail.js';

const TOKENS = { action: 'example', optOut: 'example' };
const WEEK = 7 * 24 * 60 * 60 * 1000;
const ROBIN = 'Robin Doe';
const WEBSITE = { name: 'Website', role: 'Editor' };

/** Each mail by the function that makes it when it is sent, with facts made up. */
const EXAMPLES: Record<MailTemplate, (language: Language, letterhead: Letterhead) => MailContent> = {
  invitation: (language, letterhead) => invitationMail(language, letterhead, invited(language)),
  reminder: (language, letterhead) => reminderMail(language, letterhead, invited(language)),
  added_to_project: (language, letterhead) =>
    addedToProjectMail(language, letterhead, { project: WEBSITE.name, role: WEBSITE.role, by: ROBIN }),
  renewal_request: (language, letterhead) => renewalRequestMail(language, letterhead, 'kim@example.com'),
};

const invited = (language: Language): InvitationMailFacts => ({
  inviter: ROBIN,
  role: MEMBER_ROLE.name,
  projects: [WEBSITE],
  message: language.say('mails.preview.message'),
  expiresAt: new Date(Date.now() + WEEK),
});

/** Shows whoever sets an organisation's face what becomes of it. */
@Injectable()
export class MailPreviewService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly platform: PlatformService,
    private readonly rendering: MailRendering,
  ) {}

  /** Nothing is sent or written; its links have no real tokens. */
  async preview(organisationId: string, { template, locale }: PreviewMailDto): Promise<MailPreviewDto> {
    const letterhead = await letterheadOf(this.dataSource.manager, await this.platform.settings(), organisationId);
    const language = languageFor(locale, letterhead.locale);
    const { replyTo, ...mail } = this.rendering.compose(EXAMPLES[template](language, letterhead), TOKENS);
    return { ...mail, replyTo: replyTo?.address ?? null, language: language.tag };
  }
}
