import { Controller, Get, HttpCode, HttpException } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, TypeOrmHealthIndicator } from '@nestjs/terminus';
import { Configuration } from '@usher/config';
import { problem } from '@usher/http';
import { MailChannel } from '@usher/mailer';
import { DataSource } from 'typeorm';
import { Public } from '../access/access.decorators.js';
import { LivenessDto, ReadinessDto } from './health.dto.js';

const PATIENCE = 2_000;

@ApiTags('running it')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly dataSource: DataSource,
    private readonly channel: MailChannel,
    private readonly configuration: Configuration,
  ) {}

  /** The process lives; asks nothing of the database. */
  @Get('healthz')
  @HttpCode(200)
  @Public()
  live(): LivenessDto {
    return { status: 'ok' };
  }

  /** Ready for requests: the database answers and is migrated. Whether mails can leave is shown, but refuses nobody. */
  @Get('readyz')
  @Public()
  ready(): Promise<ReadinessDto> {
    const checks = [
      () => this.database.pingCheck('database', { timeout: PATIENCE }),
      () => this.migrations(),
      () => this.mail(),
    ];
    return this.health.check(checks).catch((error: unknown) => {
      throw problem(503, 'not_ready', `Not ready: ${partsDown(error)}.`, { retryAfter: 5 });
    });
  }

  private async migrations() {
    const indicator = this.indicators.check('migrations');
    return (await this.dataSource.showMigrations()) ? indicator.down('Migrations are pending') : indicator.up();
  }

  private mail() {
    const { mailChannel: channel } = this.configuration;
    return this.indicators.check('mail').up({ channel, ...(channel === 'smtp' ? this.channel.state : {}) });
  }
}

function partsDown(error: unknown): string {
  const response = error instanceof HttpException ? error.getResponse() : {};
  const { error: down = {} } = response as { error?: object }; // as: terminus lists there what is down, by name
  return Object.keys(down).join(', ') || 'database';
}
