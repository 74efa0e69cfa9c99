import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../access/access.decorators.js';
import { AuditEventPageDto, PlatformAuditEventListQuery } from './audit-event.dto.js';
import { AuditEventsService } from './audit-events.service.js';
import { exportAs, type ExportFormat, WantedExport } from './audit-export.js';

@ApiTags('audit')
@Controller('platform/audit-events')
export class PlatformAuditEventsController {
  constructor(private readonly events: AuditEventsService) {}

  /**
   * Lists the audit events of this installation, newest first. Includes organisations that were deleted. `Accept:
   * text/csv` or `application/x-ndjson` exports all that match.
   */
  @Get()
  @RequirePermission('audit:read')
  @ApiOkResponse({ type: AuditEventPageDto })
  async list(
    @Query() query: PlatformAuditEventListQuery,
    @WantedExport() format: ExportFormat | null,
  ): Promise<AuditEventPageDto | StreamableFile> {
    const { organisationId = null } = query;
    if (format) return exportAs(format, await this.events.all(organisationId, query));
    return this.events.list(organisationId, query);
  }
}
