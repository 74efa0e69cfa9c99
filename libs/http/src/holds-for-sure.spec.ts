import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  validate,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { EmailAddress, EmailAddresses, Id, Optional, PlainText } from './fields.js';
import { holdsForSure } from './holds-for-sure.js';

class Part {
  @Id()
  id: string;

  @Optional()
  @IsString()
  @MaxLength(3)
  name?: string;
}

class Whole extends Part {
  @EmailAddress()
  email: string;

  @Optional()
  @EmailAddresses(2)
  others?: string[];

  @Optional()
  @PlainText(5)
  title?: string;

  @IsOptional()
  @IsObject()
  metadata?: object | null;

  @Optional()
  @IsArray()
  @ArrayMaxSize(2)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => Part)
  parts?: Part[];

  @Optional()
  @ValidateNested()
  @Type(() => Part)
  part?: Part;

  @ValidateIf(({ title }: Whole) => title === 'Dr')
  @IsString()
  grade?: string;
}

const ID = '00000001-0000-7000-8000-000000000002';
const odd = fc.constantFrom(undefined, null, '', 7, true, [], {}, [[]], [{}], 'x');
const part = fc.record(
  { id: fc.constantFrom(ID, ID.toUpperCase(), 'no id'), name: fc.oneof(fc.string({ maxLength: 4 }), odd), more: odd },
  { requiredKeys: ['id'] },
);
const address = fc.constantFrom('kim@example.com', 'KIM@example.com', 'kim', 'kim@example.com\n');
const whole = fc.record(
  {
    id: fc.constantFrom(ID, 'no id'),
    email: address,
    others: fc.oneof(fc.array(address, { maxLength: 3 }), odd),
    title: fc.oneof(fc.constantFrom('Dr', 'Prof.', 'http://'), odd),
    metadata: fc.oneof(fc.dictionary(fc.constantFrom('a', 'prototype'), fc.jsonValue()), odd),
    parts: fc.oneof(fc.array(fc.oneof(part, odd), { maxLength: 3 }), odd),
    part: fc.oneof(part, odd),
    grade: odd,
    unknown: odd,
  },
  { requiredKeys: ['id', 'email'] },
);

describe('the quick look at a request', () => {
  it('is sure of all that class-validator takes, and of nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(whole, async (body) => {
        const request = plainToInstance(Whole, body);
        const errors = await validate(request, { whitelist: true, forbidNonWhitelisted: true });
        expect(holdsForSure(request)).toBe(errors.length === 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('knows nothing of classes without rules', () => {
    expect(holdsForSure({})).toBe(false);
  });
});
