import { type JsonSql, sqlJson } from '@usher/database';
import type { RoleReferenceDto } from './role.dto.js';

/** A role as answers name it, for statements that write their own rows. */
export const roleFields = (alias: string): Record<keyof RoleReferenceDto, JsonSql> => ({
  id: sqlJson.word(`${alias}.id`),
  key: sqlJson.text(`${alias}.key`),
  name: sqlJson.text(`${alias}.name`),
});
