import type { MailMessage } from './mail-message.entity.js';

/** A mail that this process may send: what that takes. */
export type ClaimedMail = Pick<
  MailMessage,
  | 'id'
  | 'tenantId'
  | 'toAddress'
  | 'toName'
  | 'content'
  | 'sealedToken'
  | 'messageId'
  | 'attempts'
  | 'deferrals'
  | 'recipientLimit'
  | 'traceparent'
>;

/** Attempts as a table: of `namesOf`. */
export const CLAIMED = 'unnest($1::uuid[], $2::int[]) AS claimed (id, attempts)';
export const namesOf = (mails: readonly ClaimedMail[]): [string[], number[]] => [
  mails.map(({ id }) => id),
  mails.map(({ attempts }) => attempts),
];
