import { type HttpException } from '@nestjs/common';
import { invalid } from '@usher/http';
import type { EntityManager } from 'typeorm';
import { type GrantNames, projectNotFound } from '../grants.js';
import type { Row } from './bulk-rows.js';

const NAMED = `
  SELECT id, external_id AS "externalId" FROM projects
  WHERE organisation_id = $1 AND (id::text = ANY ($2) OR external_id = ANY ($2))`;

interface NamedProject {
  id: string;
  externalId: string | null;
}

type Names = GrantNames | HttpException;

/** Turns keys of projects, ids or `externalId`s, into ids; a refusal in the place of a row that names none, or one of several. */
export async function withProjectIds(tx: EntityManager, organisationId: string, rows: Row[]): Promise<Names[]> {
  const keys = new Set(rows.flatMap(({ request }) => (request.projects ?? []).flatMap(spellings)));
  const projects: NamedProject[] = keys.size > 0 ? await tx.query(NAMED, [organisationId, [...keys]]) : [];
  const byKey = new Map<string, string[]>();
  for (const { id, externalId } of projects) {
    for (const key of new Set([id, externalId ?? id])) byKey.set(key, [...(byKey.get(key) ?? []), id]);
  }
  return rows.map(({ request }) => withIds(request, byKey));
}

/** Ids are known in any case. */
const spellings = ({ projectId }: { projectId: string }): string[] => [projectId, projectId.toLowerCase()];

function withIds(request: Row['request'], byKey: ReadonlyMap<string, string[]>): Names {
  const projects: { projectId: string; role: string }[] = [];
  for (const grant of request.projects ?? []) {
    const ids = [...new Set(spellings(grant).flatMap((key) => byKey.get(key) ?? []))];
    if (ids.length === 0) return projectNotFound(grant.projectId);
    if (ids.length > 1) {
      return invalid('projects', `projects: ${grant.projectId} names more than one project. Name it by its id`);
    }
    if (projects.some(({ projectId }) => projectId === ids[0])) {
      return invalid('projects', `projects: ${grant.projectId} is named twice`);
    }
    projects.push({ projectId: ids[0], role: grant.role });
  }
  return { role: request.role, projects };
}
