import { Initial1795180213053 } from './1795180213053-initial.js';
import { SessionsPage1795189178334 } from './1795189178334-sessions-page.js';

/** In the order in which they run. A migration that was merged is never edited: add another. */
export const migrations = [Initial1795180213053, SessionsPage1795189178334];
