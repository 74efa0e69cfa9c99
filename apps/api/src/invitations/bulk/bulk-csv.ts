import { decodeUtf8 } from '@usher/config';
import type { HttpException } from '@nestjs/common';
import { PickType } from '@nestjs/swagger';
import { invalid, invalidFields, Optional } from '@usher/http';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsString, Length, ValidateNested } from 'class-validator';
import { CsvError, parse } from 'csv-parse/sync';
import { RoleKey } from '../../organisations/member.dto.js';
import { InviteToOrganisationDto } from '../invite.dto.js';
import { MOST_ROWS } from './bulk.dto.js';

const COLUMNS = ['email', 'role', 'givenName', 'familyName', 'projects', 'locale', 'message'];
const DELIMITERS = [',', ';', '\t'];
const REQUIRED = ['email', 'role'];
const MOST_PROJECTS = 100;
/** Characters; so many projects fit in. */
const LONGEST_RECORD = 65_536;

/** About the whole file, or a whole row. */
const unreadable = (detail: string): HttpException => invalidFields([{ pointer: '#', detail }]);

class CsvGrantDto {
  /** The project's id or its `externalId`. */
  @IsString()
  @Length(1, 200)
  projectId: string;

  @RoleKey()
  role: string;
}

/** A row of a CSV file; its columns are fields of a single invitation. */
export class CsvInvitationDto extends PickType(InviteToOrganisationDto, [
  'email',
  'role',
  'givenName',
  'familyName',
  'locale',
  'message',
]) {
  @Optional()
  @IsArray()
  @ArrayMaxSize(MOST_PROJECTS)
  @ArrayUnique((grant: CsvGrantDto) => grant.projectId)
  @ValidateNested({ each: true })
  @Type(() => CsvGrantDto)
  projects?: CsvGrantDto[];
}

/** The rows of a file (RFC 4180, UTF-8), each as a request would say it, or why it cannot be read. 400 for what is no such file. */
export function readCsv(bytes: Buffer): (object | HttpException)[] {
  const { header, records, delimiter } = recordsIn(textOf(bytes));
  const columns = header.map(columnCalled);
  refuseColumns(columns.filter((name) => name !== ''));
  if (records.length === 0 || records.length > MOST_ROWS) {
    throw unreadable(`The file must have 1 to ${MOST_ROWS} rows after the header`);
  }
  return records.map((cells) => toRow(columns, cells, delimiter));
}

/** People write `E-mail` and `Given name`. */
function columnCalled(name: string): string {
  const bare = name.replace(/[\s_-]/g, '').toLowerCase();
  return COLUMNS.find((column) => column.toLowerCase() === bare) ?? name.trim();
}

function textOf(bytes: Buffer): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    throw unreadable('The file must be written in UTF-8');
  }
}

/** Rows whose cells are all empty do not count. Lines may end in more than one way: some editors keep those that are there. */
function recordsIn(file: string): { header: string[]; records: string[][]; delimiter: string } {
  const { delimiter, text } = delimiterOf(file);
  try {
    const [header = [], ...records] = parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      max_record_size: LONGEST_RECORD,
      to: MOST_ROWS + 2,
    });
    return { header, records, delimiter };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error.lines);
    throw unreadable(`The file is not valid CSV near line ${line}: check its double quotes`);
  }
}

/** What Excel says in a line of its own (`sep=;`), or what the header has most of. */
function delimiterOf(file: string): { delimiter: string; text: string } {
  const said = /^"?sep=([,;\t])"?(?:\r\n?|\n)/i.exec(file);
  if (said) return { delimiter: said[1], text: file.slice(said[0].length) };
  const [header] = /[^\r\n]+/.exec(file) ?? [''];
  const counts = DELIMITERS.map((each) => header.split(each).length);
  return { delimiter: DELIMITERS[counts.indexOf(Math.max(...counts))], text: file };
}

function refuseColumns(columns: string[]): void {
  const known = `Columns are ${COLUMNS.join(', ')}, separated by commas, semicolons or tabs`;
  const unknown = columns.find((name) => !COLUMNS.includes(name));
  if (unknown !== undefined) throw invalid(unknown, `The header has an unknown column ${unknown}. ${known}`);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(twice, `The header has the column ${twice} twice`);
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw invalid(missing, `The header lacks the column ${missing}. ${known}`);
}

/** Empty cells are left out; spreadsheets leave out those at the end of a row themselves. */
function toRow(columns: string[], cells: string[], delimiter: string): object {
  const filled = cells.map((cell, index) => [columns[index] ?? '', cell]).filter(([, cell]) => cell.trim() !== '');
  const stray = filled.find(([name]) => name === '');
  if (stray) return unreadable(strayCell(columns, cells, delimiter));
  const { projects, ...row } = Object.fromEntries(filled) as Record<string, string>; // as: names and cells are text
  if (projects === undefined) return row;
  const grants = grantsIn(projects);
  // Checking one by one what is too many anyway would keep everybody else waiting.
  if (grants.length > MOST_PROJECTS) return invalid('projects', `projects must name at most ${MOST_PROJECTS} projects`);
  return { ...row, projects: grants };
}

function strayCell(columns: string[], cells: string[], delimiter: string): string {
  if (cells.length <= columns.length)
    return 'The row has a value in a column without a name. Name the column in the header';
  const separator = { ',': 'comma', ';': 'semicolon' }[delimiter] ?? 'tab';
  const counts = `The row has ${cells.length} fields, the header ${columns.length}`;
  return `${counts}. Put fields that hold a ${separator} in double quotes`;
}

/** `key:role;key:role`: a key may hold colons, a role does not. */
const grantsIn = (cell: string): object[] =>
  cell
    .split(';')
    .map((grant) => grant.trim())
    .filter(Boolean)
    .map((grant) => {
      const colon = grant.lastIndexOf(':');
      return { projectId: grant.slice(0, Math.max(colon, 0)).trim(), role: grant.slice(colon + 1).trim() };
    });
