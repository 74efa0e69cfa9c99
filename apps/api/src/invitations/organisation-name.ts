import type { EntityManager } from 'typeorm';
import { Organisation } from '../organisations/organisation.entity.js';

/** For mails; null where no organisation is concerned. */
export async function organisationName(tx: EntityManager, id: string | null): Promise<string | null> {
  if (!id) return null;
  const { name } = await tx.findOneByOrFail(Organisation, { id });
  return name;
}
