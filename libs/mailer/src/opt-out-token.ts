import type { Secrets } from '@usher/config';

const PURPOSE = 'mail refusal';

/** Whose mails to whom are refused or allowed. */
export interface Correspondence {
  /** Null: the installation's own. */
  tenantId: string | null;
  address: string;
}

/** Stands in the mail itself, and works as long as `APP_SECRET` stays: it tells nothing, and gives power over these refusals alone. */
export const optOutToken = (secrets: Secrets, { tenantId, address }: Correspondence): string =>
  secrets.seal(PURPOSE, JSON.stringify([tenantId, address])).toString('base64url');

/** Null for what is no such token. */
export function readOptOutToken(secrets: Secrets, token: string): Correspondence | null {
  try {
    const text = secrets.open(PURPOSE, Buffer.from(token, 'base64url'));
    const [tenantId, address] = JSON.parse(text) as [string | null, string]; // as: sealed above
    return { tenantId, address };
  } catch {
    return null;
  }
}
