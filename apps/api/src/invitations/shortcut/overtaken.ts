import { isDeadlock, isTakenBack } from '@usher/database';

/** What a writing statement answers; null when it wrote nothing, as what it stands on has changed: then the long way says why. */
export async function unlessOvertaken<Rows>(writing: Promise<Rows>): Promise<Rows | null> {
  try {
    return await writing;
  } catch (error) {
    if (isTakenBack(error) || isDeadlock(error)) return null;
    throw error;
  }
}
