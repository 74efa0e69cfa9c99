import { type InvalidField, invalidFields } from './problem.js';

const DEEPEST = 64;
/** Validation would drop them without a word. */
const RESERVED = ['__proto__', 'constructor'];

interface Spot extends Pick<InvalidField, 'pointer'> {
  value: unknown;
  key: string;
  depth: number;
}

/** Refuses what no field may hold, whatever its own rules: text that cannot be stored, reserved names, nesting without end. */
export function refuseUnreadable(request: unknown): void {
  const open: Spot[] = [{ value: request, pointer: '#', key: '', depth: 0 }];
  for (let spot = open.pop(); spot; spot = open.pop()) {
    const detail = complaintAbout(spot);
    if (detail) throw invalidFields([{ pointer: spot.pointer, detail }]);
    const { value, pointer, depth } = spot;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      open.push({ value: inner, pointer: pointerTo(pointer, key), key, depth: depth + 1 });
    }
  }
}

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
