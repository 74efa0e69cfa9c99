import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { AuditEvent } from '@usher/audit';
import { type Actor, Id, Optional, PageQuery } from '@usher/http';
import { Transform } from 'class-transformer';
import { IsString, Length, ValidateBy } from 'class-validator';
import type { PrincipalDto } from '../keys/api-key.dto.js';
import { AUDIT_ACTIONS } from './audit-actions.js';

/** Who did it. */
export class AuditActorDto {
  /** A person, an API key, platform staff who acted by their platform role alone, or Usher itself. */
  type: Actor['type'];

  /** @format uuid */
  id: string | null;

  /** What they are called now; null when they were erased, and for Usher itself. */
  name: string | null;
}

/** What it was done to. */
export class AuditSubjectDto {
  /** Such as `invitation`, `user` or `organisation`. */
  type: string;

  /** @format uuid */
  id: string | null;
}

/** Something that was done, or that somebody was refused. */
export class AuditEventDto {
  /** @format uuid */
  id: string;

  at: Date;

  /** `noun.verb` in the past tense, such as `invitation.accepted`. */
  @ApiProperty({ enum: AUDIT_ACTIONS, enumName: 'AuditAction' })
  action: string;

  actor: AuditActorDto;

  subject: AuditSubjectDto;

  /** What it was before, as far as it changed. */
  before: object | null;

  /** What it is since, or what was wanted. */
  after: object | null;

  /** Where the request came from. */
  ip: string | null;

  /** Finds the request in the logs. */
  requestId: string | null;

  static from(event: AuditEvent, names: ReadonlyMap<string, PrincipalDto>): AuditEventDto {
    const { id, at, action, actorType, actorId, subjectType, subjectId, before, after, ip, requestId } = event;
    const actor = { type: actorType, id: actorId, name: names.get(actorId ?? '')?.name ?? null };
    return { id, at, action, actor, subject: { type: subjectType, id: subjectId }, before, after, ip, requestId };
  }
}

export class AuditEventPageDto {
  data: AuditEventDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}

const MOMENT = /^[1-9]\d{3}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const EXAMPLE = '2026-11-16T09:00:00Z';

/** Null for what is no day of the calendar, or no time of a day. */
function readMoment(value: unknown): Date | null {
  if (typeof value !== 'string' || !MOMENT.test(value)) return null;
  const moment = new Date(value);
  const isOnCalendar = new Date(`${value.slice(0, 10)}T00:00Z`).getUTCDate() === Number(value.slice(8, 10));
  const year = isOnCalendar ? moment.getUTCFullYear() : NaN;
  return year >= 1000 && year <= 9999 ? moment : null;
}

/** A day in UTC, or a time with its offset (ISO 8601). */
const Moment = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, pattern: MOMENT.source, example: EXAMPLE }),
    Transform(({ value }: { value: unknown }) => readMoment(value) ?? value),
    ValidateBy({
      name: 'isMoment',
      validator: {
        validate: (value) => value instanceof Date,
        defaultMessage: () =>
          `$property must be an ISO 8601 date, or time with its offset, such as ${EXAMPLE}; in an address + is written %2B`,
      },
    }),
  );

/** Which events to list or to export; `limit`, `cursor` and `includeTotal` mean nothing to an export. */
export class AuditEventListQuery extends PageQuery {
  /** Done by this person or key. */
  @Optional()
  @Id()
  actor?: string;

  /** Exactly this, such as `invitation.accepted`. */
  @Optional()
  @IsString()
  @Length(1, 100)
  action?: string;

  /** Done to what has this id. */
  @Optional()
  @Id()
  subject?: string;

  /** Then or later: an ISO 8601 date, or time with its offset. */
  @Optional()
  @Moment()
  from?: Date;

  /** Before then: an ISO 8601 date, or time with its offset. */
  @Optional()
  @Moment()
  to?: Date;
}

export class PlatformAuditEventListQuery extends AuditEventListQuery {
  /** In this organisation, also after it was deleted. */
  @Optional()
  @Id()
  organisationId?: string;
}
