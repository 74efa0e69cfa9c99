import type { InvitationDto } from '../../invitations/invitation.dto.js';
import type { Role } from '../../organisations/role.entity.js';
import type { Platform } from '../../platform/platform.entity.js';
import type { ProjectRoleDto } from '../../projects/membership.dto.js';
import type { ActivepiecesInvitationDto, ActivepiecesProjectRoleDto } from './activepieces.dto.js';

/** An invitation in Activepieces' words; the vendor's schema allows no other key. */
export function toActivepieces(
  invitation: InvitationDto,
  { platform, roles }: { platform: Platform; roles: Role[] },
): ActivepiecesInvitationDto {
  const { id, email, status, type, platformRole, projects, link } = invitation;
  const granted = projects.at(0);
  const role = roles.find((each) => each.id === granted?.role.id);
  return {
    id,
    created: invitation.createdAt.toISOString(),
    updated: invitation.updatedAt.toISOString(),
    email,
    status: status === 'ACCEPTED' ? 'ACCEPTED' : 'PENDING',
    type: type === 'PLATFORM' ? 'PLATFORM' : 'PROJECT',
    platformId: platform.id,
    platformRole,
    ...ofProject(granted),
    projectRole: role ? projectRole(role, platform) : null,
    ...(link ? { link } : {}),
  };
}

const ofProject = (granted?: ProjectRoleDto) => ({
  projectId: granted?.projectId ?? null,
  projectRoleId: granted?.role.id ?? null,
});

/** Roles keep no times; the installation's is as old as they can be. */
function projectRole({ id, name, permissions, organisationId }: Role, platform: Platform): ActivepiecesProjectRoleDto {
  const since = platform.createdAt.toISOString();
  const isOwn = organisationId !== null;
  return {
    id,
    created: since,
    updated: since,
    name,
    permissions,
    platformId: isOwn ? platform.id : null,
    type: isOwn ? 'CUSTOM' : 'DEFAULT',
  };
}
