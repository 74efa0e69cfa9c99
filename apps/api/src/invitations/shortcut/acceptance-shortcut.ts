import { Injectable } from '@nestjs/common';
import { Audit, AuditEvent } from '@usher/audit';
import { insertionOf } from '@usher/database';
import { DataSource } from 'typeorm';
import type { Person } from '../../access/caller.js';
import { hashOf } from '../../access/credential.js';
import { MEMBER_ROLE } from '../../access/permissions.js';
import { RoleReferenceDto } from '../../organisations/role.dto.js';
import { mayRedirectTo } from '../../platform/platform.entity.js';
import type { MembershipDto } from '../../projects/membership.dto.js';
import { ProjectMembership } from '../../projects/project-membership.entity.js';
import { projectRolesOf, rolesIn } from '../grants.js';
import { acceptedEvent, memberEvent } from '../invitation-audit.js';
import { acceptBy, type AcceptanceInsertions } from './acceptance.sql.js';
import type { AcceptanceFacts } from './acceptance-facts.js';
import { unlessOvertaken } from './overtaken.js';
import { type Ground, groundUnder } from './shortcut-facts.js';
import type { Foothold } from './shortcut.sql.js';

/**
 * Lets somebody who is signed in into an organisation that they are not in yet with one statement, when nothing is out of the ordinary.
 * Everything else goes the long way of `AcceptanceService`, which alone knows how to refuse.
 */
@Injectable()
export class AcceptanceShortcut {
  private readonly statements = new Map<Foothold, { text: string; into: AcceptanceInsertions }>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: Audit,
  ) {}

  /** Null when it is no ordinary acceptance: then nothing was done. */
  async accept(caller: Person, token: string, facts: AcceptanceFacts): Promise<Accepted | null> {
    const { place, inviter, role, projects, redirectUrl } = facts;
    if (place.type === 'PROJECT' && projects.length === 0) return null;
    const ground = groundUnder(inviter, inviter, { platformRole: null, role, projects }, place);
    const joinedAt = ground && (await this.write(caller, token, facts, ground));
    if (!joinedAt) return null;
    const isAllowed = redirectUrl !== null && mayRedirectTo(facts, redirectUrl);
    return { memberships: [membershipOf(facts, joinedAt)], redirectUrl: isAllowed ? redirectUrl : null };
  }

  private async write(caller: Person, token: string, facts: AcceptanceFacts, ground: Ground): Promise<Date | null> {
    const { id, place, inviter, role, projects } = facts;
    const key = { organisationId: place.organisationId, userId: caller.id };
    const events = eventsOf(facts, caller.id);
    const prepared = this.audit.prepare(events);
    const { text, into } = this.statementFor(ground.foothold, Object.keys(prepared[0]));
    const written = this.dataSource.query<{ joinedAt: Date }[]>(text, [
      ...[place.organisationId, inviter.id, ground.role, ground.permissions],
      ...[id, hashOf(token), caller.id, (role ?? MEMBER_ROLE).id, JSON.stringify(ownRoles(facts))],
      into.projects.json(projects.map((grant) => ({ ...key, projectId: grant.project.id, roleId: grant.role.id }))),
      into.audit.json(prepared),
    ]);
    const rows = await unlessOvertaken(written);
    if (rows) this.audit.recorded(events);
    return rows && rows[0].joinedAt;
  }

  private statementFor(foothold: Foothold, eventFields: string[]): { text: string; into: AcceptanceInsertions } {
    const known = this.statements.get(foothold);
    if (known) return known;
    const into = {
      projects: insertionOf(this.dataSource, ProjectMembership, ['organisationId', 'projectId', 'userId', 'roleId']),
      audit: insertionOf(this.dataSource, AuditEvent, eventFields),
    };
    const made = { text: acceptBy(foothold, into), into };
    this.statements.set(foothold, made);
    return made;
  }
}

interface Accepted {
  memberships: MembershipDto[];
  redirectUrl: string | null;
}

const eventsOf = ({ id, place, role, projects }: AcceptanceFacts, userId: string) => {
  const key = { organisationId: place.organisationId, userId };
  return [
    memberEvent('member.joined', key, { after: { role: (role ?? MEMBER_ROLE).key } }),
    ...projects.map((grant) =>
      memberEvent('project_member.joined', key, { after: { projectId: grant.project.id, role: grant.role.key } }),
    ),
    acceptedEvent({ id, organisationId: place.organisationId }, userId),
  ];
};

/** Those that somebody may be deleting or changing at this moment. */
function ownRoles(facts: AcceptanceFacts): { id: string; permissions: string[] }[] {
  const own = rolesIn(facts).filter(({ organisationId }) => organisationId !== null);
  return [...new Map(own.map(({ id, permissions }) => [id, { id, permissions }])).values()];
}

/** What reading it back would answer. */
const membershipOf = (facts: AcceptanceFacts, joinedAt: Date): MembershipDto => ({
  organisation: facts.organisation,
  role: RoleReferenceDto.from(facts.role ?? MEMBER_ROLE),
  status: 'ACTIVE',
  joinedAt,
  projects: projectRolesOf(facts),
});
