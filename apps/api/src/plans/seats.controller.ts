import { Controller, Get } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentOrganisation, RequirePermission } from '../access/access.decorators.js';
import { SeatsDto } from './seats.dto.js';
import { SeatsService } from './seats.service.js';

@ApiTags('organisations')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/seats')
export class SeatsController {
  constructor(private readonly seats: SeatsService) {}

  /**
   * Counts the seats of an organisation's plan. Answers the limit, the seats held by members, and those reserved for
   * invited people.
   */
  @Get()
  @RequirePermission('members:read')
  get(@CurrentOrganisation() organisationId: string): Promise<SeatsDto> {
    return this.seats.get(organisationId);
  }
}
