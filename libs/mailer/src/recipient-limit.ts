import { DAY, KEY_OF } from './sending-counters.js';

/** What the counter of a recipient is called. */
export const mailsTo = (address: string): string => `mails to ${address}`;

/** What the counter of a recipient's mails from one tenant is called; null: from the installation. */
export const mailsFromTo = (tenantId: string | null, address: string): string =>
  `mails from ${tenantId ?? 'the platform'} to ${address}`;

/** Whether the recipient of a mail that was never tried has got enough for today, whoever wrote to them. */
export const IS_FULL = `(attempts = 0 AND recipient_limit <= coalesce((
  SELECT hits FROM sending_counters
  WHERE subject = ${KEY_OF(`'${mailsTo('')}' || to_address`)} AND day = ${DAY} AND slot = 0), 0)) IS TRUE`;
