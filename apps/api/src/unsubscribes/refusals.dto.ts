import { ApiProperty } from '@nestjs/swagger';
import { Optional } from '@usher/http';
import { IsBoolean, IsString, MaxLength } from 'class-validator';
import { NamedDto } from '../organisations/organisation.dto.js';

const LONGEST_TOKEN = 600;

/** The secret of a mail's way out. */
export const OptOutToken = (): PropertyDecorator => (target, property) => {
  for (const rule of [IsString(), MaxLength(LONGEST_TOKEN), ApiProperty({ maxLength: LONGEST_TOKEN })])
    rule(target, property);
};

export class OptOutTokenDto {
  /** What stands behind `#token=` in the last link of a mail. */
  @OptOutToken()
  token: string;
}

export class ChangeRefusalsDto extends OptOutTokenDto {
  /** Whether to refuse invitations and reminders from the organisation that the mail came from. Left out: as it was. */
  @Optional()
  @IsBoolean()
  organisation?: boolean;

  /** Whether to refuse those of everybody who sends by this installation. Left out: as it was. */
  @Optional()
  @IsBoolean()
  platform?: boolean;
}

export class RefusedDto {
  /** The organisation learns of it: `delivery.status` of its mails is `SKIPPED`. */
  organisation: boolean;

  /** Nobody learns of it: mails wait, as if the mail server were slow. */
  platform: boolean;
}

/** Of which mails a person wants no more. */
export class RefusalsDto {
  /** Masked, such as `k•••@example.com`. */
  email: string;

  /** Where the mail came from; null when it came from the installation itself, or from an organisation that is gone. */
  organisation: NamedDto | null;

  refused: RefusedDto;
}
