export { type Mail, type MailContent, Outbox } from './outbox.js';
export { Mailbox } from './mailbox.js';
export { MailboxMessage } from './mailbox-message.entity.js';
export { type ComposedMail, MailRendering } from './mail-rendering.js';
export { type ChannelState, MailChannel } from './mail-channel.js';
export { ChannelTrouble } from './mail-errors.js';
export { MailDispatcher } from './mail-dispatcher.js';
export {
  type AppliedMailEvent,
  MAIL_EVENT_TYPES,
  type MailEvent,
  MailEvents,
  type MailEventType,
} from './mail-events.js';
export { mailNamedBy } from './message-id.js';
export { MailMessage, type MailStatus, MAIL_STATUSES } from './mail-message.entity.js';
export { MailRefusal } from './mail-refusal.entity.js';
export { MailRefusals } from './mail-refusals.js';
export type { Correspondence } from './opt-out-token.js';
export { SendingCounter } from './sending-counter.entity.js';
export { mailsFromTo } from './recipient-limit.js';
export { KEY_OF, keyOf, type Reservation, reserving, secondsOfDayLeft, SendingCounters } from './sending-counters.js';
export { MailModule } from './mail.module.js';
