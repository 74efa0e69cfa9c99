import type { HttpException } from '@nestjs/common';
import { problem } from '@usher/http';
import type { InviteToOrganisationDto } from '../invite.dto.js';

/** A row of the request that can be read. */
export interface Row {
  index: number;
  email: string;
  request: InviteToOrganisationDto;
}

/** A row that is refused before anything is asked of it. */
export interface Ended {
  index: number;
  email: string | null;
  refusal: HttpException;
}

/** The rows that can be read, each address once, and the others, for which it is over. */
export interface Rows {
  rows: Row[];
  ended: Ended[];
}

/** A row that asks for something, or why it cannot be read. */
export type ReadRow = { email: string | null } & ({ request: InviteToOrganisationDto } | { refusal: HttpException });

/** The first of several that can be read stands for its address. */
export function onceForEachAddress(read: ReadRow[]): Rows {
  const first = new Map<string, number>();
  const rows: Row[] = [];
  const ended: Ended[] = [];
  for (const [index, row] of read.entries()) {
    if ('refusal' in row) {
      ended.push({ index, email: row.email, refusal: row.refusal });
      continue;
    }
    const { email } = row.request;
    const firstIndex = first.get(email);
    if (firstIndex === undefined) rows.push({ index, email, request: row.request });
    else ended.push({ index, email, refusal: duplicate(firstIndex) });
    first.set(email, firstIndex ?? index);
  }
  return { rows, ended };
}

const duplicate = (firstIndex: number): HttpException =>
  problem(409, 'duplicate_in_request', `Row ${firstIndex} of this request has the same address. Say it once.`, {
    firstIndex,
  });
