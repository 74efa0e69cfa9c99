import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase, onServer } from './support/database.js';
import { freePort, ServerProcess } from './support/server-process.js';

const README = readFileSync('README.md', 'utf8');
const PASSWORD = 'printed at the first start';

/** The shell commands of a section, as written. */
function commandsOf(section: string): string {
  const [text] = README.split(`## ${section}\n`)[1].split('\n## ');
  return [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, commands]) => commands).join('\n');
}

describe('the tour of the README', () => {
  it('runs as written, and leaves no secret in the log', async () => {
    const database = await createDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'usher-tour-'));
    const port = await freePort();
    const server = new ServerProcess({
      PORT: port,
      ADMIN_EMAIL: 'admin@usher.local',
      ADMIN_PASSWORD: PASSWORD,
      LOG_LEVEL: 'debug',
      ...(onServer() ? database.environment : {}),
      DATA_DIR: folder,
    });
    await server.untilUp();
    const script = `${commandsOf('A tour in five minutes')}\n${commandsOf('Inviting many at once')}`
      .replace('http://localhost:3000', `http://127.0.0.1:${port}`)
      .replace('the printed password', PASSWORD);
    const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
      cwd: folder,
    });
    await server.kill();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });

    expect(stderr).toBe('');
    expect(stdout).toContain('invited you to Acme');
    const [tour, many] = stdout.split('{"results":');
    const lists = tour.slice(tour.indexOf('{"data"')).replace('}{"data"', '}\n{"data"');
    const [members, invitations] = lists.split('\n').map((list) => JSON.parse(list).data);
    expect(members).toMatchObject([
      { user: { email: 'admin@usher.local' }, role: { key: 'OWNER' } },
      { user: { email: 'kim@example.com', givenName: 'Kim' }, role: { key: 'MEMBER' } },
    ]);
    expect(invitations).toMatchObject([{ status: 'ACCEPTED', delivery: { status: 'SENT' } }]);

    expect(JSON.parse(`{"results":${many}`).results).toMatchObject([
      { outcome: 'created', invitation: { familyName: "O'Hara, PhD" } },
      { outcome: 'created', invitation: { role: { key: 'ADMIN' } } },
    ]);

    expect(server.output).toContain('"route":"/api/v1/invitations/accept"');
    const [, linkToken] = /#token=([\w-]+)/.exec(stdout) ?? [];
    for (const secret of [linkToken, 'uss_', PASSWORD, 'a password of Kim'])
      expect(server.output).not.toContain(secret);
  });
});

describe('the demo', () => {
  it('plays the same tour with the typed client', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/demo.mjs']);
    expect(stdout).toContain('invited you to Acme');
    expect(stdout).toMatch(/── See who is in\n200 [^─]*"email": "kim@example.com"/);
    expect(stdout).toMatch(/── See what became of the invitation\n200 [^─]*"status": "ACCEPTED"/);
  });
});

describe('a setting', () => {
  const source = readFileSync('libs/config/src/configuration.ts', 'utf8');
  const known = [...source.matchAll(/readonly ([A-Z_]+)/g)].map(([, name]) => name);

  it.each(known)('such as %s is explained', (name) => {
    expect(readFileSync('.env.example', 'utf8')).toMatch(new RegExp(`^# ${name}=`, 'm'));
    if (name !== 'EMBEDDED_TEMPLATE') expect(README).toContain(`\`${name}\``);
  });
});
