import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { UsersModule } from '../users/users.module.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyRules } from './key-rules.js';
import { MyApiKeysController } from './my-api-keys.controller.js';
import { OrganisationApiKeysController } from './organisation-api-keys.controller.js';
import { PlatformApiKeysController } from './platform-api-keys.controller.js';
import { PrincipalNames } from './principal-names.js';

/** Credentials for programs: of organisations, of people, of the platform. */
@Module({
  imports: [AuthModule, OrganisationsModule, UsersModule],
  controllers: [OrganisationApiKeysController, PlatformApiKeysController, MyApiKeysController],
  providers: [ApiKeyRepository, ApiKeysService, KeyRules, PrincipalNames],
  exports: [PrincipalNames],
})
export class KeysModule {}
