import { createLogger, StructuredLogger } from './logger.js';

const SESSION = `uss_${'Ab0-_'.repeat(8)}xyz`;
const KEY = `ush_${'Ab0-_'.repeat(8)}xyz`;

describe('the log', () => {
  function logging(level = 'trace') {
    const lines: string[] = [];
    const logger = createLogger(level, undefined, { write: (line) => void lines.push(line) });
    const last = () => JSON.parse(lines[lines.length - 1]) as Record<string, unknown>; // as: every line is a JSON object
    return { logger, lines, last };
  }

  it('is a line of JSON with time and level', () => {
    const { logger, lines, last } = logging();
    logger.warn({ route: '/me' }, 'slow\nrequest');
    expect(lines).toHaveLength(1);
    expect(lines[0].trimEnd()).not.toContain('\n');
    expect(last()).toMatchObject({ level: 'warn', route: '/me', msg: 'slow\nrequest' });
    expect(Date.parse(String(last().time))).toBeCloseTo(Date.now(), -4);
  });

  it.each(['authorization', 'cookie', 'password', 'currentPassword', 'newPassword', 'token', 'key', 'link', 'secret'])(
    'shows no %s, two levels deep',
    (field) => {
      const { logger, lines } = logging();
      logger.info(
        { [field]: 'hunter2', body: { [field]: 'hunter2', inner: { [field]: 'hunter2', kept: 'kept' } } },
        'x',
      );
      expect(lines.join()).not.toContain('hunter2');
      expect(lines.join()).toContain('kept');
    },
  );

  it.each([
    ['a session', SESSION, SESSION],
    ['an API key', KEY, KEY],
    ['the secret of a link', 'GET https://usher.example/join#token=AbC-_123 failed', 'AbC-_123'],
    ['a token in a query', '/callback?a=1&token=AbC-_123', 'AbC-_123'],
    ['the password of a mail server', 'cannot reach smtps://usher:hunter2@mail.example:465', 'hunter2'],
    ['the password of a database', 'postgresql://usher:hun%40ter2@db/usher', 'hun%40ter2'],
  ])('shows no %s, wherever it stands', (_what, text, secret) => {
    const { logger, lines } = logging();
    logger.info(text);
    logger.info({ deep: { deeper: { deepest: [text] } } }, 'x');
    logger.error({ err: new Error(text) }, 'x');
    expect(lines).toHaveLength(3);
    expect(lines.join()).not.toContain(secret);
    expect(lines.join()).toContain('[redacted]');
  });

  it('keeps what only looks a little like a secret', () => {
    const { logger, last } = logging();
    logger.info('the usher of postgres://db/usher and push_notifications_are_enabled_here');
    expect(last().msg).toBe('the usher of postgres://db/usher and push_notifications_are_enabled_here');
  });

  it('says nothing below its level', () => {
    const { logger, lines } = logging('warn');
    logger.info('x');
    expect(lines).toEqual([]);
  });

  describe("of Nest's own messages", () => {
    it('has their context, and the stack of errors', () => {
      const { logger, last } = logging();
      const nest = new StructuredLogger(logger);
      nest.error('failed', 'Error: failed\n at x', 'MailDispatcher');
      expect(last()).toMatchObject({
        level: 'error',
        context: 'MailDispatcher',
        stack: 'Error: failed\n at x',
        msg: 'failed',
      });
      nest.error('failed', 'MailDispatcher');
      expect(last()).toMatchObject({ context: 'MailDispatcher', msg: 'failed' });
      expect(last()).not.toHaveProperty('stack');
    });

    it('leaves the tale of modules and routes to debug', () => {
      const { logger, last } = logging();
      const nest = new StructuredLogger(logger);
      nest.log('Mapped {/me, GET}', 'RouterExplorer');
      expect(last().level).toBe('debug');
      nest.log('The first platform admin was made', 'FirstAdmin');
      expect(last().level).toBe('info');
    });
  });
});
