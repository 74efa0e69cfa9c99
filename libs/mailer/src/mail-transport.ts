import type { RenderedMail } from './mail-rendering.js';

/** Where mails go: an SMTP server, or the mailbox page. */
export abstract class MailTransport {
  /** Resolves when the mail was taken over; rejects with a `MailRefusal`, or with anything else when it may be tried again. */
  abstract send(mail: RenderedMail): Promise<void>;
}

/** The receiving side refuses this mail for good. */
export class MailRefusal extends Error {}
