import { type JsonSql, sqlJson } from '@usher/database';
import type { OrganisationReferenceDto } from './organisation.dto.js';

/** An organisation as answers name it, for statements that write their own rows. */
export const organisationFields = (alias: string): Record<keyof OrganisationReferenceDto, JsonSql> => ({
  id: sqlJson.word(`${alias}.id`),
  shortId: sqlJson.text(`${alias}.short_id`),
  name: sqlJson.text(`${alias}.name`),
});
