import { eventsOfReport } from './delivery-report.js';

const ID = '01a1fa55-fed1-75e2-9748-02c71ec13609';
const NAMED = `Message-ID: <${ID}@usher.example.com>`;
const NOW = new Date('2026-11-24T09:00:00Z');

interface Form {
  kind?: string;
  top?: string;
  status?: string;
  original?: string;
  returned?: string;
}

/** A report as `multipart/report`, with the type of its second part. */
const mail = ({ kind = 'message/delivery-status', top = '', status = '', original = '', returned }: Form): Buffer =>
  Buffer.from(
    [
      `From: MAILER-DAEMON@mx.example\nSubject: Report${top}\nMIME-Version: 1.0`,
      `Content-Type: multipart/report; report-type=${kind.split('/')[1]}; boundary="part"\n`,
      `--part\nContent-Type: text/plain\n\nIn words.`,
      `--part\nContent-Type: ${kind}\n\n${status}`,
      `--part\nContent-Type: ${returned ?? 'text/rfc822-headers'}\n\n${original || NAMED}\nSubject: Hello\n`,
      `--part--\n`,
    ]
      .join('\n')
      .replaceAll('\n', '\r\n'),
  );

/** The fields of one recipient. */
const about = (action: string, status: string, more = ''): string =>
  `Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; kim@example.com\nAction: ${action}\nStatus: ${status}\n${more}`;
const complaint = (fields: string): Form => ({ kind: 'message/feedback-report', status: fields });

