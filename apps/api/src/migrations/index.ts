import { Initial1795180213053 } from './1795180213053-initial.js';
import { ApiKeys1795189172771 } from './1795189172771-api-keys.js';
import { SessionsPage1795189178334 } from './1795189178334-sessions-page.js';
import { AuditTrail1795189252163 } from './1795189252163-audit-trail.js';
import { SendingLimits1795190030551 } from './1795190030551-sending-limits.js';
import { OwnRoles1795190460000 } from './1795190460000-own-roles.js';
import { MailDeferrals1795200781612 } from './1795200781612-mail-deferrals.js';
import { LogoOrigins1795200889679 } from './1795200889679-logo-origins.js';
import { Reminders1795200975596 } from './1795200975596-reminders.js';
import { MailRefusals1795202542842 } from './1795202542842-mail-refusals.js';
import { MailTrace1795204518873 } from './1795204518873-mail-trace.js';
import { MailTurns1795213000000 } from './1795213000000-mail-turns.js';
import { Retention1795214000000 } from './1795214000000-retention.js';
import { ElsewhereIndex1795214589312 } from './1795214589312-elsewhere-index.js';
import { PageSorts1795215277406 } from './1795215277406-page-sorts.js';
import { MailTenants1795990578000 } from './1795990578000-mail-tenants.js';
import { Throttles1796083344736 } from './1796083344736-throttles.js';

/** In the order in which they run. A migration that was merged is never edited: add another. */
export const migrations = [
  Initial1795180213053,
  ApiKeys1795189172771,
  SessionsPage1795189178334,
  AuditTrail1795189252163,
  SendingLimits1795190030551,
  OwnRoles1795190460000,
  MailDeferrals1795200781612,
  LogoOrigins1795200889679,
  Reminders1795200975596,
  MailRefusals1795202542842,
  MailTrace1795204518873,
  MailTurns1795213000000,
  Retention1795214000000,
  ElsewhereIndex1795214589312,
  PageSorts1795215277406,
  MailTenants1795990578000,
  Throttles1796083344736,
];
