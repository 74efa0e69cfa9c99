import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Configuration, isSameSecret } from '@usher/config';
import { problem } from '@usher/http';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/access.decorators.js';
import { Metrics } from './metrics.js';

const TEXT = { schema: { type: 'string' }, example: 'usher_outbox_mails{status="QUEUED"} 3' };

@ApiTags('running it')
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly configuration: Configuration,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Metrics of this process, for Prometheus. Send `METRICS_TOKEN` as `Authorization: Bearer`; outside production
   * everyone may read them when it is not set.
   */
  @Get()
  @Public()
  @ApiOkResponse({ description: 'Prometheus text format 0.0.4', content: { 'text/plain': TEXT } })
  async get(@Headers('authorization') authorization: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    if (!this.mayRead(authorization))
      throw problem(401, 'unauthenticated', 'Set METRICS_TOKEN, and send it as `Authorization: Bearer …`.');
    void reply.type(this.metrics.contentType).send(await this.metrics.text());
  }

  private mayRead(authorization = ''): boolean {
    const { METRICS_TOKEN, isProduction } = this.configuration;
    return METRICS_TOKEN ? isSameSecret(`Bearer ${METRICS_TOKEN}`, authorization) : !isProduction;
  }
}
