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

  /** Figures of this process for Prometheus; with `METRICS_TOKEN` set only to who sends it as `Authorization: Bearer`. */
  @Get()
  @Public()
  @ApiOkResponse({ description: 'Prometheus text format 0.0.4', content: { 'text/plain': TEXT } })
  async get(@Headers('authorization') authorization: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    if (!this.mayRead(authorization))
      throw problem(401, 'unauthenticated', 'Send METRICS_TOKEN as `Authorization: Bearer …`.');
    void reply.type(this.metrics.contentType).send(await this.metrics.text());
  }

  private mayRead(authorization = ''): boolean {
    const { METRICS_TOKEN } = this.configuration;
    return METRICS_TOKEN === undefined || isSameSecret(`Bearer ${METRICS_TOKEN}`, authorization);
  }
}
