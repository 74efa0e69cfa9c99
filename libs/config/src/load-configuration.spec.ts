import { loadConfiguration } from './load-configuration.js';

const STRONG = 'q8Zr2Lx0Vb7Nc5Md1Ks9Jh4Gf6Tp3Yw+/=eRtU';
const PRODUCTION = {
  NODE_ENV: 'production',
  APP_SECRET: STRONG,
  PUBLIC_URL: 'https://usher.example.com',
  DATABASE_URL: 'postgres://usher:secret@db/usher',
};

describe('the configuration', () => {
  it('needs nothing outside production', () => {
    const configuration = loadConfiguration({});
    expect(configuration).toMatchObject({ NODE_ENV: 'development', PORT: 3000, DATA_DIR: './data' });
    expect(configuration.publicUrl).toBe('http://localhost:3000');
    expect(configuration.host).toBe('127.0.0.1');
    expect(configuration.mailChannel).toBe('mailbox');
  });

  it('takes what production needs', () => {
    const configuration = loadConfiguration(PRODUCTION);
    expect(configuration.host).toMatch(/^(::|0\.0\.0\.0)$/);
    expect(configuration.mailChannel).toBe('none');
  });

  it('tells everything that is wrong in production at once', () => {
    const problems = problemsOf({
      NODE_ENV: 'production',
      PORT: 'http',
      SMTP_URL: 'mail.example.com',
      ADMIN_EMAIL: 'root',
    });
    for (const name of [
      'PORT',
      'SMTP_URL',
      'ADMIN_EMAIL',
      'ADMIN_PASSWORD',
      'APP_SECRET',
      'PUBLIC_URL',
      'DATABASE_URL',
      'MAIL_FROM',
    ]) {
      expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(name)]));
    }
  });

  it.each([
    ['too short', 'q8Zr2Lx0Vb7Nc5Md1Ks9Jh4Gf6Tp3Y', 'at least 32 characters'],
    ['one character over and over', 'a'.repeat(64), 'too easy to guess'],
    ['a short word over and over', 'changeme'.repeat(8), 'too easy to guess'],
    ['empty', '   ', 'must be set'],
  ])('refuses a secret in production that is %s', (_what, APP_SECRET, complaint) => {
    const problems = problemsOf({ ...PRODUCTION, APP_SECRET });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`APP_SECRET.*${complaint}`))]);
  });

  it.each([
    ['common', 'password1', 'among the most common'],
    ['the address', 'root@example.com1', 'your address'],
    ["the product's name", 'Usher2026', "platform's name"],
  ])('refuses a password of the first admin in production that is %s', (_what, ADMIN_PASSWORD, complaint) => {
    const admin = { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD };
    expect(problemsOf({ ...PRODUCTION, ...admin })).toEqual([
      expect.stringMatching(new RegExp(`ADMIN_PASSWORD.*${complaint}`)),
    ]);
    expect(problemsOf(admin)).toEqual([]);
    expect(problemsOf({ ...PRODUCTION, ...admin, ADMIN_PASSWORD: 'first-admin-password' })).toEqual([]);
  });

  it('never repeats a secret in its complaints', () => {
    const problems = problemsOf({
      ...PRODUCTION,
      APP_SECRET: 'hunter2',
      ADMIN_EMAIL: 'a@x.co',
      ADMIN_PASSWORD: 'hunter3',
    });
    expect(problems.join()).not.toMatch(/hunter/);
  });

  it.each(['http://usher.example.com', 'http://10.0.0.5:3000'])(
    'refuses %s in production: links carry secrets',
    (PUBLIC_URL) => {
      expect(problemsOf({ ...PRODUCTION, PUBLIC_URL })).toEqual([expect.stringContaining('must be https')]);
      expect(problemsOf({ PUBLIC_URL })).toEqual([]);
    },
  );

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'takes %s in production',
    (PUBLIC_URL) => {
      expect(problemsOf({ ...PRODUCTION, PUBLIC_URL })).toEqual([]);
    },
  );

  it.each(['usher.example.com', 'ftp://usher.example.com', 'javascript:alert(1)', '/'])(
    'refuses %s as PUBLIC_URL',
    (PUBLIC_URL) => {
      expect(problemsOf({ PUBLIC_URL })).toEqual([expect.stringContaining('PUBLIC_URL')]);
    },
  );

  it('keeps an embedded database in production only in a folder that was named', () => {
    const { DATABASE_URL: _, ...embedded } = PRODUCTION;
    expect(problemsOf(embedded)).toEqual([expect.stringContaining('DATABASE_URL')]);
    expect(problemsOf({ ...embedded, DATA_DIR: '/var/lib/usher' })).toEqual([]);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_URL', 'mysql://db'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'prod'],
    ['SESSION_HOURS', '0'],
    ['SESSION_IDLE_HOURS', '0'],
    ['SESSION_IDLE_HOURS', '8761'],
    ['CORS_ORIGINS', '*'],
    ['SMTP_URL', 'https://mail.example.com'],
  ])('refuses %s=%s', (name, value) => {
    expect(problemsOf({ [name]: value, MAIL_FROM: 'a@x.co' }).join()).toContain(name);
  });

  it.each([['MAIL_FROM'], ['ADMIN_PASSWORD']])('names %s when its counterpart stands alone', (missing) => {
    const alone = { SMTP_URL: 'smtp://localhost', ADMIN_EMAIL: 'root@example.com' };
    expect(problemsOf(alone).join()).toContain(missing);
  });

  it('takes numbers, lists and empty variables as a shell gives them', () => {
    const configuration = loadConfiguration({
      PORT: '8080',
      LOG_LEVEL: '',
      CORS_ORIGINS: 'https://a.example, https://b.example',
    });
    expect(configuration).toMatchObject({
      PORT: 8080,
      LOG_LEVEL: 'info',
      CORS_ORIGINS: ['https://a.example', 'https://b.example'],
    });
  });

  it.each([
    ['https://usher.example.com/', 'https://usher.example.com'],
    ['https://example.com/usher//', 'https://example.com/usher'],
  ])('reads PUBLIC_URL %s without the slash at its end', (PUBLIC_URL, publicUrl) => {
    expect(loadConfiguration({ PUBLIC_URL }).publicUrl).toBe(publicUrl);
  });

  it.each([
    ['Usher <usher@example.com>', { name: 'Usher', address: 'usher@example.com' }],
    ['"Usher, Inc." <usher@example.com>', { name: 'Usher, Inc.', address: 'usher@example.com' }],
    ['usher@example.com', { name: '', address: 'usher@example.com' }],
  ])('reads the sender %s', (MAIL_FROM, mailFrom) => {
    expect(loadConfiguration({ MAIL_FROM }).mailFrom).toEqual(mailFrom);
  });

  it.each(['Usher', 'a@x.co, b@y.co', 'Usher <a@x.co> <b@y.co>', 'Usher <a@x.co\r\nBcc: b@y.co>'])(
    'refuses the sender %j',
    (MAIL_FROM) => {
      expect(problemsOf({ MAIL_FROM })).toEqual([expect.stringContaining('MAIL_FROM')]);
    },
  );
});

function problemsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    loadConfiguration(environment);
    return [];
  } catch (error) {
    const [title, ...problems] = (error as Error).message.split('\n'); // as: it throws nothing else
    expect(title).toBe('Usher cannot start with this configuration:');
    return problems;
  }
}
