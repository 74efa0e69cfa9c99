import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CLAIMED, type ClaimedMail, namesOf } from './claimed-mail.js';
import { AT_ONCE } from './mail-channel.js';
import { DUE_AT, IS_NOT_OVER, IS_OPEN, NO_TENANT, STATUS, TENANT } from './mail-message.entity.js';
import { IS_FULL } from './recipient-limit.js';
import { IS_REFUSED, IS_REFUSED_EVERYWHERE, REFUSED } from './refused.js';
import { TOMORROW } from './sending-counters.js';

const LEASE_SECONDS = 60;
/** Tenants that one claim looks at: its cost must not grow with how many have mail. */
const TURNS = 32;
/** One place is kept for whoever has the next turn: a tenant whose recipients are slow does not stop the others. */
const MOST_OF_ONE = AT_ONCE - 1;
/** Before all tenants. */
const START = '00000000-0000-0000-0000-000000000000';

export interface Claim {
  mails: ClaimedMail[];
  /** When to claim again: something may be due still, or nothing is that this process may send. */
  more: 'now' | 'when one is sent' | 'no';
}

/** One row at least: `id` is null when nothing was claimed. */
interface ClaimRow extends ClaimedMail {
  status: string;
  /** The tenant whose turn it was; null: it was among the oldest. */
  turn: string | null;
  /** The last tenant that was looked at; null: none comes after. */
  reached: string | null;
}

/** Takes what is due, under a lease: tenants take turns, and the room that they leave goes to the oldest mails. */
@Injectable()
export class MailClaims {
  /** The tenant that had the last turn in this process. */
  private lastTurn = START;
  /** How often the last tenant was passed since something was claimed: the second time all had their turn. */
  private emptyRounds = 0;

  constructor(private readonly dataSource: DataSource) {}

  /** As many as there is room for beside those under way. What is of no use any more is dealt with on the way. */
  async claim(room: number, underWay: ClaimedMail[]): Promise<Claim> {
    const busy = busyTenants(underWay);
    const forTheOldest = busy.length > 0 ? 0 : Math.max(room - 1, 0);
    const inHand = underWay.map(({ id }) => id);
    const from = this.lastTurn;
    const rows: ClaimRow[] = await this.dataSource.query(CLAIM, [
      LEASE_SECONDS,
      from,
      inHand,
      busy,
      room,
      forTheOldest,
    ]);
    const claimed = rows.filter(({ id }) => id !== null);
    this.lastTurn = lastTurnOf(rows, room);
    this.countRounds(claimed.length, from);
    const isAll = forTheOldest > 0 ? claimed.length < forTheOldest : this.emptyRounds >= 2;
    if (isAll) this.emptyRounds = 0;
    const more = isAll ? (busy.length > 0 ? 'when one is sent' : 'no') : 'now';
    return { mails: claimed.filter(({ status }) => status === 'SENDING'), more };
  }

  private countRounds(claimed: number, from: string): void {
    if (claimed > 0) this.emptyRounds = 0;
    else if (this.lastTurn === START) this.emptyRounds += from === START ? 2 : 1;
  }

  /** Lets others claim them at once. */
  async giveBack(mails: ClaimedMail[]): Promise<void> {
    await this.dataSource.query(GIVE_BACK, namesOf(mails));
  }
}

const GIVE_BACK = `
  UPDATE mail_messages AS mail SET status = 'QUEUED', next_attempt_at = now()
  FROM ${CLAIMED} WHERE mail.id = claimed.id AND mail.attempts = claimed.attempts AND ${STATUS} = 'SENDING'`;

const tenantOf = ({ tenantId }: ClaimedMail): string => tenantId ?? NO_TENANT;

/** Those that have as many mails under way as one may. */
function busyTenants(underWay: ClaimedMail[]): string[] {
  const tenants = underWay.map(tenantOf);
  const isBusy = (tenant: string): boolean => tenants.filter((other) => other === tenant).length >= MOST_OF_ONE;
  return [...new Set(tenants)].filter(isBusy);
}

/** Where the next round of turns goes on: behind the last one served, or behind those that had nothing due. */
function lastTurnOf(rows: ClaimRow[], room: number): string {
  const turns = rows.flatMap(({ turn }) => turn ?? []).sort();
  return turns.length === room ? turns[turns.length - 1] : (rows[0].reached ?? START);
}

