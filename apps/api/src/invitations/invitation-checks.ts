import { invalid, problem } from '@usher/http';
import type { EntityManager } from 'typeorm';
import type { Holdings } from '../access/authority.js';
import { covers, PLATFORM_ROLE_PERMISSIONS } from '../access/permissions.js';
import { Membership, type MembershipStatus } from '../organisations/membership.entity.js';
import { Organisation } from '../organisations/organisation.entity.js';
import { mayRedirectTo, type Platform } from '../platform/platform.entity.js';
import { ProjectMembership } from '../projects/project-membership.entity.js';
import { User } from '../users/user.entity.js';
import type { Invitation } from './invitation.entity.js';
import { type Grants, type InvitationPlace, maySend, permissionsIn } from './grants.js';
import type { ChangeInvitationDto } from './invite.dto.js';

export function refuseForeignRedirect(platform: Platform, redirectUrl: string | undefined): void {
  if (redirectUrl === undefined || mayRedirectTo(platform, redirectUrl)) return;
  throw invalid(
    'redirectUrl',
    "redirectUrl must be on one of the platform's redirectOrigins; ask its admins to add the origin",
  );
}

/** The guard looked before the transaction; since then the caller may have been demoted or removed. */
export function refuseWithoutPermission(holdings: Holdings, place: InvitationPlace): void {
  if (!maySend(holdings, place)) throw problem(403, 'forbidden', 'Your role no longer lets you invite people here.');
}

export async function refuseWhenNotInPlan(tx: EntityManager, place: InvitationPlace): Promise<void> {
  if (!place.organisationId) return;
  refuseOutsidePlan(await tx.findOneByOrFail(Organisation, { id: place.organisationId }));
}

export function refuseOutsidePlan({ invitationsEnabled }: Organisation): void {
  if (invitationsEnabled) return;
  throw problem(
    402,
    'invitations_not_in_plan',
    "Inviting people is not in this organisation's plan. Ask the platform's staff.",
  );
}

export function refuseAboveCeiling(holdings: Holdings, grants: Grants): void {
  if (holdings.cover(permissionsIn(grants))) return;
  throw problem(
    403,
    'above_ceiling',
    'This invitation grants more than you hold. Choose a lower role, or ask somebody who holds as much.',
  );
}

/** Whether the address belongs to somebody who has everything already, in this organisation or on this platform. */
export async function refuseWhenMember(
  tx: EntityManager,
  place: InvitationPlace,
  email: string,
  grants: Grants,
): Promise<void> {
  const user = await tx.findOneBy(User, { email });
  if (user && (await hasAlready(tx, place, user, grants))) throw hasEverything();
}

export const hasEverything = () => problem(409, 'already_member', 'This person has all of that already.');

async function hasAlready(tx: EntityManager, place: InvitationPlace, user: User, grants: Grants): Promise<boolean> {
  if (grants.platformRole) {
    return covers(
      new Set(PLATFORM_ROLE_PERMISSIONS[user.platformRole]),
      PLATFORM_ROLE_PERMISSIONS[grants.platformRole],
    );
  }
  const mine = { organisationId: place.organisationId ?? '', userId: user.id };
  const membership = await tx.findOne(Membership, { where: mine, relations: { role: true } });
  if (!membership) return false;
  const projects = await tx.find(ProjectMembership, { where: mine, relations: { role: true } });
  return isCovered(grants, {
    status: membership.status,
    permissions: membership.role.permissions,
    projects: Object.fromEntries(projects.map(({ projectId, role }) => [projectId, role.permissions])),
  });
}

/** A member as they are: what they hold in the organisation, and in its projects besides. */
export interface Standing {
  status: MembershipStatus;
  permissions: string[];
  /** By the project's id. */
  projects: Readonly<Record<string, string[]>>;
}

/** Whether a member has all of that already; 409 for a member who is not to be invited at all. */
export function isCovered(grants: Grants, standing: Standing): boolean {
  refuseMember(standing, grants);
  const { permissions: held, projects } = standing;
  return (
    covers(new Set(held), grants.role?.permissions ?? []) &&
    grants.projects.every(({ project, role }) =>
      covers(new Set([...held, ...(projects[project.id] ?? [])]), role.permissions),
    )
  );
}

function refuseMember({ status }: Standing, { onlyNewcomers }: Grants): void {
  if (status !== 'ACTIVE') {
    throw problem(409, 'already_member', 'This person is a suspended member. Reactivate them instead.');
  }
  if (onlyNewcomers) {
    throw problem(409, 'already_member', 'This person belongs to the organisation already. Change their role instead.');
  }
}

export async function refuseWhileCoolingDown(
  tx: EntityManager,
  invitation: Invitation,
  platform: Platform,
): Promise<void> {
  const seconds = await secondsOfCoolDown(tx, invitation, platform);
  if (seconds > 0) throw coolingDown(seconds);
}

export const coolingDown = (seconds: number) =>
  problem(429, 'resend_cooldown', `This person got a mail a moment ago. Try again in ${seconds} seconds.`, {
    retryAfter: seconds,
  });

/** Counts from the second mail on, so that a first mail that was lost can be sent again at once; 0 or less: it is over. */
export async function secondsOfCoolDown(
  tx: EntityManager,
  { id, sendCount }: Invitation,
  { limits }: Platform,
): Promise<number> {
  const { resendCooldownSeconds } = limits;
  if (!resendCooldownSeconds || sendCount < 2) return 0;
  const [{ seconds }]: [{ seconds: number }] = await tx.query(
    'SELECT ceil(extract(epoch FROM last_sent_at - now()) + $2)::int AS seconds FROM invitations WHERE id = $1',
    [id, resendCooldownSeconds],
  );
  return seconds;
}

export const pending = (open: Pick<Invitation, 'id'> | null) =>
  problem(409, 'invitation_pending', 'This address has an open invitation here. Resend or change that one.', {
    invitationId: open?.id ?? null,
  });

export const notPending = ({ currentStatus }: Invitation) =>
  problem(409, 'invitation_not_pending', `This invitation is ${currentStatus}. Invite the person anew.`);

export function refuseEnded(invitation: Invitation): void {
  if (!invitation.canBeSent) throw notPending(invitation);
}

/** A change must fit the place where the invitation was issued. */
export function refuseMisplaced({ type }: Invitation, changes: ChangeInvitationDto): void {
  const fits = { PLATFORM: ['platformRole'], ORGANISATION: ['role', 'projects'], PROJECT: ['role'] }[type];
  for (const field of ['role', 'projects', 'platformRole'] as const) {
    if (changes[field] === undefined || fits.includes(field)) continue;
    throw invalid(field, `${field} cannot be given with an invitation of type ${type}; it takes ${fits.join(' and ')}`);
  }
}
