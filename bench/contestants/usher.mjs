import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed, withClient } from '../databases.mjs';
import { flagsOf, freePort, startServer, stop } from '../processes.mjs';
import {
  FIRST_NEWCOMER,
  gateToken,
  invitationId,
  linkToken,
  ORGANISATIONS,
  PEOPLE,
  PROJECTS,
  withSeats,
} from '../world.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
const ENTRY = 'dist/apps/api/src/main.js';
const READY = '/healthz';
const ROWS_IN_BULK = 1_000;
/** Nothing is refused; only the pause between two mails to one recipient is off. */
export const HIGH_LIMITS = {
  invitationsPerInviterPerDay: 1_000_000,
  invitationsPerOrganisationPerDay: 10_000_000,
  mailsPerRecipientPerDay: 1_000,
  resendCooldownSeconds: null,
};

const sessionOf = (person) => `uss_${String(person).padStart(43, '0')}`;
const headersOf = (person) => ({ authorization: `Bearer ${sessionOf(person)}` });
const OWNER = headersOf(PEOPLE.owner);
const BUSY = headersOf(PEOPLE.busy);
const JSON_TYPE = { 'content-type': 'application/json' };

const get = (path, headers) => ({ method: 'GET', path: `/api/v1${path}`, headers });
const postTo = (path, headers, body) => ({
  method: 'POST',
  path,
  headers: { ...headers, ...JSON_TYPE },
  body: JSON.stringify(body),
});
const post = (path, headers, body) => postTo(`/api/v1${path}`, headers, body);
const invitationsOf = (organisation) => `/organisations/${ORGANISATIONS[organisation]}/invitations`;
const creating =
  (organisation, name = 'new') =>
  (n) =>
    post(invitationsOf(organisation), OWNER, { email: `${name}${n}@example.com`, role: 'MEMBER' });
const listing = (organisation) => () => get(`${invitationsOf(organisation)}?limit=50`, OWNER);

/** The request of each scenario, by its number. */
export const requests = {
  create: creating('large'),
  createSeats: (n, { sizes }) =>
    post(`/organisations/${withSeats(n % sizes.seats)}/invitations`, OWNER, {
      email: `seat${n}@example.com`,
      role: 'MEMBER',
    }),
  createProject: (n) =>
    post(`/projects/${PROJECTS.website}/invitations`, OWNER, { email: `web${n}@example.com`, role: 'VIEWER' }),
  upsert: (n, { sizes }) =>
    postTo('/v1/user-invitations', OWNER, {
      type: 'PROJECT',
      email: `a${(n % sizes.again) + 1}@example.com`,
      projectId: PROJECTS.again,
      projectRole: 'Viewer',
    }),
  list: listing('large'),
  get: (n, { sizes }) => get(`/invitations/${invitationId('large', (n % sizes.large) + 1)}`, OWNER),
  accept: (n) => post('/invitations/accept', headersOf(FIRST_NEWCOMER + n), { token: linkToken(n) }),
  acceptNew: (n) =>
    post(
      '/invitations/accept',
      {},
      {
        token: gateToken(n),
        password: 'nobody will guess this one',
        givenName: 'Kim',
        familyName: 'Lee',
      },
    ),
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
const isInvitationToProject = ({ id, status, type, role, projects, invitedBy }) =>
  Boolean(id && invitedBy.name) &&
  status === 'PENDING' &&
  type === 'PROJECT' &&
  !role &&
  projects[0].role.key === 'VIEWER';
const isUserInvitation = ({ id, projectId, projectRole, status }) =>
  Boolean(id) && status === 'PENDING' && projectId === PROJECTS.again && projectRole.name === 'Viewer';
const isPage = (length, isRow) => (answer) => answer.data.length === length && answer.data.every(isRow);
const isPageOfInvitations = isPage(50, (row) => isInvitation(row) && Boolean(row.delivery));

/** Whether an answer is what was asked for. */
export const isRight = {
  create: isQueuedInvitation,
  createSeats: isQueuedInvitation,
  createProject: isInvitationToProject,
  upsert: isUserInvitation,
  list: isPageOfInvitations,
  get: isInvitation,
  accept: ({ memberships }) => memberships.length === 1 && memberships[0].organisation.id === ORGANISATIONS.door,
  acceptNew: ({ memberships, session }) =>
    memberships[0].organisation.id === ORGANISATIONS.gate &&
    memberships[0].projects.length === 1 &&
    Boolean(session.token),
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

/** Usher itself: its build, its migrations, and mail that leaves over SMTP. `root`: where its build is; `name`: of its database. */
export async function open({ databases, sizes, profile, root = ROOT, name = 'usher' }) {
  const address = await databases.make(name);
  const sink = fork(new URL('../smtp-sink.mjs', import.meta.url));
  const [smtpPort] = await once(sink, 'message');
  const begin = (database, flags) => startUsher({ database, smtpPort, entry: join(root, ENTRY), flags });
  const start = (database = address) => begin(database, flagsOf({ profile, withoutHashing: true }));
  const first = await begin(address, []); // migrates
  await first.stop();
  await seed(address, new URL('../usher/seed.sql', import.meta.url), sizes);
  return {
    database: name,
    address,
    start,
    settle: () => withClient(address, settle),
    close: () => stop(sink),
  };
}

async function startUsher({ database, smtpPort, entry, flags }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    DATABASE_URL: database,
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
  const server = await startServer(entry, { settings, url, ready: READY, cwd: tmpdir(), flags });
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
