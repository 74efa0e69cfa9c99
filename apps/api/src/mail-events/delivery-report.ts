import { type MailEvent, type MailEventType, mailNamedBy } from '@usher/mailer';

/** Whatever is behind is not looked at: a report comes first, and anybody can write bounces that take seconds to be read. */
const LONGEST_READ = 262_144;
const LARGEST_HEADERS = 65_536;
const DEEPEST = 8;

/** RFC 3464: `failed` means that nobody tries any more, whatever the status says. */
const ACTIONS: Readonly<Record<string, MailEventType>> = {
  failed: 'bounced',
  delayed: 'delayed',
  delivered: 'delivered',
  relayed: 'delivered',
  expanded: 'delivered',
};

/** What a delivery status notification (RFC 3464) says of the mail that it returns; null for other mails. */
export async function eventOfReport(bytes: Buffer): Promise<MailEvent | null> {
  const { default: PostalMime } = await import('postal-mime'); // for those who have bounces brought here
  const report = await PostalMime.parse(bytes.subarray(0, LONGEST_READ), {
    forceRfc822Attachments: true,
    attachmentEncoding: 'utf8',
    maxNestingDepth: DEEPEST,
    maxHeadersSize: LARGEST_HEADERS,
  }).catch(() => null); // nested or headed beyond measure: no report
  const part = (...types: string[]): string => {
    const content = report?.attachments.find(({ mimeType }) => types.includes(mimeType))?.content;
    return typeof content === 'string' ? content : '';
  };
  const status = part('message/delivery-status', 'message/global-delivery-status');
  const returned = part('message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers');
  const type = ACTIONS[field(status, 'Action').toLowerCase()] as MailEventType | undefined; // as: there are other words
  const names = [field(returned.split(/\r?\n\r?\n/)[0], 'Message-ID'), field(status, 'Original-Envelope-Id')];
  const messageId = names.find(mailNamedBy);
  if (!type || !messageId) return null;
  return { messageId, type, reason: reasonIn(status) };
}

/** Without the word before the semicolon, which says whose words they are. */
const reasonIn = (status: string): string | undefined =>
  field(status, 'Diagnostic-Code').replace(/^[\w-]+;\s*/, '') || field(status, 'Status') || undefined;

/** The first field of that name, unfolded. */
function field(text: string, name: string): string {
  const unfolded = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const line = unfolded.find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? '';
  return line.slice(name.length + 1).trim();
}