const FORMS: [string, Form, string][] = [
  ['RFC 3464', { status: about('failed', '5.0.0') }, 'bounced: 5.0.0'],
  ['RFC 3464, an older status', { status: about('failed', '4.0.0') }, 'bounced: 4.0.0'],
  ['RFC 6533', { kind: 'message/global-delivery-status', status: about('failed', '5.1.1') }, 'bounced: 5.1.1'],
  [
    'Postfix, unknown user',
    { status: about('failed', '5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 <kim@example.com>:\n    unknown user') },
    'bounced: 550 5.1.1 <kim@example.com>: unknown user',
  ],
  [
    'Postfix, delayed',
    { status: about('delayed', '4.4.1', 'Will-Retry-Until: Sat, 28 Nov 2026 09:00:00 +0000 (UTC)') },
    'delayed: 4.4.1',
  ],
  ['Postfix, delivered', { status: about('delivered', '2.0.0', 'Diagnostic-Code: x-unix; ok') }, 'delivered: ok'],
  ['Postfix, relayed', { status: about('relayed', '2.0.0') }, 'relayed: 2.0.0'],
  [
    'Exim',
    { status: about('failed', '5.0.0', 'Remote-MTA: dns; mx.example\nDiagnostic-Code: smtp; 550 No such user') },
    'bounced: 550 No such user',
  ],
  ['Exim, a warning', { status: about('delayed', '4.0.0') }, 'delayed: 4.0.0'],
  [
    'Sendmail',
    { status: about('failed', '5.1.1 (bad destination mailbox address)', 'Last-Attempt-Date: Tue, 24 Nov 2026') },
    'bounced: 5.1.1 (bad destination mailbox address)',
  ],
  ['Sendmail, expanded', { status: about('expanded (to multi-recipient alias)', '2.0.0') }, 'relayed: 2.0.0'],
  [
    'Exchange, unknown recipient',
    { status: about('failed', '5.1.10', 'Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found') },
    'bounced: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found',
  ],
  [
    'Exchange, a warning',
    { status: about('delayed', '4.4.7', 'Will-Retry-Until: Wed, 25 Nov 2026 09:00:00 +0000') },
    'delayed: 4.4.7',
  ],
  ['Microsoft 365, expired', { status: about('Failed', '5.4.300') }, 'bounced: 5.4.300'],
  [
    'Google',
    { status: about('failed', '5.1.1', "Diagnostic-Code: smtp; 550-5.1.1 The account\n 550 5.1.1 doesn't exist") },
    "bounced: 550-5.1.1 The account 550 5.1.1 doesn't exist",
  ],
  [
    'Google, delayed',
    { status: about('delayed', '4.4.1', 'Will-Retry-Until: Thu, 26 Nov 2026 01:00:00 -0800 (PST)') },
    'delayed: 4.4.1',
  ],
  [
    'Amazon SES, under another Message-ID',
    {
      status: about('failed', '5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 user unknown'),
      original: `Message-ID: <0100@email.amazonses.com>\nX-PM-Metadata-usher-mail: ${ID}`,
    },
    'bounced: 550 5.1.1 user unknown',
  ],
  [
    'Yahoo',
    {
      status: about('failed', '5.0.0', 'Diagnostic-Code: smtp; 554 delivery error: dd Not a yahoo user'),
      returned: 'message/rfc822',
    },
    'bounced: 554 delivery error: dd Not a yahoo user',
  ],
  ['OpenSMTPD', { status: about('failed', '5.1.1') }, 'bounced: 5.1.1'],
  ['OpenSMTPD, a warning', { status: about('delayed', '4.0.0') }, 'delayed: 4.0.0'],
  ['fields in one block', { status: about('failed', '5.1.1').replace('\n\n', '\n') }, 'bounced: 5.1.1'],
  [
    'given up at a date that is over',
    { status: about('delayed', '4.4.7', 'Will-Retry-Until: Mon, 23 Nov 2026 09:00:00 +0000') },
    'bounced: The mail could not be delivered in time',
  ],
  [
    'given up without a date',
    { status: about('delayed', '4.4.7') },
    'bounced: The mail could not be delivered in time',
  ],
  [
    'a warning that is read late',
    {
      top: '\nDate: Sun, 22 Nov 2026 09:00:00 +0000',
      status: about('delayed', '4.4.7', 'Will-Retry-Until: Mon, 23 Nov 2026 09:00:00 +0000'),
    },
    'delayed: 4.4.7',
  ],
  [
    'the envelope alone',
    { original: 'Message-ID: <x@y.example>', status: `Original-Envelope-Id: ${ID}\n${about('failed', '5.1.1')}` },
    'bounced: 5.1.1',
  ],
  [
    'two recipients',
    {
      status: `${about('delivered', '2.0.0')}\n\nFinal-Recipient: rfc822; jo@example.com\nAction: failed\nStatus: 5.1.1`,
    },
    'delivered: 2.0.0, bounced: 5.1.1',
  ],
  ['RFC 5965, abuse', complaint('Feedback-Type: abuse\nVersion: 1'), 'complained'],
  ['RFC 5965, an unknown type', complaint('Feedback-Type: dislike'), 'complained'],
  [
    'Yahoo, a complaint',
    { ...complaint('Feedback-Type: abuse\nUser-Agent: Yahoo!-Mail-Feedback/2.0'), returned: 'message/rfc822' },
    'complained',
  ],
  ['RFC 5965, not spam', complaint('Feedback-Type: not-spam'), ''],
  ['RFC 6591, of DMARC', complaint('Feedback-Type: auth-failure'), ''],
  ['somebody else’s mail', { status: about('failed', '5.1.1'), original: 'Message-ID: <x@y.example>' }, ''],
  ['another action', { status: about('considered', '2.0.0') }, ''],
  [
    'a read receipt, RFC 8098',
    { kind: 'message/disposition-notification', status: 'Disposition: manual-action/MDN-sent-manually; displayed' },
    '',
  ],
];

const PLAIN: [string, string][] = [
  ['a vacation reply', `Auto-Submitted: auto-replied\r\nIn-Reply-To: <${ID}@usher.example.com>\r\n\r\nI am away.`],
  ['a bounce in words alone', `Subject: failure notice\r\n\r\nSorry.\r\nAction: failed\r\n${NAMED}`],
];

describe('a report', () => {
  const told = async (bytes: Buffer): Promise<string> => {
    const events = await eventsOfReport(bytes, NOW);
    expect(events.filter(({ messageId }) => !messageId.includes(ID))).toEqual([]);
    return events.map(({ type, reason }) => (reason ? `${type}: ${reason}` : type)).join(', ');
  };

  it.each(FORMS)('is understood: %s', async (_name, form, expected) => {
    expect(await told(mail(form))).toBe(expected);
  });

  it.each(PLAIN)('is not seen in %s', async (_name, text) => {
    expect(await told(Buffer.from(text))).toBe('');
  });

  it('names its recipients by both addresses, in small letters', async () => {
    const more = 'Original-Recipient: rfc822;<Kim@Example.com>';
    const [event] = await eventsOfReport(mail({ status: about('failed', '5.1.1', more) }), NOW);
    expect(event.recipients).toEqual(['kim@example.com', 'kim@example.com']);
  });
});
