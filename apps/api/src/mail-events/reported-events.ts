import { decodeUtf8 } from '@usher/config';
import { problem, RequestValidation, TakenBody } from '@usher/http';
import type { MailEvent } from '@usher/mailer';
import { eventsOfReport } from './delivery-report.js';
import { MailEventsDto, toMailEvent } from './mail-event.dto.js';
import { eventOfPostmark, isFromPostmark } from './postmark.js';

export const REPORT = 'message/rfc822';

const NOTHING = new TakenBody('application/json', Buffer.alloc(0));
const validation = new RequestValidation();

/** The events that a body reports, in whatever format; null stands for one that says nothing of a mail. */
export async function reportedEvents({ mediaType, bytes } = NOTHING): Promise<(MailEvent | null)[]> {
  if (mediaType === REPORT) {
    const events = await eventsOfReport(bytes);
    return events.length > 0 ? events : [null];
  }
  const body = parse(bytes);
  if (typeof body === 'object' && body && isFromPostmark(body)) {
    await validation.transform(body, { type: 'body' });
    return [eventOfPostmark(body)];
  }
  const { events } = (await validation.transform(body, { type: 'body', metatype: MailEventsDto })) as MailEventsDto; // as: it was made so
  return events.map(toMailEvent);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes)) as unknown;
  } catch {
    throw problem(400, 'malformed_json', 'The body is not valid JSON in UTF-8.');
  }
}
