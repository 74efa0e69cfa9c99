import { KEY_OF } from './sending-counters.js';

/** Counted, at most one: `EXISTS` would be planned as a hash of the whole table. */
const isRefusedBy = (refused: string): string => `(refusable AND (
  SELECT count(*) > 0 FROM mail_refusals AS refusal WHERE refusal.address_hash = ${KEY_OF('to_address')} AND ${refused}))`;

/** Whether the recipient of a row of `mail_messages` wants no such mail from its tenant. */
export const IS_REFUSED = isRefusedBy('refusal.tenant_id = mail_messages.tenant_id');
/** … nor from anybody here, which no sender may learn. */
export const IS_REFUSED_EVERYWHERE = isRefusedBy('refusal.tenant_id IS NULL');

/** For the inviters of the tenant. */
export const REFUSED = 'This person wants no mail from here';
