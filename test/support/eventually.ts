import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE } from './patience.mjs';

/** Tries until it does not throw any more; after the time is up, throws what it threw last. */
export async function eventually<T>(attempt: () => T | Promise<T>, withinMilliseconds = PATIENCE): Promise<T> {
  for (const started = Date.now(); ; await delay(20)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() - started > withinMilliseconds) throw error;
    }
  }
}
