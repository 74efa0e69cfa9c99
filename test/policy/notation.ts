import type { Actor } from '../policy.table.js';

/** A part of the policy table as people write and read it. */
export interface Area {
  title: string;
  /** The rules that the cells follow from. */
  because: string;
  /** It speaks a wire format whose refusals bear no codes: their statuses alone are compared. */
  namesNoCodes?: boolean;
  /** A line of headings, then a line for each request: method, path, perhaps a case in brackets, cells. */
  table: string;
}

/** A line of the table as the test reads it. */
export interface Line {
  /** As it is written: method, path, case. */
  name: string;
  /** Method and path. */
  operation: string;
  /** What is expected for each who calls: a status and perhaps a letter. */
  cells: ReadonlyMap<Actor, string>;
}

export interface ReadArea {
  title: string;
  namesNoCodes: boolean;
  /** Everybody in the order of the columns. */
  actors: readonly Actor[];
  lines: readonly Line[];
}

/** Code of a problem by how a cell writes it. */
const CODES: Readonly<Record<string, string>> = {
  '400': 'validation_failed',
  '401': 'unauthenticated',
  '401k': 'INVALID_API_KEY',
  '401t': 'AUTHENTICATION',
  '401a': 'sign_in_required',
  '403': 'forbidden',
  '403b': 'built_in_role',
  '403c': 'above_ceiling',
  '403m': 'membership_suspended',
  '403o': 'own_role',
  '403s': 'session_required',
  '403w': 'wrong_account',
  '403d': 'PERMISSION_DENIED',
  '403a': 'AUTHORIZATION',
  '404': 'not_found',
  '404e': 'ENTITY_NOT_FOUND',
};

/** What makes no sense for somebody is not tried. */
export const IS_NOT_TRIED = '-';

const REQUEST = /^((?:GET|POST|PUT|PATCH|DELETE) +\S+(?: \(.+\))?)\s+(.+)$/;

/** Throws when a heading is unknown, or a line does not have a cell for each column. */
export function read(
  { title, table, namesNoCodes = false }: Area,
  columns: Readonly<Record<string, readonly Actor[]>>,
): ReadArea {
  const [headings, ...requests] = table
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const groups = headings.split(/\s+/).map((heading) => {
    if (!columns[heading]) throw new Error(`${title}: nobody is called ${heading}`);
    return columns[heading];
  });
  const lines = requests.filter(Boolean).map((line) => readLine(line, groups));
  return { title, namesNoCodes, actors: groups.flat(), lines };
}

/** `403 forbidden` for `403`: what an answer is compared with. Throws when the legend does not have the cell. */
export function expectation(cell: string): string {
  if (!isRefused(cell)) return cell;
  if (!CODES[cell]) throw new Error(`What does ${cell} mean?`);
  return `${cell.slice(0, 3)} ${CODES[cell]}`;
}

export const isRefused = (cell: string): boolean => !/^2\d\d$/.test(cell);

/** Names of parameters do not matter: `/projects/{}` is one place. */
export const placeless = (operation: string): string => operation.replace(/\{\w*\}/g, '{}');

function readLine(line: string, groups: readonly (readonly Actor[])[]): Line {
  const [, request, rest] = REQUEST.exec(line) ?? [];
  const cells = rest?.split(/\s+/) ?? [];
  if (!request || cells.length !== groups.length) throw new Error(`No request with ${groups.length} cells: ${line}`);
  const name = request.replace(/ +/, ' ');
  const operation = name.replace(/ \(.+$/, '');
  return { name, operation, cells: new Map(groups.flatMap((actors, at) => actors.map((who) => [who, cells[at]]))) };
}
