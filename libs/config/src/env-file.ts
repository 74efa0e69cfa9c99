import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { SECRETS } from './secret-files.js';
import { textOf } from './text-file.js';

export interface EnvFile {
  variables: NodeJS.Dict<string>;
  /** What was probably meant otherwise. */
  warnings: string[];
}

/** Reads `.env`, if there is one. Throws when it is not UTF-8 text: nothing in it could be trusted. */
export function readEnvFile(path: string): EnvFile {
  if (!existsSync(path)) return { variables: {}, warnings: [] };
  const text = textOf(readFileSync(path));
  if (text === null)
    throw new Error(`${path} is not UTF-8 text, so none of its settings can be read: save it as UTF-8`);
  const warnings = SECRETS.filter((name) => isCut(text, name)).map(
    (name) => `${path}: what follows # in the line of ${name} is a comment; if it belongs to the value, put the value in quotation marks`, // prettier-ignore
  );
  return { variables: parseEnv(text), warnings };
}

const isCut = (text: string, name: string): boolean =>
  new RegExp(`^[ \\t]*(export[ \\t]+)?${name}[ \\t]*=[ \\t]*[^'"\`\\s#][^\\r\\n]*#`, 'm').test(text);
