import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN } from './support/app.js';
import { createDatabase, onServer, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { freePort, ServerProcess } from './support/server-process.js';
import { SmtpScript } from './support/smtp-script.js';

const forEver = () => new Promise<string>(() => undefined);

describe('SIGTERM while the mail server is slow', () => {
  const servers: ServerProcess[] = [];
  let mailServer: SmtpScript;
  let database: TestDatabase;
  let token: string;
  let organisationId: string;

  beforeEach(async () => {
    mailServer = await new SmtpScript().open();
    database = onServer() ? await createDatabase() : await createFolder();
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await mailServer.close();
    await database.drop();
  });

  it('gives back what the mail server has not asked for, and keeps what may have left until its lease is over', async () => {
    // Leave letMailsGo out of leave.ts: the first mail waits for a minute as well.
    const first = await start();
    await prepare(first);
    await mailServer.say({
      RCPT: (recipient) => (recipient.startsWith('waiting') ? forEver() : Promise.resolve('250 recipient ok')),
      END: forEver,
    });
    const waiting = await invite(first, 'waiting@example.com');
    const handedOver = await invite(first, 'handed-over@example.com');
    await eventually(() => expect(mailServer.to('handed-over@example.com')).toHaveLength(1));
    await eventually(async () => expect(await statusOf(first, waiting)).toBe('SENDING'));
    expect(await first.stop()).toBe(1);

    await mailServer.say({});
    const second = await start();
    await eventually(() => expect(mailServer.to('waiting@example.com')).toHaveLength(1));
    await eventually(async () => expect(await statusOf(second, waiting)).toBe('SENT'));
    expect(await statusOf(second, handedOver)).toBe('SENDING');
    expect(mailServer.to('handed-over@example.com')).toHaveLength(1);
  });

  it('ends in good order when nothing has left', async () => {
    const server = await start();
    await prepare(server);
    await mailServer.say({ MAIL: forEver });
    const invitation = await invite(server, 'waiting@example.com');
    await eventually(async () => expect(await statusOf(server, invitation)).toBe('SENDING'));
    expect(await server.stop()).toBe(0);
    expect(mailServer.mails).toEqual([]);
  });

  async function start(): Promise<ServerProcess> {
    const server = new ServerProcess({
      NODE_ENV: 'test',
      PORT: await freePort(),
      APP_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      SMTP_URL: mailServer.url.replace(/\?.*/, ''), // more patient than a test
      MAIL_FROM: 'Usher <usher@usher.test>',
      LOG_LEVEL: 'warn',
      ...database.environment,
    });
    servers.push(server);
    return server.untilUp();
  }

  async function prepare({ api }: ServerProcess): Promise<void> {
    token = (await api.post('/auth/sign-in', ADMIN)).body.token;
    organisationId = (await api.post('/organisations', { name: 'Acme' }, { as: token })).body.id;
  }

  async function invite({ api }: ServerProcess, email: string): Promise<string> {
    const path = `/organisations/${organisationId}/invitations`;
    const { status, body } = await api.post(path, { email, role: 'MEMBER' }, { as: token });
    expect(status).toBe(201);
    return body.id;
  }

  const statusOf = async ({ api }: ServerProcess, id: string): Promise<string> =>
    (await api.get(`/invitations/${id}`, { as: token })).body.delivery.status;
});

/** An embedded database that outlives its server. */
async function createFolder(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-stopped-'));
  return { environment: { DATA_DIR: folder }, drop: () => rm(folder, { recursive: true, force: true }) };
}
