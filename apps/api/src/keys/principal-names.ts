import { Injectable } from '@nestjs/common';
import type { Actor } from '@usher/http';
import { displayName } from '../users/user.entity.js';
import { UserRepository } from '../users/user.repository.js';
import type { PrincipalDto } from './api-key.dto.js';
import { ApiKeyRepository } from './api-key.repository.js';

/** Who did something: a principal, a person acting as platform staff, or Usher itself. */
export interface Doer {
  type: Actor['type'];
  id: string | null;
}

/** How people and keys are called, for lists that say who did something. */
@Injectable()
export class PrincipalNames {
  constructor(
    private readonly users: UserRepository,
    private readonly keys: ApiKeyRepository,
  ) {}

  /** By id, two queries for all; who is gone is missing. */
  async of(doers: readonly Doer[]): Promise<Map<string, PrincipalDto>> {
    const users = await this.users.withIds(idsOf(doers, 'user', 'platform_staff'));
    const keys = await this.keys.withIds(idsOf(doers, 'api_key'));
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
