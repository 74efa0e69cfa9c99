import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { isEmailAddress, LONGEST_ADDRESS, storedAddress } from '@usher/config';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, ValidateBy, type ValidationArguments } from 'class-validator';
import { INVISIBLE } from './text.js';

const NOT_ASCII = /\P{ASCII}/u;

/** What is wrong with it, when that cannot be seen. */
function complaint({ value, property }: ValidationArguments): string {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const address = values.find((each) => !isEmailAddress(each));
  const text = typeof address === 'string' ? address : '';
  const invisible = INVISIBLE.exec(text);
  if (invisible) return `${property} holds the invisible character ${placed(invisible, text)}. Remove it`;
  const local = NOT_ASCII.exec(text.slice(0, Math.max(text.lastIndexOf('@'), 0)));
  if (local) return `${property} holds ${local[0]} (${codeOf(local[0])}); before the @ only ASCII characters are taken`;
  const each = Array.isArray(value) ? 'each of ' : '';
  return `${each}${property} must be one plain e-mail address such as kim@example.com`;
}

function placed({ 0: character, index }: RegExpExecArray, text: string): string {
  const isLast = index + character.length === text.length;
  return `${codeOf(character)} ${index === 0 ? 'in front of' : isLast ? 'behind' : 'in'} the address`;
}

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const isAddress = {
  validate: isEmailAddress,
  defaultMessage: (args?: ValidationArguments) => (args ? complaint(args) : ''),
};

/** One plain e-mail address, at most 254 characters, made lower-case here and nowhere else. International domains become punycode. */
export const EmailAddress = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ format: 'email', maxLength: LONGEST_ADDRESS }),
    Transform(({ value }: { value: unknown }) => storedAddress(value)),
    ValidateBy({ name: 'isEmailAddress', validator: isAddress }),
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
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(storedAddress) : value)),
    ValidateBy({ name: 'isEmailAddress', validator: isAddress }, { each: true }),
    ArrayMaxSize(most),
    ArrayMinSize(1),
    IsArray(),
  );
