import type { PersonListed } from './people.repository.js';
import type { GorulesPaginationDto } from './gorules.dto.js';

const TYPES = ['member', 'author', 'admin', 'owner'] as const;
type GorulesUserType = 'invited' | (typeof TYPES)[number];

export class GorulesRoleDto {
  /** @format uuid */
  id: string;

  name: string;
}

/** A member, or somebody who was invited and has not accepted. */
export class GorulesUserDto {
  /**
   * Of those invited what invitations call `userId`; of members the id of their account.
   * @format uuid
   */
  id: string;

  /** @format email */
  email: string;

  /** `invited`, or as the role in the organisation is called; `member` where it has a name of its own. */
  type: GorulesUserType;

  /** `disabled`: the membership is suspended. */
  status: 'active' | 'disabled' | 'locked';

  createdAt: Date;

  updatedAt: Date;

  firstName: string | null;

  lastName: string | null;

  /** Always false: keys are not users. */
  isService: boolean;

  roles: GorulesRoleDto[];

  static from({ id, email, role, ...person }: PersonListed): GorulesUserDto {
    return {
      id,
      email,
      type: typeOf({ role, ...person }),
      status: person.status === 'ACTIVE' ? 'active' : 'disabled',
      createdAt: person.createdAt,
      updatedAt: person.updatedAt,
      firstName: person.givenName,
      lastName: person.familyName,
      isService: false,
      roles: role ? [{ id: role.id, name: role.name }] : [],
    };
  }
}

export class GorulesUserPageDto {
  results: GorulesUserDto[];

  paginate: GorulesPaginationDto;
}

function typeOf({ isMember, role }: Pick<PersonListed, 'isMember' | 'role'>): GorulesUserType {
  if (!isMember) return 'invited';
  return TYPES.find((type) => type === role?.key.toLowerCase()) ?? 'member';
}
