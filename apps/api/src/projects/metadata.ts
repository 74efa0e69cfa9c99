import { ValidateBy } from 'class-validator';

const LARGEST = 8_192;
const WHAT_IS_KEPT = 'Send whole numbers up to 9007199254740991 and decimals down to 0.000001; send others as text';

/** A JSON object of the client's own, at most 8 KiB; kept and answered as it came. */
export const IsMetadata = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMetadata',
    validator: {
      validate: (value) => isObject(value) && isSmall(value) && lostNumber(value) === undefined,
      defaultMessage: (about) => complaintAbout(about?.value),
    },
  });

function complaintAbout(value: unknown): string {
  const lost = isObject(value) && isSmall(value) ? lostNumber(value) : undefined;
  if (lost === undefined) return '$property must be a JSON object of at most 8 KiB';
  return `$property holds a number that would not be kept as it was sent, read as ${lost}. ${WHAT_IS_KEPT}`;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSmall = (value: object): boolean => Buffer.byteLength(JSON.stringify(value)) <= LARGEST;

/** The first of the numbers that JavaScript rounds, or that JSON writes with an exponent: PostgreSQL writes all their zeros. */
function lostNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return isKept(value) ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const lost = lostNumber(inner);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

const isKept = (value: number): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value) && !String(value).includes('e'));
