import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainEvents } from '@usher/database';
import { SeatWanted } from '../organisations/organisation.events.js';
import { SeatRepository } from './seat.repository.js';
import type { SeatsDto } from './seats.dto.js';
import { SeatsLeft } from './seats-left.js';

/** How many people an organisation's plan has room for: active members, and those invited, who have a seat reserved. */
@Injectable()
export class SeatsService implements OnModuleInit {
  constructor(
    private readonly seats: SeatRepository,
    private readonly events: DomainEvents,
  ) {}

  /** 402 when no seat is left for somebody who comes back. Their organisation is locked. */
  onModuleInit(): void {
    this.events.on(SeatWanted, async (tx, { organisationId, email }) =>
      new SeatsLeft(await this.seats.leftFor(tx, organisationId, email)).refuse(email),
    );
  }

  get(organisationId: string): Promise<SeatsDto> {
    return this.seats.of(organisationId);
  }
}
