import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

const KIND = /^[a-z][a-z0-9_]{0,39}$/;

/** A kind of project: `project`, or any lower-case word. */
export const IsProjectKind = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ pattern: KIND.source }),
    Matches(KIND, { message: '$property must be a lower-case word such as team or mock_api' }),
  );
