import {
  createParamDecorator,
  type ExecutionContext,
  HttpException,
  Injectable,
  type PipeTransform,
} from '@nestjs/common';
import { invalid, refuseEndless, RequestValidation, TakenBody } from '@usher/http';
import type { FastifyRequest } from 'fastify';
import { InviteToOrganisationDto } from '../invite.dto.js';
import { BulkInvitationsDto, MOST_GRANTS } from './bulk.dto.js';
import { CsvInvitationDto, readCsv } from './bulk-csv.js';
import { onceForEachAddress, type ReadRow, type Rows } from './bulk-rows.js';

const LONGEST_ADDRESS = 254;

/** The rows of a request, in JSON or CSV. */
export interface BulkRequest extends Rows {
  dryRun: boolean;
  /** In CSV projects are named by their id or their `externalId`. */
  namesProjectsByKey: boolean;
}

/** Reads the list, and each of its rows as if it were a request of its own. */
@Injectable()
export class BulkBody implements PipeTransform<unknown, Promise<BulkRequest>> {
  private readonly validation = new RequestValidation();

  async transform(body: unknown): Promise<BulkRequest> {
    if (body instanceof TakenBody) {
      const rows = await this.readEach(readCsv(body.bytes), CsvInvitationDto);
      return { ...rows, dryRun: false, namesProjectsByKey: true };
    }
    const { dryRun = false } = await this.readList(body);
    const rows = hasRows(body) ? body.invitations : [];
    return { ...(await this.readEach(rows, InviteToOrganisationDto)), dryRun, namesProjectsByKey: false };
  }

  /** All but the rows, which would be copied for nothing. */
  private async readList(body: unknown): Promise<BulkInvitationsDto> {
    refuseEndless(body);
    const list = hasRows(body) ? { ...body, invitations: body.invitations.map(() => null) } : body;
    const metadata = { type: 'body' as const, metatype: BulkInvitationsDto };
    return (await this.validation.transform(list, metadata)) as BulkInvitationsDto; // as: validated
  }

  /** One after the other: a thousand at once are as fast, and leave more behind to be collected. */
  private async readEach(rows: unknown[], metatype: RowType): Promise<Rows> {
    refuseTooManyGrants(rows);
    const read: ReadRow[] = [];
    for (const row of rows) read.push(await this.read(row, metatype));
    return onceForEachAddress(read);
  }

  private async read(row: unknown, metatype: RowType): Promise<ReadRow> {
    const email = addressIn(row);
    if (row instanceof HttpException) return { email, refusal: row };
    try {
      const request = await this.validation.transform(row, { type: 'body', metatype });
      return { email, request: request as InviteToOrganisationDto }; // as: validated
    } catch (error) {
      if (error instanceof HttpException) return { email, refusal: error };
      throw error;
    }
  }
}

type RowType = typeof InviteToOrganisationDto | typeof CsvInvitationDto;

const hasRows = (body: unknown): body is { invitations: unknown[] } =>
  typeof body === 'object' && body !== null && 'invitations' in body && Array.isArray(body.invitations);

function refuseTooManyGrants(rows: unknown[]): void {
  const grants = rows.reduce<number>((sum, row) => sum + grantsIn(row), 0);
  if (grants <= MOST_GRANTS) return;
  throw invalid('invitations', `invitations must name at most ${MOST_GRANTS} projects in all; send fewer rows at once`);
}

function grantsIn(row: unknown): number {
  const { projects } = (row ?? {}) as { projects?: unknown }; // as: only read, may be missing
  return Array.isArray(projects) ? projects.length : 0;
}

/** As the row says it, for people to find the row. */
function addressIn(row: unknown): string | null {
  const { email } = (row ?? {}) as { email?: unknown }; // as: only read, may be missing
  return typeof email === 'string' ? email.slice(0, LONGEST_ADDRESS) : null;
}

/** The body of a request that invites many, read by `BulkBody`. */
export const SentRows = createParamDecorator(
  (_data: unknown, context: ExecutionContext): unknown => context.switchToHttp().getRequest<FastifyRequest>().body,
);
