import { Initial1795180213053 } from './1795180213053-initial.js';
import { ApiKeys1795189172771 } from './1795189172771-api-keys.js';
import { OwnRoles1795190460000 } from './1795190460000-own-roles.js';

/** In the order in which they run. A migration that was merged is never edited: add another. */
export const migrations = [Initial1795180213053, ApiKeys1795189172771, OwnRoles1795190460000];
