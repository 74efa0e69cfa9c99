import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import type { Principal } from '../access/caller.js';
import { displayName, User } from '../users/user.entity.js';
import type { PrincipalDto } from './api-key.dto.js';
import { ApiKey } from './api-key.entity.js';

/** How people and keys are called, for lists that say who did something. */
@Injectable()
export class PrincipalNames {
  constructor(private readonly dataSource: DataSource) {}

  /** By id, two queries for all; who is gone is missing. */
  async of(principals: readonly Principal[]): Promise<Map<string, PrincipalDto>> {
    const users = await this.dataSource.manager.findBy(User, { id: In(idsOf(principals, 'user')) });
    const keys = await this.dataSource.manager.findBy(ApiKey, { id: In(idsOf(principals, 'api_key')) });
    const named: PrincipalDto[] = [
      ...users.map((user) => ({ type: 'user' as const, id: user.id, name: displayName(user) })),
      ...keys.map(({ id, name }) => ({ type: 'api_key' as const, id, name })),
    ];
    return new Map(named.map((principal) => [principal.id, principal]));
  }
}

const idsOf = (principals: readonly Principal[], type: Principal['type']): string[] => [
  ...new Set(principals.filter((principal) => principal.type === type).map(({ id }) => id)),
];
