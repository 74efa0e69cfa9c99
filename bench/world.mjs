/** What is seeded, the same for every contestant: ids can be worked out, so that whoever sends requests needs no database. */
export const PEOPLE = { owner: 1, busy: 2, admin: 3 };
export const FIRST_OF_CROWD = 100_000;
export const FIRST_NEWCOMER = 1_000_000;

/** Kind of an id, and its number in it. */
const id = (kind, number) => `0000${kind}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
const KINDS = { small: '00a1', large: '00a2', huge: '00a3', door: '00a4', gate: '00a5', again: '00a6' };

/**
 * `small`, `large`, `huge` differ in their invitations; `crowd` has members; at the `door` people with an account accept,
 * at the `gate` people without one.
 */
export const ORGANISATIONS = {
  small: id('0001', 1),
  large: id('0001', 2),
  huge: id('0001', 3),
  crowd: id('0001', 4),
  door: id('0001', 5),
  gate: id('0001', 6),
};
/** Two projects of an organisation: people are invited to `website`, and those invited to `again` are invited there once more. */
export const PROJECTS = { website: id('0005', 1), again: id('0005', 2) };
export const FIRST_OF_MANY = 10;
/** Organisations with a seat limit and twenty members each. */
export const FIRST_WITH_SEATS = 1_000;
export const withSeats = (number) => id('0001', FIRST_WITH_SEATS + number);

/** The invitations of an organisation are numbered from 1. */
export const invitationId = (organisation, number) => id(KINDS[organisation], number);
export const emailOf = (person) => `p${person}@example.com`;
/** The token in the link of an invitation at the door, and at the gate. */
export const linkToken = (number) => String(number).padStart(43, '0');
export const gateToken = (number) => String(number).padStart(43, 'g');

/** How many rows; `--quick` is for trying the benchmark itself. */
export const SIZES = {
  full: {
    ...{ small: 1_000, large: 100_000, huge: 1_000_000, crowd: 10_000, many: 100 },
    ...{ door: 60_000, gate: 30_000, again: 20_000, seats: 500 },
  },
  quick: {
    ...{ small: 200, large: 2_000, huge: 10_000, crowd: 500, many: 100 },
    ...{ door: 6_000, gate: 3_000, again: 2_000, seats: 50 },
  },
};
