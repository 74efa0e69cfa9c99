import { Injectable } from '@nestjs/common';
import type { Actor } from '@usher/http';
import { DataSource, In } from 'typeorm';
import { displayName, User } from '../users/user.entity.js';
import type { PrincipalDto } from './api-key.dto.js';
import { ApiKey } from './api-key.entity.js';

/** Who did something: a principal, a person acting as platform staff, or Usher itself. */
export interface Doer {
  type: Actor['type'];
  id: string | null;
}

/** How people and keys are called, for lists that say who did something. */
@Injectable()
export class PrincipalNames {
  constructor(private readonly dataSource: DataSource) {}

  /** By id, two queries for all; who is gone is missing. */
  async of(doers: readonly Doer[]): Promise<Map<string, PrincipalDto>> {
    const users = await this.dataSource.manager.findBy(User, { id: In(idsOf(doers, 'user', 'platform_staff')) });
    const keys = await this.dataSource.manager.findBy(ApiKey, { id: In(idsOf(doers, 'api_key')) });
    const named: PrincipalDto[] = [
      ...users.map((user) => ({ type: 'user' as const, id: user.id, name: displayName(user) })),
      ...keys.map(({ id, name }) => ({ type: 'api_key' as const, id, name })),
    ];
    return new Map(named.map((principal) => [principal.id, principal]));
  }
}

const idsOf = (doers: readonly Doer[], ...types: Actor['type'][]): string[] => [
  ...new Set(doers.flatMap(({ type, id }) => (id && types.includes(type) ? [id] : []))),
];
