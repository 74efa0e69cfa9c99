import type { RenderedMail } from './mail-rendering.js';

/** Where mails go: an SMTP server, or the mailbox page. */
export abstract class MailTransport {
  /** Resolves when the mail was taken over; rejects with `MailRefused` or `MailDelayed`. */
  abstract send(mail: RenderedMail): Promise<void>;
}

/** The receiving side refuses this mail for good. The message is for inviters: no secrets, nothing of our network. */
export class MailRefused extends Error {}

/** It may work later. The message is for inviters, as above. */
export class MailDelayed extends Error {
  constructor(
    message: string,
    /** Set when no mail can leave at all: a word such as `ECONNREFUSED`. */
    readonly channelTrouble: string | null,
  ) {
    super(message);
  }
}
