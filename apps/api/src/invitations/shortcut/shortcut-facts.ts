import { HttpException } from '@nestjs/common';
import type { ReadAlong } from '../../access/access.decorators.js';
import { Holdings } from '../../access/authority.js';
import type { Caller, Principal } from '../../access/caller.js';
import { PLATFORM_ROLE_PERMISSIONS, type PlatformRole } from '../../access/permissions.js';
import type { Organisation } from '../../organisations/organisation.entity.js';
import { type Role } from '../../organisations/role.entity.js';
import { roleAmong } from '../../organisations/roles.service.js';
import { mayRedirectTo, type Platform } from '../../platform/platform.entity.js';
import type { Project } from '../../projects/project.entity.js';
import { type GrantNames, type Grants, grantsNamed, type InvitationPlace, maySend, permissionsIn } from '../grants.js';
import type { Inviter } from '../new-invitation-shown.js';
import { FACTS_ALONG, type Foothold } from './shortcut.sql.js';
import type { InviteDto } from '../invite.dto.js';

/** What `FACTS` reads; nothing when the caller is suspended, revoked or gone. */
export interface Facts {
  /** By the database's clock. */
  now: Date;
  platform: Platform;
  organisation: Organisation;
  caller: CallerFacts;
  roles: Role[] | null;
  projects: Project[] | null;
  inviteeId: string | null;
  /** Whether the address belongs to a member, or has an invitation here that is not ended. */
  isMember: boolean;
  isPending: boolean;
}

/** An address that is kept as it is written, and the name or the id of a role: such as validation will let pass unchanged. */
const PLAIN_ADDRESS = /^[a-z0-9.@_+-]{3,254}$/;
const PLAIN_ROLE = /^[\w-]{1,64}$/;

/** Reads the facts with the caller, where the request names no projects. */
export const factsAlong: ReadAlong = ({ body }) => {
  const { email, role, projects } = (body ?? {}) as Record<string, unknown>; // as: only read, may be missing
  const isPlain =
    typeof email === 'string' && typeof role === 'string' && PLAIN_ADDRESS.test(email) && PLAIN_ROLE.test(role);
  if (!isPlain || projects !== undefined) return null;
  return { name: 'facts', sql: FACTS_ALONG, values: [email, [role.toLowerCase()]] };
};

/** What somebody holds, but for single projects. */
export interface Standing {
  platformRole: PlatformRole;
  /** Of the organisation; null: no member, or a key of the platform. */
  roleId: string | null;
  permissions: string[] | null;
}

export type CallerFacts = Standing & Inviter;

/** What somebody's right to invite stands on, in the words of `shortcut.sql.ts`. */
export interface Ground {
  foothold: Foothold;
  /** The role that must still be theirs, and what it must still hold. */
  role: string;
  permissions: string[];
}

/** What an ordinary invitation gives, and by what right. */
export interface Ordinary {
  grants: Grants;
  ground: Ground;
}

/** Null when anything speaks against the invitation, or asks for more than an ordinary one: then the long way decides, and says why. */
export function ordinary(
  facts: Facts,
  { caller, place, request }: { caller: Caller; place: InvitationPlace; request: InviteDto & GrantNames },
): Ordinary | null {
  if (!isUsual(facts, request)) return null;
  const grants = grantsIn(facts, place, request);
  const ground = grants && groundUnder(facts.caller, caller, grants, place);
  return grants && ground && { grants, ground };
}

const isUsual = ({ isMember, isPending, organisation, platform }: Facts, { redirectUrl }: InviteDto): boolean =>
  !isMember &&
  !isPending &&
  isOpen(organisation) &&
  isCounted(platform) &&
  (redirectUrl === undefined || mayRedirectTo(platform, redirectUrl));

const isOpen = ({ status, invitationsEnabled, seatLimit }: Organisation): boolean =>
  status === 'ACTIVE' && invitationsEnabled && seatLimit === null;

const isCounted = ({ limits }: Platform): boolean =>
  [limits.mailsPerRecipientPerDay, limits.invitationsPerInviterPerDay, limits.invitationsPerOrganisationPerDay].every(
    (limit) => limit !== null,
  );

function grantsIn({ roles, projects }: Facts, place: InvitationPlace, request: InviteDto & GrantNames): Grants | null {
  const found = new Map((projects ?? []).map((project) => [project.id, project]));
  const grants = grantsNamed(place, request, found, roleAmong(roles ?? []));
  return grants instanceof HttpException ? null : grants;
}

/** A role in the organisation, or the platform's staff: one of them must be enough alone. What is held in single projects is for the long way. */
export function groundUnder(
  { platformRole, roleId, permissions }: Standing,
  { type }: Pick<Principal, 'type'>,
  grants: Grants,
  place: InvitationPlace,
): Ground | null {
  const isEnough = (held: Holdings): boolean => maySend(held, place) && held.cover(permissionsIn(grants));
  if (roleId && permissions && isEnough(new Holdings([], permissions, new Map()))) {
    return { foothold: type === 'user' ? 'member' : 'key', role: roleId, permissions };
  }
  if (!isEnough(new Holdings(PLATFORM_ROLE_PERMISSIONS[platformRole], [], new Map()))) return null;
  return { foothold: type === 'user' ? 'staff' : 'key', role: platformRole, permissions: [] };
}
