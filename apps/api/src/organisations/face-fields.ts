import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { contrastWithWhite } from './contrast.js';

const LONGEST_URL = 2_000;
/** Nothing that one program reads as a part of the host and another does not. */
const UNAMBIGUOUS = /^https:\/\/[^\s\\"'<>@/?#]+([/?#][^\s\\"'<>]*)?$/i;
/** WCAG 2 AA, for text of any size. */
const ENOUGH_CONTRAST = 4.5;

/** An https address of a picture; whether its origin is allowed is for the service to say. */
export const IsLogoUrl = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ format: 'uri', maxLength: LONGEST_URL }),
    ValidateBy({
      name: 'isLogoUrl',
      validator: {
        validate: (value) =>
          typeof value === 'string' && value.length <= LONGEST_URL && UNAMBIGUOUS.test(value) && URL.canParse(value),
        defaultMessage: () =>
          `$property must be an https address such as https://assets.example.com/logo.png, of at most ${LONGEST_URL} characters, without user name, spaces, quotes or backslashes`,
      },
    }),
  );

/** `#rrggbb`, dark enough to be read on white and under white text. */
export const IsAccentColour = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ pattern: '^#[0-9a-fA-F]{6}$' }),
    ValidateBy({
      name: 'isAccentColour',
      validator: {
        validate: (value) => typeof value === 'string' && contrastWithWhite(value) >= ENOUGH_CONTRAST,
        defaultMessage: (field) => whatIsWrong(field?.value),
      },
    }),
  );

function whatIsWrong(value: unknown): string {
  const ratio = typeof value === 'string' ? contrastWithWhite(value) : NaN;
  if (Number.isNaN(ratio)) return '$property must be a colour such as #1d4ed8';
  const shown = Math.floor(ratio * 100) / 100; // 4.499 must not read as enough
  return `$property has a contrast of ${shown}:1 with the white text of buttons and needs ${ENOUGH_CONTRAST}:1: choose a darker colour`;
}
