import { HttpException } from '@nestjs/common';
import { problem } from '@usher/http';
import type { InvitationDto } from '../invitation.dto.js';
import type { InviteToOrganisationDto } from '../invite.dto.js';
import type { Outcome } from './bulk.dto.js';

/** A row of the request that can be read. */
export interface Row {
  index: number;
  email: string;
  request: InviteToOrganisationDto;
}

/** What became of a row. */
export interface Ended {
  index: number;
  email: string | null;
  outcome: Outcome;
  refusal?: HttpException;
  /** To be read; not with `invitation`. */
  invitationId?: string;
  invitation?: InvitationDto;
  link?: string;
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
      ended.push({ index, email: row.email, outcome: 'failed', refusal: row.refusal });
      continue;
    }
    const { email } = row.request;
    const firstIndex = first.get(email);
    if (firstIndex === undefined) rows.push({ index, email, request: row.request });
    else ended.push({ index, email, outcome: 'failed', refusal: duplicate(firstIndex) });
    first.set(email, firstIndex ?? index);
  }
  return { rows, ended };
}

const duplicate = (firstIndex: number): HttpException =>
  problem(409, 'duplicate_in_request', `Row ${firstIndex} of this request has the same address. Say it once.`, {
    firstIndex,
  });

/** Does it for one row; what is refused is its end. */
export function forRow<T>({ index, email }: Row, work: () => T): T | Ended {
  try {
    return work();
  } catch (refusal) {
    if (!(refusal instanceof HttpException)) throw refusal;
    return { index, email, outcome: 'failed', refusal };
  }
}

export const isEnded = (each: object): each is Ended => 'outcome' in each;
