import { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext, StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify/sync';
import type { FastifyRequest } from 'fastify';
import type { AuditEventDto } from './audit-event.dto.js';

export type ExportFormat = 'csv' | 'ndjson';

/** What can be answered, by the media ranges that ask for it; null is the ordinary page. */
const FORMATS: Readonly<Record<string, ExportFormat | null>> = {
  'application/json': null,
  'application/*': null,
  '*/*': null,
  'text/csv': 'csv',
  'text/*': 'csv',
  'application/x-ndjson': 'ndjson',
};

/** The first media range of the Accept header that can be answered; everything else gets the page. */
export function formatFor(accept: string | undefined): ExportFormat | null {
  const ranges = (accept ?? '').split(',').map((range) => range.split(';')[0].trim().toLowerCase());
  const range = ranges.find((each) => Object.hasOwn(FORMATS, each));
  return range === undefined ? null : FORMATS[range];
}

/** Which export the caller asks for; null for the ordinary page. HEAD reads no export: nobody would get it. */
export const WantedExport = createParamDecorator((_data: unknown, context: ExecutionContext): ExportFormat | null => {
  const { method, headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return method === 'HEAD' ? null : formatFor(headers.accept);
});

const MEDIA_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** A file to download. It is written as fast as it is taken, and reading ends when the client goes away. */
export function exportAs(format: ExportFormat, batches: AsyncIterable<AuditEventDto[]>): StreamableFile {
  const text = format === 'csv' ? asCsv(batches) : asNdjson(batches);
  const today = new Date().toISOString().slice(0, 10);
  // Bytes, not objects: as objects it would read sixteen batches ahead.
  return new StreamableFile(Readable.from(text, { objectMode: false }), {
    type: MEDIA_TYPES[format],
    disposition: `attachment; filename="audit-events-${today}.${format}"`,
  });
}

const COLUMNS = [
  'at',
  'action',
  'actorType',
  'actorId',
  'actorName',
  'subjectType',
  'subjectId',
  'before',
  'after',
  'ip',
  'requestId',
  'id',
] as const;

async function* asCsv(batches: AsyncIterable<AuditEventDto[]>): AsyncGenerator<string> {
  // Without the byte order mark Excel takes UTF-8 for the code page of its country.
  yield stringify([[...COLUMNS]], { bom: true });
  // People choose their names and request ids: a spreadsheet must not run them as formulas.
  for await (const batch of batches)
    yield stringify(batch.map(toRow), { columns: [...COLUMNS], escape_formulas: true, cast: { string: harmless } });
}

async function* asNdjson(batches: AsyncIterable<AuditEventDto[]>): AsyncGenerator<string> {
  for await (const batch of batches) yield batch.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function toRow(event: AuditEventDto): Record<(typeof COLUMNS)[number], string | null> {
  const { at, actor, subject, before, after, ...rest } = event;
  return {
    ...rest,
    at: at.toISOString(),
    actorType: actor.type,
    actorId: actor.id,
    actorName: actor.name,
    subjectType: subject.type,
    subjectId: subject.id,
    before: asJson(before),
    after: asJson(after),
  };
}

/** What would begin a cell where a spreadsheet splits at semicolons, tabs or line breaks, whatever the quotes. */
const FORMULA_INSIDE = /([;\t\r\n]["\s]*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

const harmless = (cell: string): string => cell.replace(FORMULA_INSIDE, "$1'");

const asJson = (value: object | null): string | null => (value ? JSON.stringify(value) : null);
