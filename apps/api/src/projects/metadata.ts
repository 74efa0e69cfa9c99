import { ValidateBy } from 'class-validator';

const LARGEST = 8_192;

/** A JSON object of the client's own, at most 8 KiB; kept and answered as it came. */
export const IsMetadata = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMetadata',
    validator: {
      validate: (value) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Buffer.byteLength(JSON.stringify(value)) <= LARGEST,
      defaultMessage: () => '$property must be a JSON object of at most 8 KiB',
    },
  });
