import { ChannelTrouble, MailDelayed, MailRefused } from './mail-errors.js';

/** How far an attempt got: not into a session, into one, or as far as sending the mail itself. */
export type Stage = 'connecting' | 'session' | 'content';

/** nodemailer rejects with such errors, or with plain ones that lack the fields. */
export interface SmtpError {
  code?: string;
  /** What `code` was before nodemailer put a word of its own there. */
  originalCode?: string;
  responseCode?: number;
  response?: string;
  command?: string;
}

const ABOUT_THIS_MAIL = ['EENVELOPE', 'EMESSAGE'];
/** Sign-in is missing, wrong, too weak, or wants encryption first. */
const ABOUT_SIGNING_IN = [530, 534, 535, 538];
const ABOUT_ENCRYPTION = /^(ETLS|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;
const TOO_LARGE = 552;
/** The server does not know Usher as somebody whose mails it passes on; many say so at the recipient. */
const NO_RELAY = /^55[04][ -].*?(\brelay(ing)?( access)?( is)? (denied|not (permitted|allowed))|\bunable to relay\b)/is;
/** RFC 7372, Gmail and Microsoft 365: SPF, DKIM or DMARC of the sender's domain; the same for all recipients there. */
const NOT_AUTHENTICATED = /^(55[04][ -]5\.7\.(2[0-7]|509|515)|553[ -]5\.7\.9)\b/;
const SENDER_REFUSED = [NO_RELAY, NOT_AUTHENTICATED];
/** Bad sequence of commands: the session was in the wrong state, the mail was not looked at. */
const OUT_OF_STEP = 503;

/** What an answer, or none, means for the mail and for all others. */
export function verdictOn(error: SmtpError, stage: Stage): Error {
  const { code = 'ETIMEDOUT', originalCode = code, responseCode = 0, response = '' } = error;
  const trouble = troubleBehind({ ...error, code, originalCode, responseCode }, stage);
  if (trouble) return new ChannelTrouble(trouble, originalCode);
  if (!ABOUT_THIS_MAIL.includes(code)) return new MailDelayed('The mail server broke off while this mail was sent');
  const words = `The mail server answered: ${withReason(inReadableWords(response))}`;
  return isForGood(responseCode) ? new MailRefused(words) : new MailDelayed(words);
}

const withReason = (said: string): string => (isBareCode(said) ? `${said} (it gave no reason)`.trim() : said);

const isForGood = (responseCode: number): boolean =>
  responseCode >= 500 && responseCode < 600 && ![OUT_OF_STEP, ...ABOUT_SIGNING_IN].includes(responseCode);

type Known = SmtpError & Required<Pick<SmtpError, 'code' | 'originalCode' | 'responseCode'>>;

/** Sender and sign-in are the same for every mail: who refuses them refuses all. */
function troubleBehind(error: Known, stage: Stage): string | null {
  const { code, originalCode, responseCode, command, response = '' } = error;
  if (isAboutSigningIn(error, stage)) return 'it does not accept how Usher signs in';
  if (stage === 'connecting') {
    return [code, originalCode].some((word) => ABOUT_ENCRYPTION.test(word))
      ? 'no encrypted connection can be made'
      : 'it cannot be reached, or takes no connection';
  }
  const isAboutSender = command === 'MAIL FROM' && responseCode !== TOO_LARGE;
  return isAboutSender || SENDER_REFUSED.some((words) => words.test(response))
    ? 'it takes nothing from the sender of these mails'
    : null;
}

/** After the sender, these may be the words of another server, about one recipient. */
const isAboutSigningIn = ({ code, responseCode, command }: Known, stage: Stage): boolean =>
  code === 'EAUTH' || (ABOUT_SIGNING_IN.includes(responseCode) && (stage === 'connecting' || command === 'MAIL FROM'));

const LONGEST = 300;
/** Servers that refuse a link may quote it. */
const SECRET = /(token=(?:3D)?)[\w=-]+/gi;
const IP_ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b|(?:\b[\da-f]{1,4}|:)?(?::{1,2}[\da-f]{1,4}){2,7}\b/gi;
/** Not within an e-mail address, and no dotted word of Exchange's such as `RESOLVER.ADR.RecipientNotFound`. */
const HOST = /(?<![\w@.-])(?:[\w-]+\.)+(?:[a-z]{2,63}|[A-Z]{2,63}|[A-Z][a-z]{1,2}|[Xx][Nn]--[\w-]+)\b(?![\w@-]|\.\w)/g;

/** What a server says, on one line, without secrets, and without the names and addresses of machines. */
export const inReadableWords = (text: string): string =>
  withoutSecrets(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(IP_ADDRESS, '[address]')
    .replace(HOST, '[host]')
    .trim()
    .slice(0, LONGEST);

/** Such as `550 5.1.1`. */
export const isBareCode = (words: string): boolean => !/\p{L}/u.test(words);

export const withoutSecrets = (text: string): string => text.replace(SECRET, '$1[redacted]');
