import { mailNamedBy, type MailEvent } from '@usher/mailer';

/** Whatever is behind is not looked at: a report comes first, and anybody can write bounces that take seconds to be read. */
const LONGEST_READ = 262_144;
const LARGEST_HEADERS = 65_536;
const DEEPEST = 8;

/** RFC 3464: `failed` means that nobody tries any more, whatever the status says; what was passed on has not arrived yet. */
const ACTIONS: Readonly<Record<string, MailEvent['type'] | undefined>> = {
  failed: 'bounced',
  delayed: 'delayed',
  delivered: 'delivered',
  relayed: 'relayed',
  expanded: 'relayed',
};

/** Types of feedback (RFC 5965, RFC 6591) in which nobody complains. Unknown ones count as `other`, which is a complaint. */
const NO_COMPLAINT = ['not-spam', 'auth-failure'];
/** RFC 3463: the time for delivery is over. Some write it into warnings too, and say until when they try. */
const EXPIRED = /^4\.4\.7\b/;
const GIVEN_UP = 'The mail could not be delivered in time';

/**
 * What a delivery status notification (RFC 3464) says of the mail that it returns, one event for each recipient,
 * or a feedback report (RFC 5965); none for other mails.
 */
export async function eventsOfReport(bytes: Buffer, now = new Date()): Promise<MailEvent[]> {
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
  const feedback = part('message/feedback-report');
  const returned = part('message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers');
  const messageId = nameIn(returned, status);
  if (!messageId) return [];
  if (feedback) return isComplaint(feedback) ? [{ messageId, type: 'complained' }] : [];
  return blocksOf(status).flatMap((block) => eventOf(block, messageId, dateOf(report?.date) ?? now));
}

/** Who replaces the Message-ID keeps the envelope or the header that Postmark reads. */
function nameIn(returned: string, status: string): string | undefined {
  const [headers = ''] = blocksOf(returned);
  return [
    field(headers, 'Message-ID'),
    field(status, 'Original-Envelope-Id'),
    field(headers, 'X-PM-Metadata-usher-mail'),
  ].find(mailNamedBy);
}

const isComplaint = (feedback: string): boolean =>
  !NO_COMPLAINT.includes(firstWord(field(feedback, 'Feedback-Type')) ?? '');

/** What the fields of one recipient say; nothing when they are the fields of the whole report. */
function eventOf(block: string, messageId: string, reportedAt: Date): MailEvent[] {
  const type = ACTIONS[firstWord(field(block, 'Action')) ?? ''];
  if (!type) return [];
  const event = { messageId, recipients: recipientsIn(block) };
  if (type !== 'delayed' || !hasGivenUp(block, reportedAt)) return [{ ...event, type, reason: reasonIn(block) }];
  return [{ ...event, type: 'bounced', reason: diagnosisIn(block) || GIVEN_UP }];
}

function hasGivenUp(block: string, reportedAt: Date): boolean {
  if (!EXPIRED.test(field(block, 'Status'))) return false;
  const until = dateOf(field(block, 'Will-Retry-Until'));
  return !until || until <= reportedAt;
}

const recipientsIn = (block: string): string[] =>
  ['Original-Recipient', 'Final-Recipient']
    .map((name) =>
      withoutType(field(block, name))
        .replace(/^<|>$|\p{Cc}/gu, '')
        .toLowerCase(),
    )
    .filter(Boolean);

const reasonIn = (block: string): string | undefined => diagnosisIn(block) || field(block, 'Status') || undefined;

const diagnosisIn = (block: string): string => withoutType(field(block, 'Diagnostic-Code'));

/** Without the word before the semicolon, which says whose words they are. */
const withoutType = (value: string): string => value.replace(/^[\w-]+\s*;\s*/, '');

const firstWord = (value: string): string | undefined => /^[\w-]+/.exec(value)?.[0].toLowerCase();

function dateOf(text = ''): Date | null {
  const date = new Date(text.replace(/\([^)]*\)/g, ''));
  return Number.isNaN(date.getTime()) ? null : date;
}

const blocksOf = (text: string): string[] => text.split(/\r?\n[ \t]*\r?\n/);

/** The first field of that name, unfolded. */
function field(text: string, name: string): string {
  const unfolded = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const line = unfolded.find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`)) ?? '';
  return line.slice(name.length + 1).trim();
}
