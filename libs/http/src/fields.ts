import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { lowerCased } from '@usher/config';
import { Transform } from 'class-transformer';
import { IsBoolean, IsString, IsUUID, Length, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { INVISIBLE, trimmed } from './text.js';

/** A letter, number, symbol or punctuation mark, but none that looks like nothing. */
const VISIBLE = /(?![\u2800\uFFFC\u{1D159}])[\p{L}\p{N}\p{P}\p{S}]/u;
/** The flags of England, Scotland and Wales: a black flag and the region's name in characters that do not show. */
const REGION_FLAG =
  /\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}/gu;
const WEB_ADDRESS = /(:\/\/|\bwww\.)/i;

const showsItself = (text: string): boolean => !INVISIBLE.test(text.replace(REGION_FLAG, ''));
const isBlank = (text: string): boolean => !VISIBLE.test(text);

/** One line of text that people will read: no line breaks, no invisible or direction marks, no web addresses, and something to see. Trimmed. */
export const PlainText = (longest: number, shortest = 1): PropertyDecorator =>
  applyDecorators(Transform(trimmed), plain(longest, shortest, 'one line', showsItself));

/** As `PlainText`, with line breaks: each becomes LF, and several empty lines become one. */
export const PlainLines = (longest: number): PropertyDecorator =>
  applyDecorators(
    Transform(withPlainBreaks),
    plain(longest, 1, 'text', (text) => showsItself(text.replaceAll('\n', ''))),
  );

const withPlainBreaks = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string'
    ? value
        .trim()
        .replace(/\r\n?/g, '\n')
        .replace(/\n{3,}/g, '\n\n')
    : value;

const plain = (longest: number, shortest: number, what: string, isPlain: (text: string) => boolean) =>
  applyDecorators(
    ApiProperty({ minLength: shortest, maxLength: longest }),
    IsString(),
    Length(shortest, longest),
    Matches(new RegExp(`^(?!.*${WEB_ADDRESS.source})`, 'is'), { message: '$property must not hold a web address' }),
    ValidateBy({
      name: 'isPlainText',
      validator: {
        validate: (value) => typeof value === 'string' && isPlain(value),
        defaultMessage: () => `$property must be ${what} without control or direction characters`,
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
