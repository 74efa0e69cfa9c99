/** A role as answers name it, for statements that build their own rows. */
export const roleOf = (alias: string): string =>
  `json_build_object('id', ${alias}.id, 'key', ${alias}.key, 'name', ${alias}.name)`;
