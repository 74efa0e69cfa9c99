import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { AuditEvent } from '@usher/audit';
import { type Actor } from '@usher/http';
import { In, type Repository } from 'typeorm';
import { displayName, User } from '../users/user.entity.js';

/** What actors are called, by their id; those who are gone are missing. */
export type NamesByActor = ReadonlyMap<string, string>;

/** What those who acted are called now: events keep ids alone, so that somebody erased is forgotten. */
@Injectable()
export class ActorNames {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  /** One query for each kind of actor, however many events. */
  async of(events: readonly AuditEvent[]): Promise<NamesByActor> {
    const people = await this.users.findBy({ id: In(idsOf(events, 'user', 'platform_staff')) });
    return new Map(people.map((person) => [person.id, displayName(person)]));
  }
}

const idsOf = (events: readonly AuditEvent[], ...types: Actor['type'][]): string[] => [
  ...new Set(events.flatMap(({ actorType, actorId }) => (actorId && types.includes(actorType) ? [actorId] : []))),
];
