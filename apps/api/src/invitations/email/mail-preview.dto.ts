import { Optional } from '@usher/http';
import { IsIn } from 'class-validator';
import { IsLanguageTag } from '../../platform/platform.dto.js';

/** The mails that leave in an organisation's name. */
export const MAIL_TEMPLATES = ['invitation', 'reminder', 'added_to_project', 'renewal_request'] as const;
export type MailTemplate = (typeof MAIL_TEMPLATES)[number];

export class PreviewMailDto {
  /** Which mail. */
  @IsIn(MAIL_TEMPLATES)
  template: MailTemplate;

  /** A BCP 47 tag; otherwise as the organisation or the platform says. */
  @Optional()
  @IsLanguageTag()
  locale?: string;
}

export class MailSenderDto {
  name: string;

  address: string;
}

/** A mail as people would get it. */
export class MailPreviewDto {
  from: MailSenderDto;

  /** Where answers go; null: to `from`. */
  replyTo: string | null;

  subject: string;

  /** The language that it is written in, a BCP 47 tag: the nearest to what was asked for. */
  language: string;

  /** To be shown in a sandboxed frame. */
  html: string;

  /** The same for those who read text alone. */
  text: string;
}
