import { identifyActor, problem } from '@usher/http';
import type { FastifyRequest } from 'fastify';
import type { Access, Place, ScopeParameter } from './caller.js';
import { type Permission, PLATFORM_ROLE_PERMISSIONS } from './permissions.js';

/** What names a place: an id, and what it is an id of. */
export interface Scope {
  parameter: ScopeParameter;
  id: string;
  isWellFormed: boolean;
}

/** An invitation issued in a project is also in the hands of those who see to that project's invitations. */
const IN_A_PROJECT: Partial<Record<Permission, Permission>> = {
  'invitations:read': 'project-invitations:read',
  'invitations:manage': 'project-invitations:manage',
};

/** Everybody has them, so there is nothing to hide from strangers. */
function refuseBuiltInRole({ placeType }: Access, scope: Scope | undefined): void {
  if (scope?.parameter !== 'roleId' || placeType !== 'PLATFORM') return;
  throw problem(403, 'built_in_role', 'Built-in roles cannot be changed. Make one of your own.');
}

export function enterPlace(request: FastifyRequest, access: Access, scope: Scope | undefined): void {
  const { placeType, organisationId, projectId } = access;
  const place: Place = { type: placeType ?? 'PLATFORM', organisationId, projectId };
  refuseBuiltInRole(access, scope);
  if (scope) hideFromStrangers(request, access, place);
  request.place = place;
  if (scope && !isStaff(access)) refuseSuspended(access);
}

/** What does not exist and what belongs to strangers look the same. */
function hideFromStrangers(request: FastifyRequest, access: Access, place: Place): void {
  if (!access.placeType) throw notFound();
  if (access.membershipStatus || isStaff(access)) return;
  request.hiddenPlace = place;
  throw notFound();
}

const isStaff = ({ caller }: Access): boolean => PLATFORM_ROLE_PERMISSIONS[caller.platformRole].length > 0;

/** A person who acts by their platform role alone, as no active member of the organisation, is so named in the audit. */
export function nameStaff(access: Access): void {
  const { caller, membershipStatus } = access;
  if (!isStaff(access) || caller.type !== 'user' || membershipStatus === 'ACTIVE') return;
  identifyActor({ type: 'platform_staff', id: caller.id });
}

export function authorise(access: Access, permission: Permission): void {
  const platformPermissions = PLATFORM_ROLE_PERMISSIONS[access.caller.platformRole];
  const sufficient = [permission, ...(access.placeType === 'PROJECT' ? [IN_A_PROJECT[permission]] : [])];
  if (platformPermissions.some((held) => sufficient.includes(held))) return;
  if (!access.permissions.some((held) => sufficient.includes(held as Permission))) {
    throw problem(403, 'forbidden', `This needs the permission ${permission}, which your role does not hold here.`);
  }
}

function refuseSuspended(access: Access): void {
  if (access.membershipStatus === 'SUSPENDED') {
    throw problem(403, 'membership_suspended', 'Your membership here is suspended. Ask an admin of the organisation.');
  }
  if (access.organisationStatus === 'SUSPENDED') {
    throw problem(403, 'organisation_suspended', "This organisation is suspended. Ask the platform's staff.");
  }
}

export const notFound = () => problem(404, 'not_found', 'There is nothing here that you may see.');
