import type { InvitationDto } from '../../invitations/invitation.dto.js';

/** WireMock's word for a role: what it holds in, and as what. */
export const WIREMOCK_ROLES = [
  'organisation_admin',
  'organisation_member',
  'team_admin',
  'team_member',
  'mock_api_admin',
  'mock_api_editor',
  'mock_api_user',
  'api_template_admin',
  'api_template_editor',
  'api_template_user',
  'api_template_catalogue_admin',
  'api_template_catalogue_editor',
  'api_template_catalogue_user',
  'data_source_admin',
  'data_source_editor',
  'data_source_user',
  'key_admin',
  'key_editor',
  'key_user',
] as const;
export type WiremockRole = (typeof WIREMOCK_ROLES)[number];

/** What a role holds in when it is no kind of project. */
const ORGANISATION = 'organisation';

/** `mock_api_admin` is the role `ADMIN` in projects of kind `mock_api`; in the organisation itself the kind is null. */
export function readRole(role: WiremockRole): { kind: string | null; key: string } {
  const end = role.lastIndexOf('_');
  const kind = role.slice(0, end);
  return { kind: kind === ORGANISATION ? null : kind, key: role.slice(end + 1).toUpperCase() };
}

/** The nearest that WireMock has a word for; `kind` is that of the project of an invitation to a project. */
export function writeRole(
  { type, role, projects: [grant] }: InvitationDto,
  kind: string | undefined,
): { role: WiremockRole; aclObjectId?: string } {
  if (type === 'PROJECT' && kind !== ORGANISATION) {
    const word = WIREMOCK_ROLES.find((candidate) => candidate === `${kind}_${grant?.role.key.toLowerCase()}`);
    if (word) return { role: word, aclObjectId: grant.projectId };
  }
  return { role: ['ADMIN', 'OWNER'].includes(role?.key ?? '') ? 'organisation_admin' : 'organisation_member' };
}
