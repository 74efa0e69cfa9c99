import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { Configuration, Secrets } from '@usher/config';
import Handlebars from 'handlebars';
import type { MailContent } from './mail-content.js';
import type { ClaimedMail } from './claimed-mail.js';
import { optOutToken } from './opt-out-token.js';
import { literal, unlinked } from './unlinked.js';

export const TOKEN_PURPOSE = 'mail token';

interface MailAddress {
  name: string;
  address: string;
}

/** A mail as it reads. */
export interface ComposedMail {
  from: MailAddress;
  /** Missing: answers go to `from`. */
  replyTo?: MailAddress;
  subject: string;
  html: string;
  text: string;
}

/** A mail as it leaves, to one recipient. */
export interface RenderedMail extends ComposedMail {
  /** Of its row. */
  id: string;
  messageId: string;
  to: MailAddress;
  /** Where a mail client asks, by one POST, that no more such mails come (RFC 8058). */
  unsubscribe?: string;
}

/** The secrets of a mail's links; null: the link has none. */
export interface LinkTokens {
  action: string | null;
  optOut: string | null;
}

const PLAIN_ACCENT = '#1d4ed8';

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

  render(message: ClaimedMail): RenderedMail {
    const { id, messageId, tenantId, toName, toAddress, content, sealedToken } = message;
    const optOut = optOutToken(this.secrets, { tenantId, address: toAddress });
    const action = sealedToken && this.secrets.open(TOKEN_PURPOSE, sealedToken, id);
    return {
      id,
      messageId,
      to: { name: literal(toName ?? ''), address: toAddress },
      ...this.compose(content, { action, optOut }),
      ...(content.optOut ? { unsubscribe: `${this.addressOf(content.optOut)}?token=${optOut}` } : {}),
    };
  }

  /** What a mail of this content looks like, whether or not it is in the outbox. */
  compose(content: MailContent, tokens: LinkTokens): ComposedMail {
    const { replyTo, subject } = content;
    const links = {
      action: this.link(content.action, tokens.action),
      optOut: this.link(content.optOut, tokens.optOut),
    };
    const context = { ...content, ...looksOf(content), ...links };
    return {
      from: this.configuration.mailFrom,
      ...(replyTo ? { replyTo: { name: '', address: replyTo } } : {}),
      subject: literal(subject),
      html: this.html(context),
      text: this.text(context).trim() + '\n',
    };
  }

  private link(target: { path: string } | undefined, token: string | null): object | null {
    if (!target) return null;
    return { ...target, url: readable(`${this.addressOf(target)}${token ? `#token=${token}` : ''}`) };
  }

  private addressOf({ path }: { path: string }): string {
    return `${this.configuration.publicUrl}${path}`;
  }
}

function looksOf({ sender, support, paragraphs, direction }: MailContent): object {
  return {
    ...senderLooks(sender),
    /** What lists of mails show behind the subject. */
    preview: paragraphs[0],
    start: direction === 'rtl' ? 'right' : 'left',
    support: support
      ? { ...support, mailto: `mailto:${encodeURIComponent(support.address).replace('%40', '@')}` }
      : null,
  };
}

/** A mail that was queued before there were looks has none. */
function senderLooks(sender: MailContent['sender']): object {
  if (!sender) return { accent: PLAIN_ACCENT, logo: null, wordmark: null };
  const { name, logoUrl, accentColour } = sender;
  return { accent: accentColour ?? PLAIN_ACCENT, logo: logoUrl ? { url: logoUrl, name } : null, wordmark: name };
}

function compile(name: string, options: { noEscape: boolean }): Handlebars.TemplateDelegate {
  const source = readFileSync(new URL(`./templates/${name}`, import.meta.url), 'utf8');
  const template = Handlebars.create();
  template.registerHelper('unlinked', unlinked);
  return template.compile(source, { ...options, strict: true, knownHelpers: { unlinked: true } });
}
