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

/** What is looked at: a value, what it is called, how deep it stands, and how many values were seen with those in it. */
interface Spot {
  value: unknown;
  key: string;
  depth: number;
  fields: number;
  values: number;
}

type Complaint = (spot: Spot) => string | null;

/** Refuses what no field may hold, whatever its own rules: text that cannot be stored, reserved names, nesting and numbers without end. */
export const refuseUnreadable = (request: unknown): void =>
  refuse(request, (spot) => complaintAbout(spot) ?? complaintAboutSize(spot));

/** Refuses only what is too deep or too much to be looked at; `refuseUnreadable` is asked of each row. */
export const refuseEndless = (request: unknown): void =>
  refuse(request, ({ depth, values }) => {
    if (depth > DEEPEST_LIST) return `This is nested deeper than ${DEEPEST_LIST} levels`;
    return values > MOST_VALUES_OF_LIST ? tooMany(MOST_VALUES_OF_LIST) : null;
  });

/** Why a body holds more than so many values; null when it does not. */
export const complaintAboutMany = (request: unknown, most: number): string | null =>
  complaintIn(request, ({ values }) => (values > most ? tooMany(most) : null))?.detail ?? null;

function refuse(request: unknown, complaint: Complaint): void {
  const found = complaintIn(request, complaint);
  if (found) throw invalidFields([found]);
}

/** Of an object; null for lists, whose entries are counted without them, and all else. */
const keysOf = (value: unknown): string[] | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : null;

const sizeOf = (value: unknown, keys: string[] | null): number =>
  keys ? keys.length : Array.isArray(value) ? value.length : 0;

/** Values are counted before they are looked at, and the path is put together only for what is refused. */
function complaintIn(request: unknown, complaint: Complaint): InvalidField | null {
  let values = 0;
  const path: string[] = [];
  const look = (value: unknown, key: string, depth: number): string | null => {
    const keys = keysOf(value);
    const fields = sizeOf(value, keys);
    values += fields;
    const detail = complaint({ value, key, depth, fields, values });
    if (detail || fields === 0) return detail;
    const holder = value as Record<string, unknown>; // as: an array's indexes are keys, too
    for (let index = 0; index < fields; index += 1) {
      const inner = keys ? keys[index] : String(index);
      const found = look(holder[inner], keys ? inner : '', depth + 1);
      if (found) {
        path.unshift(inner);
        return found;
      }
    }
    return null;
  };
  const detail = look(request, '', 0);
  return detail === null ? null : { pointer: path.reduce(pointerTo, '#'), detail };
}

function complaintAboutSize({ value, fields, values }: Spot): string | null {
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
