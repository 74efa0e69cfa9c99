import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  isEmail,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateBy,
  ValidateIf,
} from 'class-validator';

const ADDRESS = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]{1,253}$/;
const LONGEST_ADDRESS = 254;
/** Line breaks and other control characters, and marks that turn or hide the text around them. */
const INVISIBLE =
  /[\p{Cc}\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\u3164\uFEFF\uFFA0\u{E0000}-\u{E007F}]/u;
/** A letter, number, symbol or punctuation mark, but none that looks like nothing. */
const VISIBLE = /(?![\u2800\uFFFC\u{1D159}])[\p{L}\p{N}\p{P}\p{S}]/u;
/** The flags of England, Scotland and Wales: a black flag and the region's name in characters that do not show. */
const REGION_FLAG =
  /\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}/gu;
const WEB_ADDRESS = /(:\/\/|\bwww\.)/i;

const trimmed = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? value.trim() : value);
/** ASCII alone: elsewhere toLowerCase makes a plain k of the Kelvin sign, and so another person's address of this one. */
const lowerCased = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : value;

const showsItself = (text: string): boolean => !INVISIBLE.test(text.replace(REGION_FLAG, ''));
const isBlank = (text: string): boolean => !VISIBLE.test(text);

const isEmailAddress = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= LONGEST_ADDRESS && ADDRESS.test(value) && isEmail(value);

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

/** One line of text that people will read: no line breaks, no invisible or direction marks, no web addresses, and something to see. Trimmed. */
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
        validate: (value) => typeof value === 'string' && showsItself(value),
        defaultMessage: () => '$property must be one line without control or direction characters',
      },
    }),
    ValidateBy({
      name: 'isVisible',
      validator: {
        validate: (value) => value === '' || (typeof value === 'string' && !isBlank(value)),
        defaultMessage: () => '$property must have a character that can be seen, such as a letter or a number',
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
