import { DateTimeText, Optional } from '@usher/http';
import { MAIL_EVENT_TYPES, type MailEvent, type MailEventType } from '@usher/mailer';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';

const MOST_EVENTS = 1_000;

/** What became of one mail. */
export class MailEventDto {
  /** The mail's `Message-ID` header, with or without angle brackets. Others than Usher's are ignored. */
  @IsString()
  @Length(1, 998)
  messageId: string;

  /** A complaint says more than a bounce, that more than a delivery: in whatever order they come, what says most stays. */
  @IsIn(MAIL_EVENT_TYPES)
  type: MailEventType;

  /** When it happened; told in the audit. A time with its offset (RFC 3339). */
  @Optional()
  @DateTimeText()
  at?: string;

  /** Why, in words that the inviter will read. */
  @Optional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;

  /** False makes a bounce a delay, which is only noted. Default: true. */
  @Optional()
  @IsBoolean()
  permanent?: boolean;
}

export class MailEventsDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_EVENTS)
  @ValidateNested({ each: true })
  @Type(() => MailEventDto)
  events: MailEventDto[];
}

export class MailEventsTakenDto {
  /** Events that changed what is known of a mail. */
  applied: number;

  /** Events that were known already, say less than what is known, or are about no mail of this installation. */
  ignored: number;
}

export const toMailEvent = ({ messageId, type, at, reason, permanent = true }: MailEventDto): MailEvent => ({
  messageId,
  type: type === 'bounced' && !permanent ? 'delayed' : type,
  at,
  reason,
});
