/** The receiving side refuses this mail for good. The message is for inviters: no secrets, nothing of our network. */
export class MailRefused extends Error {}

/** This mail may pass later. The message is for inviters, as above. */
export class MailDelayed extends Error {}

/** It ended or was rotated while it was being sent; nothing of it has left. */
export class MailUnwanted extends Error {}

/** No mail can leave at all, whatever it says and whoever it is for. */
export class ChannelTrouble extends Error {
  constructor(
    /** What the mail server does, in words that end a sentence; for inviters, as above. */
    readonly why: string,
    /** A word such as `ECONNREFUSED`. */
    readonly code: string,
  ) {
    super(`The mail server cannot be used at this moment: ${why}. This mail leaves as soon as it can.`);
  }
}
