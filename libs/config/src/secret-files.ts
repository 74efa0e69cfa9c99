import { readFileSync } from 'node:fs';
import { textOf } from './text-file.js';

/** What may be in a file that `…_FILE` names, as Docker and Kubernetes mount secrets. */
export const SECRETS = [
  'APP_SECRET',
  'APP_SECRET_PREVIOUS',
  'DATABASE_URL',
  'ADMIN_PASSWORD',
  'SMTP_URL',
  'MAIL_EVENTS_SECRET',
  'METRICS_TOKEN',
];

export interface Given {
  values: NodeJS.Dict<string>;
  problems: string[];
}

/** The environment with the content of the files that `…_FILE` names; what is empty counts as not set. */
export function withSecretFiles(environment: NodeJS.Dict<string>): Given {
  const given: Given = { values: { ...environment }, problems: [] };
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`]?.trim();
    if (!path) continue;
    if (environment[name]?.trim()) given.problems.push(`${name} and ${name}_FILE are both set: keep one of them`);
    else readSecret({ name, path, given });
  }
  return given;
}

function readSecret({ name, path, given }: { name: string; path: string; given: Given }): void {
  const problem = (what: string): number => given.problems.push(`${name}_FILE names a file that ${what}`);
  try {
    const text = textOf(readFileSync(path));
    if (text === null) problem('is not UTF-8 text');
    else if (!text.trim()) problem('is empty');
    else given.values[name] = text;
  } catch (error) {
    problem(`cannot be read (${(error as NodeJS.ErrnoException).code})`); // as: Node's file errors carry a code
  }
}
