import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvFile } from './env-file.js';
import { loadConfiguration } from './load-configuration.js';

const SECRET = 'q8Zr2Lx0Vb7Nc5Md1Ks9Jh4Gf6Tp3Yw+/=eRtU';
const folder = mkdtempSync(join(tmpdir(), 'usher-settings-'));
let files = 0;
const ADMIN = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'first-admin-password' };
const PRODUCTION = {
  APP_SECRET: SECRET,
  PUBLIC_URL: 'https://usher.example.com',
  DATABASE_URL: 'postgres://usher:secret@db/usher',
};

describe('a setting as people write it', () => {
  it.each<[string, string, unknown]>([
    ['NODE_ENV', 'Production ', 'production'],
    ['LOG_LEVEL', 'WARN', 'warn'],
    ['API_DOCS', 'Off', 'off'],
    ['PORT', ' 8080\n', 8080],
    ['HOST', '[::]', '::'],
    ['HOST', 'localhost', 'localhost'],
    ['PUBLIC_URL', 'HTTPS://Usher.Example.com:443/', 'https://usher.example.com/'],
    ['PUBLIC_URL', 'https://example.com/usher', 'https://example.com/usher'],
    ['APP_SECRET', `${SECRET}\r\n`, SECRET],
    ['METRICS_TOKEN', 'metrics-token-0123456789\n', 'metrics-token-0123456789'],
    ['ADMIN_EMAIL', 'Root@bücher.example', 'root@xn--bcher-kva.example'],
    ['CORS_ORIGINS', 'https://Admin.example.com:443/path/,', ['https://admin.example.com']],
    ['TRUST_PROXY', '10.0.0.0/8, [::1],', ['10.0.0.0/8', '::1']],
    ['TRUST_PROXY', 'loopback', ['loopback']],
    ['DATABASE_URL', 'postgres://u:p%23w@db/usher?sslmode=no-verify', 'postgres://u:p%23w@db/usher?sslmode=no-verify'],
    ['DATABASE_URL', 'postgres://u@/usher?host=/run/postgresql', 'postgres://u@/usher?host=/run/postgresql'],
    ['DATABASE_URL', 'postgres://u:p@[::1]:5432/usher', 'postgres://u:p@[::1]:5432/usher'],
    ['SMTP_URL', 'smtps://u:p%2Fw@mail.example.com:465', 'smtps://u:p%2Fw@mail.example.com:465'],
  ])('%s=%j is taken as it was meant', (name, value, meant) => {
    const needed = name === 'NODE_ENV' ? PRODUCTION : { MAIL_FROM: 'a@example.com', ...ADMIN };
    expect(loadConfiguration({ ...needed, [name]: value })).toMatchObject({ [name]: meant });
  });

  it.each([
    ['NODE_ENV', 'prod', 'one of: development'],
    ['NODE_ENV', '"production"', 'quotation marks'],
    ['PORT', '0x50', 'whole number from 0 to 65535'],
    ['PORT', '3000/tcp', 'whole number'],
    ['HOST', 'http://0.0.0.0', 'address of this machine'],
    ['HOST', '0.0.0.0:3000', 'address of this machine'],
    ['PUBLIC_URL', 'https://usher.example.com?x=1', 'must not have a ?'],
    ['PUBLIC_URL', 'https://usher.example.com/#/', 'must not have a ?'],
    ['PUBLIC_URL', 'https://me:hunter2@usher.example.com', 'user name or a password'],
    ['CORS_ORIGINS', 'https://*.example.com', 'without wildcards'],
    ['CORS_ORIGINS', 'admin.example.com', 'must be origins'],
    ['TRUST_PROXY', '1', '"1" is neither'],
    ['TRUST_PROXY', 'true', '"true" is neither'],
    ['TRUST_PROXY', 'proxy.internal', '"proxy.internal" is neither'],
    ['TRUST_PROXY', '10.0.0.0/33', 'is neither'],
    ['TRUST_PROXY', '0.0.0.0/0', 'is neither'],
    ['ADMIN_EMAIL', '"the admin"@example.com', 'plain e-mail address'],
    ['ADMIN_EMAIL', 'root\u200b@example.com', 'plain e-mail address'],
    ['DATABASE_URL', 'postgres://u:hun#ter2@db/usher', '%23 for #'],
    ['DATABASE_URL', 'postgres://u:hun/ter2@db/usher', '%2F for /'],
    ['DATABASE_URL', 'postgres://u:12/hunter2@db/usher', '%2F for /'],
    ['DATABASE_URL', 'postgres://u:hun?ter2@db/usher', '%3F for ?'],
    ['DATABASE_URL', 'postgres://u:50%hunter2@db/usher', '%25 for %'],
    ['DATABASE_URL', 'postgres://u:%ffhunter2@db/usher', '%25 for %'],
    ['DATABASE_URL', 'postgres://u:hunter2@db/usher?sslmode=verify_full', 'unknown sslmode'],
    ['SMTP_URL', 'smtp://u:hunter/2@mail.example.com:587', '%2F for /'],
    ['SMTP_URL', 'smtp://u:hunter2@mail.example.com:465', 'smtps:// for port 465'],
    ['SMTP_URL', 'smtps://u:hunter2@mail.example.com:587', 'smtp:// for port 587'],
    ['METRICS_TOKEN', 'short', 'at least 16'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'http or https address'],
  ])('%s=%j is refused by name', (name, value, complaint) => {
    const problem = problemOf({ MAIL_FROM: 'a@example.com', ...ADMIN, [name]: value });
    expect(problem).toContain(`- ${name} `);
    expect(problem).toContain(complaint);
    expect(problem).not.toMatch(/hun|ter2/);
  });
});

