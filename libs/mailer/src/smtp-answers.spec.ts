import { ChannelTrouble, MailRefused } from './mail-errors.js';
import { inReadableWords, verdictOn } from './smtp-answers.js';

const atRecipient = (response: string): Error =>
  verdictOn({ code: 'EENVELOPE', command: 'RCPT TO', response, responseCode: Number(response.slice(0, 3)) }, 'session');
const atContent = (response: string): Error =>
  verdictOn({ code: 'EMESSAGE', command: 'DATA', response, responseCode: Number(response.slice(0, 3)) }, 'content');

describe('an answer of a mail server', () => {
  it.each([
    '554 5.7.1 <ann@example.com>: Relay access denied',
    '550 5.7.1 <ann@example.com>... Relaying denied',
    '550 5.7.1 Unable to relay',
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
    '550 relay not permitted',
    '550 5.7.23 SPF validation failed',
    '550-5.7.26 Your email has been blocked because the sender is unauthenticated.\n550 5.7.26 See the guide',
    '550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification',
    '550 5.7.515 Access denied, sending domain example.com does not meet the required authentication level',
    '553 5.7.9 Sender is not authenticated',
  ])('is about the sender of all mails, whenever it comes: %s', (response) => {
    expect(atRecipient(response)).toBeInstanceOf(ChannelTrouble);
    expect(atContent(response)).toBeInstanceOf(ChannelTrouble);
  });

  it.each([
    '550 5.1.1 no such user',
    '554 5.7.1 this is spam',
    '554 5.7.9 Message not accepted for policy reasons',
    '550 5.7.1 the relay of this mail is on a list',
    '550 5.7.260 something else',
    '552 5.2.2 mailbox full',
  ])('is about this mail: %s', (response) => {
    expect(atRecipient(response)).toBeInstanceOf(MailRefused);
    expect(atContent(response)).toBeInstanceOf(MailRefused);
  });

  it.each([
    ['550', 'The mail server answered: 550 (it gave no reason)'],
    ['550 5.1.1', 'The mail server answered: 550 5.1.1 (it gave no reason)'],
    ['550 no', 'The mail server answered: 550 no'],
  ])('is never shown as a bare code: %s', (response, expected) => {
    expect(atRecipient(response).message).toBe(expected);
  });

  it.each([
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found', '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found'],
    [
      '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup',
      '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup',
    ],
    ['STOREDRV.Deliver.Exception:Quota', 'STOREDRV.Deliver.Exception:Quota'],
    ['by mx1.internal.example', 'by [host]'],
    ['by MX1.INTERNAL.EXAMPLE.', 'by [host].'],
    ['by Mx1.Example.Com [10.0.0.7]', 'by [host] [[address]]'],
    ['by AM7PR04CA0001.outlook.com', 'by [host]'],
    ['for kim@example.com', 'for kim@example.com'],
  ])('names no machine, and keeps its other words: %s', (text, expected) => {
    expect(inReadableWords(text)).toBe(expected);
  });
});
