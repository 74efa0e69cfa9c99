import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from './configuration.js';

/** The configured secret; outside production one made on the first start and kept beside the data, so that queued mail survives a restart. */
export function appSecret(configuration: Configuration): string {
  if (configuration.APP_SECRET) return configuration.APP_SECRET;
  if (configuration.DATA_DIR.startsWith('memory://')) return randomBytes(48).toString('base64');
  const file = join(configuration.DATA_DIR, 'app-secret');
  mkdirSync(configuration.DATA_DIR, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(48).toString('base64'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // as: Node's file errors carry a code
  }
  return readFileSync(file, 'utf8');
}
