import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentOrganisation, RequirePermission } from '../access/access.decorators.js';
import { AuditEventListQuery, AuditEventPageDto } from './audit-event.dto.js';
import { AuditEventsService } from './audit-events.service.js';
import { exportAs, type ExportFormat, WantedExport } from './audit-export.js';

@ApiTags('audit')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/audit-events')
export class OrganisationAuditEventsController {
  constructor(private readonly events: AuditEventsService) {}

  /** Lists what was done in an organisation, newest first. `Accept: text/csv` or `application/x-ndjson` exports all that match. */
  @Get()
  @RequirePermission('audit:read')
  @ApiOkResponse({ type: AuditEventPageDto })
  async list(
    @CurrentOrganisation() organisationId: string,
    @Query() query: AuditEventListQuery,
    @WantedExport() format: ExportFormat | null,
  ): Promise<AuditEventPageDto | StreamableFile> {
    if (format) return exportAs(format, await this.events.all(organisationId, query));
    return this.events.list(organisationId, query);
  }
}
