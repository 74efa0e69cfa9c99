import { Injectable } from '@nestjs/common';
import { Secrets } from '@usher/config';
import { newId, Transactions } from '@usher/database';
import { type EntityManager, IsNull } from 'typeorm';
import { MailDispatcher } from './mail-dispatcher.js';
import { MailMessage } from './mail-message.entity.js';
import { MailRefusal } from './mail-refusal.entity.js';
import { type Correspondence, readOptOutToken } from './opt-out-token.js';
import { keyOf } from './sending-counters.js';

/** The right to be left alone. What is queued meets it when it is claimed. */
@Injectable()
export class MailRefusals {
  constructor(
    private readonly secrets: Secrets,
    private readonly transactions: Transactions,
    private readonly dispatcher: MailDispatcher,
  ) {}

  /** What stands behind a mail's way out; null for what is no such token. */
  read(token: string): Correspondence | null {
    return readOptOutToken(this.secrets, token);
  }

  /** What the recipient refuses of these mails: those of the tenant, those of the whole installation. */
  async of(tx: EntityManager, { tenantId, address }: Correspondence) {
    const rows = await tx.findBy(MailRefusal, [
      { addressHash: keyOf(address), tenantId: IsNull() },
      ...(tenantId ? [{ addressHash: keyOf(address), tenantId }] : []),
    ]);
    return {
      tenant: rows.some((row) => row.tenantId !== null),
      installation: rows.some((row) => row.tenantId === null),
    };
  }

  /** `tenantId` null: whoever sends by this installation. Answers the refusal's id; null when it was there already. */
  async refuse(tx: EntityManager, { tenantId, address }: Correspondence): Promise<string | null> {
    const [row]: { id: string }[] = await tx.query(
      `INSERT INTO mail_refusals (id, tenant_id, address_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id`,
      [newId(), tenantId, keyOf(address)],
    );
    return row?.id ?? null;
  }

  /** Takes a refusal back; what was held back leaves. Answers the id it had; null when there was none. */
  async allow(tx: EntityManager, { tenantId, address }: Correspondence): Promise<string | null> {
    const [[row]]: [{ id: string }[], number] = await tx.query(
      `DELETE FROM mail_refusals WHERE tenant_id IS NOT DISTINCT FROM $1 AND address_hash = $2 RETURNING id`,
      [tenantId, keyOf(address)],
    );
    if (!row) return null;
    const held = { toAddress: address, refusable: true, status: 'QUEUED' } as const;
    await tx.update(MailMessage, held, { heldUntil: null });
    this.transactions.afterCommit(tx, () => this.dispatcher.wake());
    return row.id;
  }
}
