import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { isEmailAddress, LONGEST_ADDRESS, lowerCased } from '@usher/config';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateBy,
  ValidateIf,
} from 'class-validator';

/** Line breaks and other control characters, and marks that turn or hide the text around them. */
const INVISIBLE =
  /[\p{Cc}\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\u3164\uFEFF\uFFA0\u{E0000}-\u{E007F}]/u;
const WEB_ADDRESS = /(:\/\/|\bwww\.)/i;

const trimmed = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? value.trim() : value);

/** One plain ASCII e-mail address, at most 254 characters, made lower-case here and nowhere else. International domains are written in punycode. */
export const EmailAddress = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ format: 'email', maxLength: LONGEST_ADDRESS }),
    Transform(lowerCased),
    ValidateBy({
      name: 'isEmailAddress',
      validator: {
        validate: isEmailAddress,
        defaultMessage: () => '$property must be one plain e-mail address such as kim@example.com',
      },
    }),
  );

/** 1 to `most` of them. */
export const EmailAddresses = (most: number): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      type: 'array',
      minItems: 1,
      maxItems: most,
      items: { type: 'string', format: 'email', maxLength: LONGEST_ADDRESS },
    }),
    Transform(({ value }: { value: unknown }) =>
      Array.isArray(value) ? value.map((each: unknown) => lowerCased({ value: each })) : value,
    ),
    ValidateBy(
      {
        name: 'isEmailAddress',
        validator: {
          validate: isEmailAddress,
          defaultMessage: () => 'each of $property must be one plain e-mail address such as kim@example.com',
        },
      },
      { each: true },
    ),
    ArrayMaxSize(most),
    ArrayMinSize(1),
    IsArray(),
  );

/** One line of text that people will read: no line breaks, no invisible or direction marks, no web addresses. Trimmed. */
export const PlainText = (longest: number, shortest = 1): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ minLength: shortest, maxLength: longest }),
    Transform(trimmed),
    IsString(),
    Length(shortest, longest),
    Matches(new RegExp(`^(?!.*${WEB_ADDRESS.source})`, 'is'), { message: '$property must not hold a web address' }),
    ValidateBy({
      name: 'isPlainText',
      validator: {
        validate: (value) => typeof value === 'string' && !INVISIBLE.test(value),
        defaultMessage: () => '$property must be one line without control or direction characters',
      },
    }),
  );

/** May be left out; unlike class-validator's `IsOptional`, null is not accepted. */
export const Optional = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** A `true` or `false` of a query. */
export const QueryFlag = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean({ message: '$property must be true or false' }),
  );

/** A UUID in any case, made lower-case: two spellings are one id. */
export const Id = (): PropertyDecorator =>
  applyDecorators(ApiProperty({ format: 'uuid' }), Transform(lowerCased), IsUUID());
