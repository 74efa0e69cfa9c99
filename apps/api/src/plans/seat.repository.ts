import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SeatsDto } from './seats.dto.js';

/** The seats of an organisation that has a limit. */
export interface SeatsRow extends SeatsDto {
  limit: number;
  /** Those of the addresses asked for that have one: active members, and people with a live invitation. */
  seated: string[];
}

/** SQL of how many have a seat: active members, and addresses with a live invitation that are none. */
const MEMBERS = `(SELECT count(*)::int FROM memberships m WHERE m.organisation_id = o.id AND m.status = 'ACTIVE')`;
const PENDING = `(SELECT count(DISTINCT i.email)::int FROM invitations i
  WHERE i.organisation_id = o.id AND i.status = 'PENDING' AND i.expires_at > now() AND NOT EXISTS (
    SELECT 1 FROM users u JOIN memberships m ON m.user_id = u.id
    WHERE u.email = i.email AND m.organisation_id = o.id AND m.status = 'ACTIVE'))`;

/** Which of the addresses in `asked (email)` have a seat. */
const seated = (asked: string): string => `(SELECT coalesce(json_agg(email), '[]') FROM (
  SELECT email FROM ${asked} JOIN users u USING (email) JOIN memberships m ON m.user_id = u.id
  WHERE m.organisation_id = o.id AND m.status = 'ACTIVE'
  UNION
  SELECT email FROM ${asked} JOIN invitations i USING (email)
  WHERE i.organisation_id = o.id AND i.status = 'PENDING' AND i.expires_at > now()) AS seated)`;

/** SQL of a `SeatsRow` in JSON; null without a limit, and then nothing is counted. */
export const SEATS_OF = (organisation: string, asked: string): string => `
  (SELECT json_build_object('limit', o.seat_limit, 'members', ${MEMBERS}, 'pending', ${PENDING}, 'seated', ${seated(asked)})
   FROM organisations o WHERE o.id = ${organisation} AND o.seat_limit IS NOT NULL)`;

const SEATS = `
  SELECT o.seat_limit AS "limit", ${MEMBERS} AS members, ${PENDING} AS pending FROM organisations o WHERE o.id = $1`;
const FOR_ADDRESS = `WITH asked AS (SELECT $2::text AS email) SELECT ${SEATS_OF('$1', 'asked')} AS seats`;

/** Seats are counted, not stored. */
@Injectable()
export class SeatRepository {
  constructor(private readonly dataSource: DataSource) {}

  async of(organisationId: string): Promise<SeatsDto> {
    const [seats]: [SeatsDto] = await this.dataSource.query(SEATS, [organisationId]);
    return seats;
  }

  /** Null without a limit. Right only while the organisation is locked. */
  async leftFor(tx: EntityManager, organisationId: string, email: string): Promise<SeatsRow | null> {
    const [{ seats }]: [{ seats: SeatsRow | null }] = await tx.query(FOR_ADDRESS, [organisationId, email]);
    return seats;
  }
}
