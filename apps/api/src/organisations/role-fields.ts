import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayUnique, IsArray, Matches, ValidateBy } from 'class-validator';
import { ORGANISATION_PERMISSIONS, PROJECT_PERMISSIONS } from '../access/permissions.js';

/** A role is named by key or id: what looks like an id is no key. */
const KEY = /^(?![0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$)[A-Za-z][A-Za-z0-9_-]{0,63}$/;

export const IsRoleKey = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ pattern: KEY.source, minLength: 1, maxLength: 64 }),
    Matches(KEY, {
      message: '$property must be a word of 1 to 64 letters, digits, _ and - that begins with a letter, and no id',
    }),
  );

/** Owners are made by giving them the built-in role: then they can be counted. */
const GIVEABLE: readonly string[] = [...ORGANISATION_PERMISSIONS, ...PROJECT_PERMISSIONS].filter(
  (permission) => permission !== 'organisation:own',
);

const MOST_NAMED = 5;
const LONGEST_NAMED = 64;

/** Permissions that a role of an organisation may hold, each once. */
export const IsPermissionList = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: 'array', items: { type: 'string', enum: [...GIVEABLE] }, uniqueItems: true }),
    IsArray(),
    ValidateBy({
      name: 'arePermissions',
      validator: {
        validate: (value) => ungiveable(value).length === 0,
        defaultMessage: (validation) =>
          `$property must not hold ${named(ungiveable(validation?.value))}: roles may hold ${GIVEABLE.join(', ')}`,
      },
    }),
    ArrayUnique({ message: '$property must name each permission once' }),
  );

const ungiveable = (value: unknown): unknown[] =>
  Array.isArray(value) ? value.filter((each) => typeof each !== 'string' || !GIVEABLE.includes(each)) : [];

const named = (values: unknown[]): string =>
  values
    .slice(0, MOST_NAMED)
    .map((value) => (typeof value === 'string' ? value.slice(0, LONGEST_NAMED) : 'anything but words'))
    .join(', ');
