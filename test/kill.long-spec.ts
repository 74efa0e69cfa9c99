import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN } from './support/app.js';
import { createDatabase, onServer, type TestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { newAddress } from './support/factories.js';
import { Inbox, tokenOf } from './support/inbox.js';
import { PATIENCE } from './support/patience.mjs';
import { freePort, ServerProcess } from './support/server-process.js';

/** Invitations asked for in a stream, and after how many answers the server is killed. */
const STREAM = 60;
const AT_ONCE = 8;
const KILLED_AFTER = [10, 25, 40];
/** A mail that was being sent is tried again when its lease of 60 seconds is over. */
const UNTIL_LEASES_END = 60_000 + PATIENCE;

interface Invitation {
  id: string;
  email: string;
  delivery: { status: string };
}

describe('a server that is killed', () => {
  const servers: ServerProcess[] = [];
  let inbox: Inbox;
  let database: TestDatabase;

  beforeEach(async () => {
    inbox = await new Inbox().open();
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await inbox.close();
    await database.drop();
  });

  it('loses no invitation that it has acknowledged, and mails every one, if need be again', async () => {
    // Delete 'SENDING' in the dispatcher's CLAIM: what was being sent is never sent again.
    database = onServer() ? await createDatabase() : await createFolder();
    let server = await start();
    const token = await signIn(server);
    const kills: { organisationId: string; acknowledged: string[]; unconfirmed: string[] }[] = [];
    for (const answers of KILLED_AFTER) {
      const organisationId = await createOrganisation(server, token);
      kills.push({ organisationId, ...(await inviteUntilKilled(server, token, organisationId, answers)) });
      server = await start();
    }

    for (const [index, { organisationId, acknowledged, unconfirmed }] of kills.entries()) {
      const listed = await untilAllAreSent(server, token, organisationId);
      expect(listed.map((invitation) => invitation.id)).toEqual(expect.arrayContaining(acknowledged));
      expect(unconfirmed.filter((email) => inbox.to(email).length < 2)).toEqual([]);
      for (const { email } of listed) {
        const mails = inbox.to(email);
        expect(mails.length).toBeLessThanOrEqual(1 + kills.length - index); // once more for each kill that it saw
        expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(1);
        const lookup = await server.api.post('/invitations/lookup', { token: tokenOf(mails[mails.length - 1]) });
        expect(lookup.status).toBe(200);
      }
    }
  });

  it('leaves its embedded folder to the next one, which a living server does not', async () => {
    database = await createFolder();
    const first = await start();
    const token = await signIn(first);

    const second = new ServerProcess(await settings());
    servers.push(second);
    expect(await second.ended).toBe(1);
    expect(second.output).toMatch(/in use by process \d+.*DATA_DIR/s);

    await first.kill();
    const third = await start();
    expect((await third.api.get('/me', { as: token })).status).toBe(200);
  });

  /** Kills it when a mail has arrived and it does not know yet; answers what it had acknowledged, and whose mails those were. */
  async function inviteUntilKilled(server: ServerProcess, as: string, organisationId: string, answers: number) {
    const acknowledged: string[] = [];
    const unconfirmed: string[] = [];
    inbox.onArrival = ({ recipients }) => {
      if (acknowledged.length < answers) return;
      void server.kill();
      unconfirmed.push(...recipients);
    };
    const addresses = Array.from({ length: STREAM }, () => newAddress());
    const inviteOneAfterAnother = async (): Promise<void> => {
      for (let email = addresses.pop(); email; email = addresses.pop()) {
        const invitation = { email, role: 'MEMBER' };
        const path = `/organisations/${organisationId}/invitations`;
        const answer = await server.api.post(path, invitation, { as }).catch(() => null); // no answer: it is dead
        if (!answer) continue;
        expect(answer.status).toBe(201);
        acknowledged.push(answer.body.id as string);
        if (acknowledged.length > STREAM - AT_ONCE) await server.kill(); // at the latest: before the stream runs dry
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, inviteOneAfterAnother));
    await server.ended;
    inbox.onArrival = null;
    return { acknowledged, unconfirmed };
  }

  async function settings(): Promise<Record<string, string>> {
    return {
      NODE_ENV: 'test',
      PORT: await freePort(),
      APP_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      SMTP_URL: inbox.url,
      MAIL_FROM: 'Usher <usher@usher.test>',
      LOG_LEVEL: 'warn',
      ...database.environment,
    };
  }

  async function start(): Promise<ServerProcess> {
    const server = new ServerProcess(await settings());
    servers.push(server);
    return server.untilUp();
  }
});

/** An embedded database that outlives its server. */
async function createFolder(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-killed-'));
  return { environment: { DATA_DIR: folder }, drop: () => rm(folder, { recursive: true, force: true }) };
}

async function signIn({ api }: ServerProcess): Promise<string> {
  const { body } = await api.post('/auth/sign-in', ADMIN);
  return body.token as string;
}

async function createOrganisation({ api }: ServerProcess, as: string): Promise<string> {
  const { body } = await api.post('/organisations', { name: 'Acme' }, { as });
  return body.id as string;
}

/** All invitations of the organisation, those too that nobody was told of, once their mails have left. */
function untilAllAreSent({ api }: ServerProcess, as: string, organisationId: string): Promise<Invitation[]> {
  return eventually(async () => {
    const { body } = await api.get(`/organisations/${organisationId}/invitations?limit=100`, { as });
    const invitations = body.data as Invitation[];
    const statuses = invitations.map((invitation) => invitation.delivery.status);
    expect(statuses.filter((status) => status !== 'SENT')).toEqual([]);
    return invitations;
  }, UNTIL_LEASES_END);
}
