export { type Mail, type MailContent, Outbox } from './outbox.js';
export { Mailbox } from './mailbox.js';
export { MailboxMessage } from './mailbox-message.entity.js';
export { MailDispatcher } from './mail-dispatcher.js';
export { MailMessage, type MailStatus, MAIL_STATUSES } from './mail-message.entity.js';
export { SendingCounter } from './sending-counter.entity.js';
export { mailsFromTo } from './recipient-limit.js';
export { SendingCounters } from './sending-counters.js';
export { MailerModule } from './mailer.module.js';
