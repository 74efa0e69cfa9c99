import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

/** The secret of a link. */
export const LinkToken = (): PropertyDecorator => (target, property) => {
  for (const rule of [IsString(), MaxLength(200), ApiProperty({ maxLength: 200 })]) rule(target, property);
};
