import { resolve } from 'node:path';
import * as usher from './usher.mjs';

export { isRight, raiseLimits, requests } from './usher.mjs';

/** Another build of Usher, to see what changed. Its schema must be one that the same rows fit into. */
export const open = ({ before, ...options }) => usher.open({ ...options, root: resolve(before), name: 'before' });
