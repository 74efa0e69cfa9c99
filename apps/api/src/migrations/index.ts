import { Initial1795180213053 } from './1795180213053-initial.js';
import { AuditTrail1795189252163 } from './1795189252163-audit-trail.js';

/** In the order in which they run. A migration that was merged is never edited: add another. */
export const migrations = [Initial1795180213053, AuditTrail1795189252163];
