import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PlatformModule } from '../platform/platform.module.js';
import { UsersModule } from '../users/users.module.js';
import { AuthController } from './auth.controller.js';
import { FirstAdmin } from './first-admin.js';
import { PasswordReset } from './password-reset.entity.js';
import { PasswordResetRepository } from './password-reset.repository.js';
import { PasswordResetRequestsService } from './password-reset-requests.service.js';
import { PasswordResetsService } from './password-resets.service.js';
import { Passwords } from './passwords.js';
import { ReplacedPasswords } from './replaced-passwords.js';
import { Session } from './session.entity.js';
import { SessionRepository } from './session.repository.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { SignInService } from './sign-in.service.js';
import { WrongTokens } from './wrong-tokens.js';

/** Who is calling: sign-in, sessions, passwords. */
@Module({
  imports: [PlatformModule, UsersModule, TypeOrmModule.forFeature([Session, PasswordReset])],
  controllers: [AuthController, SessionsController],
  providers: [
    SignInService,
    SessionRepository,
    SessionsService,
    SignInThrottle,
    WrongTokens,
    PasswordResetRepository,
    PasswordResetRequestsService,
    PasswordResetsService,
    Passwords,
    ReplacedPasswords,
    FirstAdmin,
  ],
  exports: [SessionsService, Passwords, WrongTokens],
})
export class AuthModule {}
