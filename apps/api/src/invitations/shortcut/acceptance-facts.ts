import type { ReadAlong } from '../../access/access.decorators.js';
import type { Principal } from '../../access/caller.js';
import { hashOf } from '../../access/credential.js';
import { guessesOfClient } from '../../auth/wrong-tokens.js';
import type { OrganisationReferenceDto } from '../../organisations/organisation.dto.js';
import type { Role } from '../../organisations/role.entity.js';
import type { Grants, InvitationPlace } from '../grants.js';
import { ACCEPTANCE_FACTS } from './acceptance.sql.js';
import type { Standing } from './shortcut-facts.js';

/** What `ACCEPTANCE_FACTS` reads. */
export interface AcceptanceFacts {
  id: string;
  redirectUrl: string | null;
  redirectOrigins: string[];
  place: InvitationPlace & { organisationId: string };
  organisation: OrganisationReferenceDto;
  /** Who answers for it. */
  inviter: Principal & Standing;
  /** Null on an invitation to a project. */
  role: Role | null;
  projects: Grants['projects'];
}

/** Reads them with the caller. A token that is none is for the validation to refuse. */
export const acceptanceFacts: ReadAlong = ({ body }) => {
  const { token } = (body ?? {}) as { token?: unknown }; // as: only read, may be missing
  if (typeof token !== 'string') return null;
  return { name: 'acceptance', sql: ACCEPTANCE_FACTS, values: [hashOf(token), ...guessesOfClient()] };
};
