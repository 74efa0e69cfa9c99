import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainEvents } from '@usher/database';
import { problem } from '@usher/http';
import { DataSource, type EntityManager } from 'typeorm';
import { SeatWanted } from '../organisations/organisation.events.js';
import type { SeatsDto } from './seats.dto.js';

/** Pending: addresses with a live invitation that are no active members already. */
const SEATS = `
  SELECT o.seat_limit AS "limit",
    (SELECT count(*) FROM memberships m WHERE m.organisation_id = o.id AND m.status = 'ACTIVE')::int AS members,
    (SELECT count(DISTINCT i.email) FROM invitations i
     WHERE i.organisation_id = o.id AND i.status = 'PENDING' AND i.expires_at > now() AND NOT EXISTS (
       SELECT 1 FROM users u JOIN memberships m ON m.user_id = u.id
       WHERE u.email = i.email AND m.organisation_id = o.id AND m.status = 'ACTIVE'))::int AS pending
  FROM organisations o WHERE o.id = $1`;

/** Which of these addresses have a seat. */
const SEATED = `
  SELECT u.email FROM users u JOIN memberships m ON m.user_id = u.id
  WHERE u.email = ANY ($2) AND m.organisation_id = $1 AND m.status = 'ACTIVE'
  UNION
  SELECT i.email FROM invitations i
  WHERE i.organisation_id = $1 AND i.email = ANY ($2) AND i.status = 'PENDING' AND i.expires_at > now()`;

interface LimitedSeats extends SeatsDto {
  limit: number;
}

/** How many people an organisation's plan has room for: active members, and those invited, who have a seat reserved. */
@Injectable()
export class SeatsService implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: DomainEvents,
  ) {}

  onModuleInit(): void {
    this.events.on(SeatWanted, (tx, { organisationId, email }) => this.reserve(tx, organisationId, email));
  }

  async get(organisationId: string): Promise<SeatsDto> {
    const [seats]: [SeatsDto] = await this.dataSource.query(SEATS, [organisationId]);
    return seats;
  }

  /** Two that want the last seat come one after the other. To be called before all other locks; without a limit it locks nothing. */
  async lock(tx: EntityManager, organisationId: string | null): Promise<void> {
    await tx.query('SELECT 1 FROM organisations WHERE id = $1 AND seat_limit IS NOT NULL FOR NO KEY UPDATE', [
      organisationId,
    ]);
  }

  /** 402 when the address has no seat yet and none is left; counts nothing without a limit. Counts are right only while the organisation is locked. */
  async reserve(tx: EntityManager, organisationId: string | null, email: string): Promise<void> {
    (await this.left(tx, organisationId, [email])).refuse(email);
  }

  /** The same for many: what is left for these addresses while the organisation is locked. */
  async left(tx: EntityManager, organisationId: string | null, emails: string[]): Promise<SeatsLeft> {
    const [limited]: LimitedSeats[] = organisationId
      ? await tx.query(`${SEATS} AND o.seat_limit IS NOT NULL`, [organisationId])
      : [];
    if (!limited || limited.members + limited.pending + emails.length <= limited.limit) return new SeatsLeft(null, []);
    const seated: { email: string }[] = await tx.query(SEATED, [organisationId, emails]);
    return new SeatsLeft(
      limited,
      seated.map(({ email }) => email),
    );
  }
}

/** Seats as they are given out, one address after the other. */
export class SeatsLeft {
  private readonly seated: Set<string>;

  constructor(
    private readonly seats: LimitedSeats | null,
    seated: string[],
  ) {
    this.seated = new Set(seated);
  }

  /** 402 when the address has no seat and none is left. */
  refuse(email: string): void {
    if (!this.seats || this.seated.has(email)) return;
    const { limit, members, pending } = this.seats;
    if (members + pending < limit) return;
    throw problem(
      402,
      'seat_limit_reached',
      `The plan has ${limit} seats: ${members} members hold one, ${pending} are reserved for people invited. Remove somebody, revoke an invitation, or ask the platform's staff for more.`,
      { limit, members, pending },
    );
  }

  /** The address has one from now on. */
  take(email: string): void {
    if (!this.seats || this.seated.has(email)) return;
    this.seated.add(email);
    this.seats.pending += 1;
  }
}
