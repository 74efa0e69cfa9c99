const OURS = /^<?([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:@|$)/i;

/** RFC 5322 Message-ID of a mail. */
export const messageIdOf = (mailId: string, domain: string): string => `<${mailId}@${domain}>`;

/** The mail that a Message-ID of ours names, with or without angle brackets, or by its id alone; null for others. */
export const mailNamedBy = (messageId: string): string | null => OURS.exec(messageId)?.[1].toLowerCase() ?? null;
