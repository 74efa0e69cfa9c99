import { Body, Controller, HttpCode, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { BackgroundWork } from '@usher/http';
import { CurrentCaller, Public, SignedIn } from '../access/access.decorators.js';
import type { SignedInPerson } from '../access/caller.js';
import { UserDto } from '../users/user.dto.js';
import {
  ChangePasswordDto,
  ConfirmPasswordResetDto,
  RequestPasswordResetDto,
  SignedInDto,
  SignInDto,
} from './auth.dto.js';
import { PasswordResetRequestsService } from './password-reset-requests.service.js';
import { PasswordResetsService } from './password-resets.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';

@ApiTags('auth')
@Controller()
export class AuthController {
  constructor(
    private readonly signIns: SignInService,
    private readonly sessions: SessionsService,
    private readonly resetRequests: PasswordResetRequestsService,
    private readonly resets: PasswordResetsService,
    private readonly background: BackgroundWork,
  ) {}

  /**
   * Signs in with address and password. An unknown address and a wrong password answer alike. An `Authorization` header
   * is ignored, and a session that it names goes on.
   */
  @Post('auth/sign-in')
  @HttpCode(200)
  @Public()
  async signIn(@Body() credentials: SignInDto): Promise<SignedInDto> {
    const { user, ...session } = await this.signIns.signIn(credentials);
    return { ...session, user: UserDto.from(user) };
  }

  /** Ends the session that this request is made with. */
  @Post('auth/sign-out')
  @HttpCode(204)
  @SignedIn('session')
  async signOut(@CurrentCaller() caller: SignedInPerson): Promise<void> {
    await this.sessions.signOut(caller);
  }

  /** Mails a link to set a new password. The answer is the same if the address has no account. */
  @Post('auth/password-resets')
  @HttpCode(202)
  @Public('session')
  async requestReset(@Body() { email }: RequestPasswordResetDto): Promise<void> {
    const isAllowed = await this.resetRequests.allows(email);
    await this.background.start('password reset request', async () => {
      if (isAllowed) await this.resetRequests.send(email);
    });
  }

  /** Sets a new password with the token from the mail. Ends all sessions and personal API keys. */
  @Post('auth/password-resets/confirm')
  @HttpCode(204)
  @Public('session')
  async confirmReset(@Body() confirmation: ConfirmPasswordResetDto): Promise<void> {
    await this.resets.confirm(confirmation);
  }

  /** Changes your password. Ends your other sessions and your personal API keys. */
  @Put('me/password')
  @HttpCode(204)
  @SignedIn('session')
  async changePassword(@CurrentCaller() caller: SignedInPerson, @Body() passwords: ChangePasswordDto): Promise<void> {
    await this.signIns.changePassword(caller, passwords);
  }
}
