import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { Configuration, Secrets } from '@usher/config';
import Handlebars from 'handlebars';
import type { MailMessage } from './mail-message.entity.js';
import { optOutToken } from './opt-out-token.js';

export const TOKEN_PURPOSE = 'mail token';

/** A mail as it leaves: one recipient, both bodies. */
export interface RenderedMail {
  messageId: string;
  from: { name: string; address: string };
  to: { name: string; address: string };
  subject: string;
  html: string;
  text: string;
  /** Where a mail client asks, by one POST, that no more such mails come (RFC 8058). */
  unsubscribe?: string;
}

const WORD_JOINER = '\u2060';
/** Where mail clients see a web or mail address: a dot (of any script) or at sign before more text, and the slashes behind a scheme. */
const LINKABLE = /[.@\u3002\uFF0E\uFF61](?=\S)|:(?=[/\\])/gu;

/** Looks the same, but no mail client makes a link of it. */
const unlinked = (text: string): string => text.replace(LINKABLE, `$&${WORD_JOINER}`);

/** Escaped like everything else, but for the equals sign, which is harmless in attributes and breaks links that people copy from the source. */
const readable = (url: string): Handlebars.SafeString =>
  new Handlebars.SafeString(Handlebars.escapeExpression(url).replaceAll('&#x3D;', '='));

/** Makes HTML and text of a mail's content; the same content serves both. */
@Injectable()
export class MailRendering {
  private readonly html = compile('message.html.hbs', { noEscape: false });
  private readonly text = compile('message.text.hbs', { noEscape: true });

  constructor(
    private readonly configuration: Configuration,
    private readonly secrets: Secrets,
  ) {}

  render(message: MailMessage): RenderedMail {
    const wayOut = this.wayOutOf(message);
    const optOut = wayOut && { ...message.content.optOut, url: readable(`${wayOut.page}#token=${wayOut.token}`) };
    const context = { ...message.content, action: this.actionOf(message), optOut };
    return {
      messageId: message.messageId,
      from: this.configuration.mailFrom,
      to: { name: message.toName ?? '', address: message.toAddress },
      subject: message.content.subject,
      html: this.html(context),
      text: this.text(context).trim() + '\n',
      ...(wayOut ? { unsubscribe: `${wayOut.page}?token=${wayOut.token}` } : {}),
    };
  }

  private wayOutOf({ content: { optOut }, tenantId, toAddress: address }: MailMessage) {
    if (!optOut) return null;
    return {
      page: `${this.configuration.publicUrl}${optOut.path}`,
      token: optOutToken(this.secrets, { tenantId, address }),
    };
  }

  private actionOf(message: MailMessage): object | null {
    const { action } = message.content;
    if (!action) return null;
    const token = message.sealedToken ? this.secrets.open(TOKEN_PURPOSE, message.sealedToken, message.id) : null;
    const url = `${this.configuration.publicUrl}${action.path}${token ? `#token=${token}` : ''}`;
    return { ...action, url: readable(url) };
  }
}

function compile(name: string, options: { noEscape: boolean }): Handlebars.TemplateDelegate {
  const source = readFileSync(new URL(`./templates/${name}`, import.meta.url), 'utf8');
  const template = Handlebars.create();
  template.registerHelper('unlinked', unlinked);
  return template.compile(source, { ...options, strict: true, knownHelpers: { unlinked: true } });
}
