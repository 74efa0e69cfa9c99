import { type InvalidField, invalidFields } from './problem.js';

const DEEPEST = 32;
/** Of values in all, and of fields in one object: validating a field costs more than reading it. */
const MOST_VALUES = 20_000;
const MOST_FIELDS = 1_000;
/** Of lists whose rows are checked one by one. */
const DEEPEST_LIST = 100;
const MOST_VALUES_OF_LIST = 200_000;
/** Validation would drop them without a word. */
const RESERVED = ['__proto__', 'constructor'];

interface Spot extends Pick<InvalidField, 'pointer'> {
  value: unknown;
  key: string;
  depth: number;
}

/** Refuses what no field may hold, whatever its own rules: text that cannot be stored, reserved names, nesting and numbers without end. */
export const refuseUnreadable = (request: unknown): void =>
  refuse(request, (spot, fields, values) => complaintAbout(spot) ?? complaintAboutSize(spot, fields, values));

/** Refuses only what is too deep or too much to be looked at; `refuseUnreadable` is asked of each row. */
export const refuseEndless = (request: unknown): void =>
  refuse(request, ({ depth }, _fields, values) => {
    if (depth > DEEPEST_LIST) return `This is nested deeper than ${DEEPEST_LIST} levels`;
    return values > MOST_VALUES_OF_LIST ? tooMany(MOST_VALUES_OF_LIST) : null;
  });

type Complaint = (spot: Spot, fields: number, values: number) => string | null;

function refuse(request: unknown, complaint: Complaint): void {
  const open: Spot[] = [{ value: request, pointer: '#', key: '', depth: 0 }];
  let values = 0;
  for (let spot = open.pop(); spot; spot = open.pop()) {
    const inner = within(spot);
    values += inner.length;
    const detail = complaint(spot, inner.length, values);
    if (detail) throw invalidFields([{ pointer: spot.pointer, detail }]);
    for (const each of inner) open.push(each);
  }
}

function within({ value, pointer, depth }: Spot): Spot[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Record<string, unknown>).map(([key, inner]) => ({
    value: inner,
    pointer: pointerTo(pointer, key),
    key,
    depth: depth + 1,
  }));
}

function complaintAboutSize({ value }: Spot, fields: number, values: number): string | null {
  if (values > MOST_VALUES) return tooMany(MOST_VALUES);
  return fields > MOST_FIELDS && !Array.isArray(value) ? `This holds more than ${MOST_FIELDS} fields` : null;
}

const tooMany = (most: number): string => `The request holds more than ${most} values. Send less at once`;

/** RFC 6901. */
export const pointerTo = (parent: string, key: string): string =>
  `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

function complaintAbout({ value, key, depth }: Spot): string | null {
  if (depth > DEEPEST) return `This is nested deeper than ${DEEPEST} levels`;
  if (RESERVED.includes(key)) return `No field may be called ${key}`;
  const isUnstorable = [key, value].some((text) => typeof text === 'string' && isTorn(text));
  return isUnstorable ? 'This holds a character that cannot be stored, such as NUL or half of a surrogate pair' : null;
}

const isTorn = (text: string): boolean => text.includes('\0') || /\p{Surrogate}/u.test(text);
