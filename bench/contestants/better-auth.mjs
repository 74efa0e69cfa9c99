import { createHmac } from 'node:crypto';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';
import { BASE_PATH, createAuth, SECRET } from '../better-auth/auth.mjs';
import { seed } from '../databases.mjs';
import { flagsOf, freePort, startServer } from '../processes.mjs';
import { FIRST_NEWCOMER, invitationId, ORGANISATIONS, PEOPLE } from '../world.mjs';

const PAGE = `${BASE_PATH}/50/organization`;
const RECIPIENTS = 100;
const FIRST_RECIPIENT = 10_001;

const creating =
  (organisation, name = 'new') =>
  (n, { url, cookies }) =>
    post('invite-member', url, cookies.owner, {
      email: `${name}${n}@example.com`,
      role: 'member',
      organizationId: ORGANISATIONS[organisation],
    });
const listing =
  (organisation) =>
  (_, { cookies }) =>
    get(`${PAGE}/list-invitations?organizationId=${ORGANISATIONS[organisation]}`, cookies.owner);

/** The request of each scenario, by its number. There is none for many invitations at once. */
export const requests = {
  create: creating('large'),
  list: listing('large'),
  get: (n, { cookies }) =>
    get(`${PAGE}/get-invitation?id=${invitationId('large', (n % RECIPIENTS) + 1)}`, cookies.recipients[n % RECIPIENTS]),
  accept: (n, { url }) =>
    post('accept-invitation', url, signed(FIRST_NEWCOMER + n), { invitationId: invitationId('door', n) }),
  members: (_, { cookies }) =>
    get(`${PAGE}/list-members?organizationId=${ORGANISATIONS.crowd}&limit=50`, cookies.owner),
  memberships: (_, { cookies }) => get(`${BASE_PATH}/100/organization/list`, cookies.busy),
  createSmall: creating('small'),
  createLarge: creating('large', 'newer'),
  createHuge: creating('huge'),
  listSmall: listing('small'),
  listLarge: listing('large'),
  listHuge: listing('huge'),
};

const isInvitation = ({ id, email, role, status }) => Boolean(id && email && role === 'member') && status === 'pending';
const isPage = (answer) => answer.length === 50 && answer.every(isInvitation);

export const isRight = {
  create: isInvitation,
  list: isPage,
  get: (answer) => isInvitation(answer) && Boolean(answer.organizationName && answer.inviterEmail),
  accept: ({ invitation, member }) => invitation.status === 'accepted' && member.organizationId === ORGANISATIONS.door,
  members: ({ members }) => members.length === 50 && members.every(({ user, role }) => Boolean(user.email && role)),
  memberships: (answer) => answer.length === 100 && answer.every(({ name }) => Boolean(name)),
  createSmall: isInvitation,
  createLarge: isInvitation,
  createHuge: isInvitation,
  listSmall: isPage,
  listLarge: isPage,
  listHuge: isPage,
};

export async function open({ databases, sizes, profile }) {
  const address = await databases.make('better_auth');
  const pool = new pg.Pool({ connectionString: address });
  const { runMigrations } = await getMigrations(
    createAuth(pool, { baseURL: 'http://127.0.0.1', pageSize: 50 }).options,
  );
  await runMigrations();
  await pool.end();
  await seed(address, new URL('../better-auth/seed.sql', import.meta.url), sizes);
  const start = async (database = address) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const file = new URL('../better-auth/server.mjs', import.meta.url).pathname;
    const settings = { DATABASE_URL: database, PORT: port };
    const flags = flagsOf({ profile });
    const server = await startServer(file, { settings, url, ready: `${BASE_PATH}/50/ok`, flags });
    return { url, facts: { url }, ...server };
  };
  return { database: 'better_auth', address, start, settle: async () => null, close: async () => undefined };
}

/** Fetches the cached session of everybody who asks more than once; good for five minutes, so before each scenario anew. */
export async function refresh(server) {
  const withCache = async (person) => {
    const cookie = signed(person);
    const response = await fetch(`${server.url}${BASE_PATH}/50/get-session`, { headers: { cookie } });
    const [data] = response.headers.getSetCookie().filter((each) => each.startsWith('better-auth.session_data='));
    if (!data) throw new Error(`better-auth does not know the session of person ${person}`);
    return `${cookie}; ${data.split(';')[0]}`;
  };
  const recipients = [];
  for (let n = 0; n < RECIPIENTS; n += 1) recipients.push(await withCache(FIRST_RECIPIENT + n));
  const cookies = { owner: await withCache(PEOPLE.owner), busy: await withCache(PEOPLE.busy), recipients };
  server.facts = { url: server.url, cookies };
}

/** The cookie that it sets when somebody signs in. */
function signed(person) {
  const token = String(person).padStart(32, '0');
  const signature = createHmac('sha256', SECRET).update(token).digest('base64');
  return `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
}

const get = (path, cookie) => ({ method: 'GET', path, headers: { cookie } });
/** With the origin that browsers send: its check against forged requests stays on. */
const post = (action, origin, cookie, body) => ({
  method: 'POST',
  path: `${PAGE}/${action}`,
  headers: { cookie, origin, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