const nextTenant = (after: string): string => `
  SELECT ${TENANT} FROM mail_messages WHERE ${IS_NOT_OVER} AND ${TENANT} > ${after} ORDER BY ${TENANT} LIMIT 1`;

const IS_CLAIMABLE = `${DUE_AT} <= now() AND id <> ALL ($3)`;

/**
 * `turns` steps from tenant to tenant through an index, `fair` takes the most overdue mail of each that has one, `oldest` fills up.
 * What is due and still wanted is claimed. What a recipient's limit, or their wish to hear of nobody, holds back stays as it was: no sender learns of it.
 * What is under way in this process is not claimed again, also when its lease is over: what became of it is being written down.
 */
const CLAIM = `
  WITH RECURSIVE turns (tenant, place) AS (
    SELECT (${nextTenant('$2')}), 1
    UNION ALL
    SELECT (${nextTenant('turns.tenant')}), place + 1 FROM turns WHERE tenant IS NOT NULL AND place < ${TURNS}),
  fair AS MATERIALIZED (
    SELECT mail.id, tenant FROM turns CROSS JOIN LATERAL (
      SELECT id FROM mail_messages WHERE ${IS_NOT_OVER} AND ${TENANT} = turns.tenant AND ${IS_CLAIMABLE}
      ORDER BY ${DUE_AT} LIMIT 1 FOR UPDATE SKIP LOCKED) AS mail
    WHERE tenant <> ALL ($4) LIMIT $5),
  oldest AS MATERIALIZED (
    SELECT id FROM (
      SELECT id FROM mail_messages WHERE ${IS_OPEN} AND ${IS_CLAIMABLE} AND id NOT IN (SELECT id FROM fair)
      ORDER BY ${DUE_AT} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED) AS mail
    LIMIT greatest($6 - (SELECT count(*) FROM fair), 0)),
  due AS (
    SELECT id, tenant AS turn, ${IS_REFUSED} AS is_refused, send_before > now() AND NOT ${IS_REFUSED} AS is_valid,
      send_before > now() AND NOT ${IS_REFUSED} AND (${IS_FULL} OR ${IS_REFUSED_EVERYWHERE}) AS is_held
    FROM (SELECT id, tenant FROM fair UNION ALL SELECT id, NULL FROM oldest) AS taken JOIN mail_messages USING (id)),
  claimed AS (
    UPDATE mail_messages AS mail SET
      status = CASE WHEN due.is_held THEN 'QUEUED' WHEN due.is_valid THEN 'SENDING' WHEN attempts = 0 OR due.is_refused THEN 'SKIPPED' ELSE 'FAILED' END,
      sealed_token = CASE WHEN due.is_held OR due.is_valid THEN sealed_token END,
      attempts = attempts + (due.is_valid AND NOT due.is_held)::int,
      last_attempt_at = CASE WHEN due.is_valid AND NOT due.is_held THEN now() ELSE last_attempt_at END,
      last_error = CASE WHEN due.is_held OR due.is_valid THEN last_error WHEN due.is_refused THEN '${REFUSED}' ELSE coalesce(last_error, 'No longer valid when it was due') END,
      next_attempt_at = CASE WHEN due.is_held THEN mail.next_attempt_at ELSE now() + make_interval(secs => $1) END,
      held_until = CASE WHEN due.is_held THEN ${TOMORROW} END
    FROM due WHERE mail.id = due.id
    RETURNING mail.id, mail.tenant_id, mail.to_address, mail.to_name, mail.content, mail.sealed_token, mail.message_id, mail.status,
      mail.attempts, mail.deferrals, mail.recipient_limit, mail.traceparent, due.turn)
  SELECT id, tenant_id AS "tenantId", to_address AS "toAddress", to_name AS "toName", content, sealed_token AS "sealedToken",
    message_id AS "messageId", status, attempts, deferrals, recipient_limit AS "recipientLimit", traceparent, turn, reached
  FROM (SELECT tenant AS reached FROM turns ORDER BY place DESC LIMIT 1) AS walk LEFT JOIN claimed ON true`;
