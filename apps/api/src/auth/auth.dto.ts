import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { EmailAddress } from '@usher/http';
import { IsString, Length, MaxLength, MinLength } from 'class-validator';
import { UserDto } from '../users/user.dto.js';

/** 8 to 128 characters, any of them; nothing is cut off. `Passwords` refuses those that are easy to guess. */
export const NewPassword = (): PropertyDecorator =>
  applyDecorators(Length(8, 128), ApiProperty({ minLength: 8, maxLength: 128 }));

export class SignInDto {
  @EmailAddress()
  email: string;

  @IsString()
  @MinLength(1)
  @MaxLength(128)
  password: string;
}

export class SessionTokenDto {
  /** The credential, shown once: send it as `Authorization: Bearer …`. */
  token: string;

  expiresAt: Date;
}

export class SignedInDto extends SessionTokenDto {
  user: UserDto;
}

export class RequestPasswordResetDto {
  @EmailAddress()
  email: string;
}

export class ConfirmPasswordResetDto {
  /** From the mail's link. */
  @IsString()
  @MaxLength(200)
  token: string;

  /** 8 to 128 characters, and not easy to guess: neither a common password, nor your address, nor the platform's name. */
  @IsString()
  @NewPassword()
  password: string;
}

export class ChangePasswordDto {
  @IsString()
  @MaxLength(128)
  currentPassword: string;

  /** 8 to 128 characters, and not easy to guess: neither a common password, nor your address, nor the platform's name. */
  @IsString()
  @NewPassword()
  newPassword: string;
}
