import { type DynamicModule, Module } from '@nestjs/common';
import { appSecret } from './app-secret.js';
import { Configuration } from './configuration.js';
import { Secrets } from './secrets.js';

/** Hands the checked configuration, and what is derived from its secret, to every module. */
@Module({})
export class ConfigModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [
        { provide: Configuration, useValue: configuration },
        {
          provide: Secrets,
          useFactory: () => new Secrets(appSecret(configuration), configuration.APP_SECRET_PREVIOUS),
        },
      ],
      exports: [Configuration, Secrets],
    };
  }
}
