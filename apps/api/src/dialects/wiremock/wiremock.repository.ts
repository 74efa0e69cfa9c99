import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What WireMock shows beside invitations. */
export interface Beside {
  /** By the project's id. */
  kinds: Record<string, string>;
  /** Those of the addresses that belong to members, suspended ones too. */
  members: string[];
}

const BESIDE = `
  SELECT
    (SELECT coalesce(json_object_agg(id, kind), '{}') FROM projects WHERE organisation_id = $1 AND id = ANY ($2)) AS kinds,
    (SELECT coalesce(json_agg(u.email), '[]') FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.organisation_id = $1 AND u.email = ANY ($3)) AS members`;

@Injectable()
export class WiremockRepository {
  constructor(private readonly dataSource: DataSource) {}

  async beside(organisationId: string, projectIds: string[], emails: string[]): Promise<Beside> {
    const [beside]: [Beside] = await this.dataSource.query(BESIDE, [organisationId, projectIds, emails]);
    return beside;
  }
}
