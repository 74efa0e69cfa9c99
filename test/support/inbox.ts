import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { eventually } from './eventually.js';
import { testLog } from './test-log.js';

export interface ReceivedMail extends ParsedMail {
  /** The envelope's recipients: one, always. */
  recipients: string[];
}

/** A real SMTP server on loopback, where everybody gets their mail. */
export class Inbox {
  readonly mails: ReceivedMail[] = [];
  /** Set to answer the next messages with this SMTP status instead of taking them. */
  refuseWith: { code: number; message: string } | null = null;
  /** Called when a mail has arrived, before its sender is told so. */
  onArrival: ((mail: ReceivedMail) => void | Promise<void>) | null = null;
  private readonly server: SMTPServer;

  constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_address, _session, callback) => callback(this.refusal()),
      onData: (stream, session, callback) => {
        const keep = async (mail: ParsedMail): Promise<void> => {
          const recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
          const received = { ...mail, recipients };
          this.mails.push(received);
          testLog.remember(mail.text);
          await this.onArrival?.(received);
          callback();
        };
        // A sender that dies in the middle of a mail has not sent it.
        simpleParser(stream).then(keep, callback);
      },
    });
  }

  async open(): Promise<this> {
    this.server.on('error', () => undefined); // a sender that was killed resets its connection
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    const { port } = this.server.server.address() as AddressInfo; // as: it listens on TCP
    return `smtp://127.0.0.1:${port}`;
  }

  to(address: string): ReceivedMail[] {
    return this.mails.filter((mail) => mail.recipients.includes(address));
  }

  /** Waits until the address has that many mails, and answers the newest. */
  async newest(address: string, count = 1): Promise<ReceivedMail> {
    return eventually(() => {
      const mails = this.to(address);
      if (mails.length < count) throw new Error(`${address} has ${mails.length} of ${count} mails`);
      return mails[mails.length - 1];
    });
  }

  /** The secret of the newest mail's link. */
  async token(address: string, count = 1): Promise<string> {
    return tokenOf(await this.newest(address, count));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private refusal(): Error | null {
    if (!this.refuseWith) return null;
    return Object.assign(new Error(this.refuseWith.message), { responseCode: this.refuseWith.code });
  }
}

export function tokenOf(mail: { text?: string }): string {
  const token = /#token=([\w-]+)/.exec(mail.text ?? '')?.[1];
  if (!token) throw new Error(`There is no link in this mail:\n${mail.text}`);
  return token;
}
