import type { MailEvent, MailEventType } from '@usher/mailer';

/** Where Postmark repeats what Usher's `X-PM-Metadata-…` header says; it may spell the name in another case. */
const USHER_MAIL = 'usher-mail';

/** Bounces after which Postmark has given up; the others are passing, or no bounces at all, such as automatic replies. */
const FOR_GOOD = [
  'HardBounce',
  'BadEmailAddress',
  'Blocked',
  'ManuallyDeactivated',
  'SpamNotification',
  'VirusNotification',
  'DMARCPolicy',
];

/** What Usher reads of a webhook of Postmark: Delivery, Bounce or SpamComplaint. */
export interface PostmarkWebhook {
  RecordType: string;
  Metadata?: unknown;
  Type?: unknown;
  Description?: unknown;
  Details?: unknown;
  DeliveredAt?: unknown;
  BouncedAt?: unknown;
}

export const isFromPostmark = (body: object): body is PostmarkWebhook =>
  'RecordType' in body && typeof body.RecordType === 'string';

/** Null for webhooks about anything else, and for mails that Usher did not mark. */
export function eventOfPostmark(webhook: PostmarkWebhook): MailEvent | null {
  const type = typeOf(webhook);
  const messageId = textOf(markOf(webhook.Metadata));
  if (!type || !messageId) return null;
  const reason = [textOf(webhook.Description), textOf(webhook.Details)].filter(Boolean).join(' ') || undefined;
  return { messageId, type, reason, at: textOf(webhook.DeliveredAt) ?? textOf(webhook.BouncedAt) };
}

function typeOf({ RecordType, Type }: PostmarkWebhook): MailEventType | null {
  if (RecordType === 'Delivery') return 'delivered';
  if (RecordType === 'SpamComplaint' || Type === 'SpamComplaint') return 'complained';
  if (RecordType !== 'Bounce') return null;
  return FOR_GOOD.includes(String(Type)) ? 'bounced' : 'delayed';
}

const markOf = (metadata: unknown): unknown =>
  Object.entries(metadata ?? {}).find(([name]) => name.toLowerCase() === USHER_MAIL)?.[1];

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);
