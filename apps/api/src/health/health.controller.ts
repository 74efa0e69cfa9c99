import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, HttpCode, HttpException } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { Configuration } from '@usher/config';
import { problem } from '@usher/http';
import { MailChannel } from '@usher/mailer';
import { Public } from '../access/access.decorators.js';
import { Departure } from './departure.js';
import { LivenessDto, ReadinessDto } from './health.dto.js';
import { MigrationRepository } from './migration.repository.js';

const PATIENCE = 2_000;

@ApiTags('running it')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly migrations: MigrationRepository,
    private readonly channel: MailChannel,
    private readonly configuration: Configuration,
    private readonly departure: Departure,
  ) {}

  /** The process lives; asks nothing of the database. */
  @Get('healthz')
  @HttpCode(200)
  @Public()
  live(): LivenessDto {
    return { status: 'ok' };
  }

  /**
   * Tells whether the server is ready for requests. The database answers, can be written and is migrated. Whether mails
   * can leave is shown, but refuses nobody.
   */
  @Get('readyz')
  @Public()
  ready(): Promise<ReadinessDto> {
    if (this.departure.hasBegun) throw notReady('stopping');
    const checks = [
      () => this.look('database', () => this.migrations.requireWritable().then(() => null)),
      () => this.look('migrations', () => this.pendingMigrations()),
      () => this.mail(),
    ];
    return this.health.check(checks).catch((error: unknown) => {
      throw notReady(partsDown(error));
    });
  }

  /** `complaint` answers null when all is well. */
  private async look(part: string, complaint: () => Promise<string | null>) {
    const indicator = this.indicators.check(part);
    const silence = delay(PATIENCE, 'It does not answer', { ref: false });
    const said = await Promise.race([complaint().catch(() => 'It cannot be asked'), silence]);
    return said ? indicator.down(said) : indicator.up();
  }

  private async pendingMigrations(): Promise<string | null> {
    return (await this.migrations.arePending()) ? 'Migrations are pending' : null;
  }

  private mail() {
    const { mailChannel: channel } = this.configuration;
    return this.indicators.check('mail').up({ channel, ...(channel === 'smtp' ? this.channel.state : {}) });
  }
}

function partsDown(error: unknown): string {
  const response = error instanceof HttpException ? error.getResponse() : {};
  const { error: down = {} } = response as { error?: object }; // as: terminus lists there what is down, by name
  return 'database' in down ? 'database' : Object.keys(down).join(', ');
}

const notReady = (why: string): HttpException => problem(503, 'not_ready', `Not ready: ${why}.`, { retryAfter: 5 });
