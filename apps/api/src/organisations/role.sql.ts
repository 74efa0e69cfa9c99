/** A role in columns, which are quicker to write and to read than JSON; `null` where there is none. */
export interface RoleColumns {
  roleId: string | null;
  roleKey: string;
  roleName: string;
}

export const roleColumnsOf = (alias: string): string =>
  `${alias}.id AS "roleId", ${alias}.key AS "roleKey", ${alias}.name AS "roleName"`;

/** A role as answers name it, for statements that build their own rows. */
export const roleOf = (alias: string): string =>
  `json_build_object('id', ${alias}.id, 'key', ${alias}.key, 'name', ${alias}.name)`;
