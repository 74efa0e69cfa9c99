import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { Configuration } from './configuration.js';
import { weaknessOf } from './guessable-passwords.js';
import { isLoopback } from './loopback.js';
import { addressOf } from './mail-address.js';
import { withSecretFiles } from './secret-files.js';

/** Reads and checks the environment; throws one error that lists everything wrong. Unknown variables are left alone. */
export function loadConfiguration(environment: NodeJS.Dict<string>): Configuration {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Configuration, '', false, false);
  const known = [...new Set(rules.map((rule) => rule.propertyName))];
  const { values, problems: unreadable } = withSecretFiles(environment);
  // Files and shells add line breaks and spaces, which no setting has at its ends.
  const given = known.map((name) => [name, values[name]?.trim()]).filter(([, value]) => value);
  const configuration = plainToInstance(Configuration, Object.fromEntries(given), { exposeDefaultValues: true });
  const invalid = validateSync(configuration).flatMap((error) => Object.values(error.constraints ?? {}));
  const problems = [
    ...unreadable,
    ...given
      .filter(([, value]) => isQuoted(value))
      .map(([name]) => `${name} has quotation marks around it, which are a part of it here: take them off`),
    ...invalid,
    ...contradictions(configuration),
    ...missingInProduction(configuration, values),
    ...guessableInProduction(configuration),
  ];
  if (problems.length > 0) {
    throw new Error(
      `Usher cannot start with this configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
  return configuration;
}

const isQuoted = (value = ''): boolean => /^(["']).*\1$/s.test(value);

function contradictions(configuration: Configuration): string[] {
  const problems: string[] = [];
  if (configuration.SMTP_URL && !configuration.MAIL_FROM) problems.push('MAIL_FROM must be set when SMTP_URL is');
  if (configuration.MAIL_FROM && !addressOf(configuration.MAIL_FROM)) {
    problems.push('MAIL_FROM must be an address, or Name <address>');
  }
  if (Boolean(configuration.ADMIN_EMAIL) !== Boolean(configuration.ADMIN_PASSWORD)) {
    problems.push('ADMIN_EMAIL and ADMIN_PASSWORD must be set together');
  }
  return problems;
}

function missingInProduction(configuration: Configuration, environment: NodeJS.Dict<string>): string[] {
  if (!configuration.isProduction) return [];
  const problems: string[] = [];
  if (!configuration.APP_SECRET)
    problems.push('APP_SECRET must be set in production; `openssl rand -base64 48` makes one');
  else if (new Set(configuration.APP_SECRET).size < 12)
    problems.push('APP_SECRET is too easy to guess; `openssl rand -base64 48` makes one');
  if (!configuration.PUBLIC_URL)
    problems.push('PUBLIC_URL must be set in production: the links in mails are built from it');
  else if (!isSafeAddress(configuration.PUBLIC_URL))
    problems.push('PUBLIC_URL must be https in production: links carry secrets');
  if (!configuration.DATABASE_URL && !environment.DATA_DIR) {
    problems.push('DATABASE_URL must be set in production (or DATA_DIR, to keep an embedded database there)');
  }
  return problems;
}

function guessableInProduction({ isProduction, ADMIN_EMAIL = '', ADMIN_PASSWORD }: Configuration): string[] {
  if (!isProduction || !ADMIN_PASSWORD) return [];
  const weakness = weaknessOf(ADMIN_PASSWORD, { email: ADMIN_EMAIL, platform: 'Usher' });
  return weakness ? [`ADMIN_PASSWORD: ${weakness}`] : [];
}

function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || isLoopback(hostname);
}
