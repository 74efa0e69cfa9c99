import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentOrganisation, RequirePermission } from '../../access/access.decorators.js';
import { MailPreviewDto, PreviewMailDto } from './mail-preview.dto.js';
import { MailPreviewService } from './mail-preview.service.js';

@ApiTags('organisations')
@ApiParam({ name: 'organisationId' })
@Controller('organisations/:organisationId/mail-preview')
export class MailPreviewController {
  constructor(private readonly previews: MailPreviewService) {}

  /** Previews a mail of the organisation. It is filled with made-up names and links. Nothing is sent. */
  @Post()
  @HttpCode(200)
  @RequirePermission('organisation:update')
  preview(@CurrentOrganisation() organisationId: string, @Body() wanted: PreviewMailDto): Promise<MailPreviewDto> {
    return this.previews.preview(organisationId, wanted);
  }
}
