import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { seed, withClient } from '../databases.mjs';
import { freePort, startServer, stop } from '../processes.mjs';
import { FIRST_NEWCOMER, invitationId, linkToken, ORGANISATIONS, PEOPLE } from '../world.mjs';

const ENTRY = new URL('../../dist/apps/api/src/main.js', import.meta.url).pathname;
const READY = '/healthz';
const ROWS_IN_BULK = 1_000;
export const HIGH_LIMITS = { invitationsPerInviterPerDay: 1_000_000, invitationsPerOrganisationPerDay: 10_000_000 };

const sessionOf = (person) => `uss_${String(person).padStart(43, '0')}`;
const headersOf = (person) => ({ authorization: `Bearer ${sessionOf(person)}` });
const OWNER = headersOf(PEOPLE.owner);
const BUSY = headersOf(PEOPLE.busy);
const JSON_TYPE = { 'content-type': 'application/json' };

const get = (path, headers) => ({ method: 'GET', path: `/api/v1${path}`, headers });
const post = (path, headers, body) => ({
  method: 'POST',
  path: `/api/v1${path}`,
  headers: { ...headers, ...JSON_TYPE },
  body: JSON.stringify(body),
});
const invitationsOf = (organisation) => `/organisations/${ORGANISATIONS[organisation]}/invitations`;
const creating =
  (organisation, name = 'new') =>
  (n) =>
    post(invitationsOf(organisation), OWNER, { email: `${name}${n}@example.com`, role: 'MEMBER' });
const listing = (organisation) => () => get(`${invitationsOf(organisation)}?limit=50`, OWNER);

/** The request of each scenario, by its number. */
export const requests = {
  create: creating('large'),
  list: listing('large'),
  get: (n, { sizes }) => get(`/invitations/${invitationId('large', (n % sizes.large) + 1)}`, OWNER),
  accept: (n) => post('/invitations/accept', headersOf(FIRST_NEWCOMER + n), { token: linkToken(n) }),
  members: () => get(`/organisations/${ORGANISATIONS.crowd}/members?limit=50`, OWNER),
  memberships: () => get('/me/memberships?limit=100', BUSY),
  bulk: (n) =>
    post(`${invitationsOf('large')}/bulk`, OWNER, {
      invitations: Array.from({ length: ROWS_IN_BULK }, (_, row) => ({
        email: `bulk${n}.${row}@example.com`,
        role: 'MEMBER',
      })),
    }),
  createSmall: creating('small'),
  createLarge: creating('large', 'newer'),
  createHuge: creating('huge'),
  listSmall: listing('small'),
  listLarge: listing('large'),
  listHuge: listing('huge'),
};

const isInvitation = ({ id, status, organisation, role, invitedBy }) =>
  Boolean(id && organisation.shortId && role.key === 'MEMBER' && invitedBy.name) && status === 'PENDING';
const isQueuedInvitation = (answer) => isInvitation(answer) && answer.delivery.attempts <= 1;
const isPage = (length, isRow) => (answer) => answer.data.length === length && answer.data.every(isRow);
const isPageOfInvitations = isPage(50, (row) => isInvitation(row) && Boolean(row.delivery));

/** Whether an answer is what was asked for. */
export const isRight = {
  create: isQueuedInvitation,
  list: isPageOfInvitations,
  get: isInvitation,
  accept: ({ memberships }) => memberships.length === 1 && memberships[0].organisation.id === ORGANISATIONS.door,
  members: isPage(50, ({ user, role }) => Boolean(user.email && role.key)),
  memberships: isPage(100, ({ organisation, role }) => Boolean(organisation.name && role.key)),
  bulk: ({ results }) => results.length === ROWS_IN_BULK && results.every(({ outcome }) => outcome === 'created'),
  createSmall: isQueuedInvitation,
  createLarge: isQueuedInvitation,
  createHuge: isQueuedInvitation,
  listSmall: isPageOfInvitations,
  listLarge: isPageOfInvitations,
  listHuge: isPageOfInvitations,
};

/** Usher itself: its build, its migrations, and mail that leaves over SMTP. */
export async function open({ databases, sizes }) {
  const address = await databases.make('usher');
  const sink = fork(new URL('../smtp-sink.mjs', import.meta.url));
  const [smtpPort] = await once(sink, 'message');
  const start = (database = address) => startUsher(database, smtpPort);
  const first = await start(); // migrates
  await first.stop();
  await seed(address, new URL('../usher/seed.sql', import.meta.url), sizes);
  return {
    database: 'usher',
    address,
    start,
    settle: () => withClient(address, settle),
    close: () => stop(sink),
  };
}

async function startUsher(address, smtpPort) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    DATABASE_URL: address,
    PORT: port,
    HOST: '127.0.0.1',
    PUBLIC_URL: url,
    APP_SECRET: 'of the benchmark: 0123456789 abcdefghijklm',
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: 'nothing that is worth guessing',
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    MAIL_FROM: 'Usher <usher@example.com>',
    LOG_LEVEL: 'warn',
  };
  const server = await startServer(ENTRY, { settings, url, ready: READY, cwd: tmpdir() });
  return { url, facts: {}, ...server };
}

/** Limits stay on, and are counted, but are so high that nothing is refused. */
export async function raiseLimits({ url }) {
  const headers = { ...headersOf(PEOPLE.admin), ...JSON_TYPE };
  const response = await fetch(`${url}/api/v1/platform`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify({ limits: HIGH_LIMITS }),
  });
  if (!response.ok) throw new Error(`The limits could not be raised: ${await response.text()}`);
}

/** Mails still queued would be sent while something else is measured: they are put away. Answers how many. */
export async function settle(client) {
  const { rowCount } = await client.query(
    `UPDATE mail_messages SET status = 'SKIPPED', sealed_token = NULL WHERE status IN ('QUEUED', 'SENDING')`,
  );
  return rowCount;
}