describe('a secret in a file', () => {
  it('is read without the line break and the byte order mark around it', () => {
    expect(loadConfiguration({ APP_SECRET_FILE: fileOf(`\uFEFF${SECRET}\n`) }).APP_SECRET).toBe(SECRET);
    const url = 'postgres://u:p@db/usher';
    expect(loadConfiguration({ DATABASE_URL_FILE: fileOf(`${url}\r\n`) }).DATABASE_URL).toBe(url);
  });

  it.each([
    [
      'both set',
      { APP_SECRET: SECRET, APP_SECRET_FILE: fileOf(SECRET) },
      'APP_SECRET and APP_SECRET_FILE are both set',
    ],
    ['away', { SMTP_URL_FILE: join(folder, 'nothing') }, 'SMTP_URL_FILE names a file that cannot be read (ENOENT)'],
    ['empty', { METRICS_TOKEN_FILE: fileOf('\n') }, 'METRICS_TOKEN_FILE names a file that is empty'],
    ['UTF-16', { APP_SECRET_FILE: fileOf(SECRET, 'utf16le') }, 'APP_SECRET_FILE names a file that is not UTF-8 text'],
  ])('is refused when it is %s', (_what, environment, complaint) => {
    expect(problemOf(environment)).toContain(complaint);
  });
});

describe('.env', () => {
  it('keeps its first line behind a byte order mark', () => {
    expect(readEnvFile(fileOf('\uFEFFNODE_ENV=production\nPORT=1\n')).variables).toEqual({
      NODE_ENV: 'production',
      PORT: '1',
    });
  });

  it.each<[string, BufferEncoding]>([
    ['NODE_ENV=production', 'utf16le'],
    ['ADMIN_PASSWORD=Grünwald', 'latin1'],
  ])('is refused when it is no UTF-8: %s in %s', (text, encoding) => {
    expect(() => readEnvFile(fileOf(text, encoding))).toThrow('is not UTF-8 text');
  });

  it.each([
    ['ADMIN_PASSWORD=abc#def', 1],
    ['export ADMIN_PASSWORD = abc # def', 1],
    ['ADMIN_PASSWORD="abc#def"', 0],
    ['# ADMIN_PASSWORD=abc#def', 0],
    ['PORT=3000 # where it listens', 0],
  ])('warns of a secret that a # cuts short: %s', (text, count) => {
    expect(readEnvFile(fileOf(text)).warnings).toHaveLength(count);
  });
});

function fileOf(text: string, encoding: BufferEncoding = 'utf8'): string {
  const path = join(folder, String((files += 1)));
  writeFileSync(path, Buffer.from(text, encoding));
  return path;
}

function problemOf(environment: NodeJS.Dict<string>): string {
  try {
    loadConfiguration(environment);
    return '';
  } catch (error) {
    return (error as Error).message; // as: it throws nothing else
  }
}
