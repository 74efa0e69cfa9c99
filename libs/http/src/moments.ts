import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';

const DAY = String.raw`[1-9]\d{3}-\d{2}-\d{2}`;
const ZONE = String.raw`(Z|[+-]([01]\d|2[0-3]):[0-5]\d)`;
const SECONDS = String.raw`:[0-5]\d(\.\d{1,9})?`;
const HOURS = String.raw`T([01]\d|2[0-3]):[0-5]\d`;
const DATE_TIME = new RegExp(`^${DAY}${HOURS}${SECONDS}${ZONE}$`);
const MOMENT = new RegExp(`^${DAY}(${HOURS}(${SECONDS})?${ZONE})?$`);
const EXAMPLE = '2026-11-16T09:00:00Z';

/** Null for what is no day of the calendar, or no time of a day. */
function read(value: unknown, pattern: RegExp): Date | null {
  if (typeof value !== 'string' || !pattern.test(value)) return null;
  const moment = new Date(value);
  const isOnCalendar = new Date(`${value.slice(0, 10)}T00:00Z`).getUTCDate() === Number(value.slice(8, 10));
  const year = isOnCalendar ? moment.getUTCFullYear() : NaN;
  return year >= 1000 && year <= 9999 ? moment : null;
}

const readAs = (pattern: RegExp): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => read(value, pattern) ?? value);

const mustBe = (isOne: (value: unknown) => boolean, what: string): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    validator: { validate: isOne, defaultMessage: () => `$property must be ${what}` },
  });

const isDate = (value: unknown): boolean => value instanceof Date;
const A_DATE_TIME = `a time with its offset (RFC 3339), such as ${EXAMPLE}`;

/** A time with its offset, of a body (RFC 3339). */
export const DateTime = (): PropertyDecorator =>
  applyDecorators(ApiProperty({ type: String, format: 'date-time' }), readAs(DATE_TIME), mustBe(isDate, A_DATE_TIME));

/** The same, kept as it was written. */
export const DateTimeText = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, format: 'date-time' }),
    mustBe((value) => read(value, DATE_TIME) !== null, A_DATE_TIME),
  );

/** A day in UTC, or a time with its offset (ISO 8601), of a query. */
export const Moment = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, pattern: MOMENT.source, example: EXAMPLE }),
    readAs(MOMENT),
    mustBe(isDate, `an ISO 8601 date, or time with its offset, such as ${EXAMPLE}; in an address + is written %2B`),
  );
