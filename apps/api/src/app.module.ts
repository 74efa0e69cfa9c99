import { type DynamicModule, Module } from '@nestjs/common';
import { AuditModule } from '@usher/audit';
import { ConfigModule, type Configuration } from '@usher/config';
import { DatabaseModule } from '@usher/database';
import { HttpModule } from '@usher/http';
import { MailModule } from '@usher/mailer';
import { AccessModule } from './access/access.module.js';
import { AuditTrailModule } from './audit-trail/audit-trail.module.js';
import { AuthModule } from './auth/auth.module.js';
import { DialectsModule } from './dialects/dialects.module.js';
import { HealthModule } from './health/health.module.js';
import { InvitationsModule } from './invitations/invitations.module.js';
import { KeysModule } from './keys/keys.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { MailEventsModule } from './mail-events/mail-events.module.js';
import { OrganisationsModule } from './organisations/organisations.module.js';
import { PagesModule } from './pages/pages.module.js';
import { PlansModule } from './plans/plans.module.js';
import { PlatformModule } from './platform/platform.module.js';
import { ProjectsModule } from './projects/projects.module.js';
import { schema } from './schema.js';
import { UnsubscribesModule } from './unsubscribes/unsubscribes.module.js';
import { UsersModule } from './users/users.module.js';

/** The map: a module may import those above it, never those below. */
@Module({})
export class AppModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(configuration),
        DatabaseModule.forRoot(schema),
        HttpModule,
        AuditModule,
        MailModule,

        AccessModule,
        PlatformModule,
        UsersModule,
        AuthModule,
        OrganisationsModule,
        ProjectsModule,
        KeysModule,
        PlansModule,
        UnsubscribesModule,
        InvitationsModule,
        MailEventsModule,
        AuditTrailModule,
        DialectsModule,
        PagesModule,
        HealthModule,
        MetricsModule,
      ],
    };
  }
}
