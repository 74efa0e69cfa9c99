import { InvitationRemindersService } from '../apps/api/src/invitations/email/invitation-reminders.service.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';
import { describeOnServer } from './support/races.js';
import { builtIn, insertMember, insertPerson } from './support/sql-factories.js';
import { clearThrottles } from './support/throttles.js';

type Row = Record<string, unknown>;

/** An organisation, what an invitation may name in it, and who invites. */
interface Place {
  organisation: Organisation;
  projects: string[];
  ownRoleId: string;
  projectRoleId: string;
  /** Credentials, and the ids behind them. */
  inviters: Record<string, { token: string; id: string }>;
}

interface Invited {
  id: string;
  person: Person;
  token: string;
}

/** What an invitation gives, and what becomes of it before it is accepted. */
interface Case {
  what: string;
  fields: (place: Place) => Row;
  toProject?: boolean;
  then?: (app: TestApp, invited: Invited, place: Place) => Promise<unknown>;
}

const MEMBER_ROLE = builtIn('ORGANISATION', 'MEMBER');
const MEMBER = () => ({ role: 'MEMBER' });
const CASES: Case[] = [
  { what: 'gives nothing but a role', fields: () => ({ role: 'ADMIN' }) },
  { what: "gives an organisation's own role", fields: ({ ownRoleId }) => ({ role: ownRoleId }) },
  {
    what: 'lets into projects',
    fields: ({ projects: [first, second], projectRoleId }) => ({
      role: 'MEMBER',
      projects: [
        { projectId: second, role: 'EDITOR' },
        { projectId: first, role: projectRoleId },
      ],
    }),
  },
  { what: 'lets into one project alone', fields: () => ({ role: 'VIEWER' }), toProject: true },
  {
    what: 'leads to another site',
    fields: () => ({ role: 'MEMBER', redirectUrl: 'https://app.example.com/start' }),
  },
  {
    what: 'is in the queue once more',
    fields: MEMBER,
    then: (app, { id }) =>
      app.dataSource.query(
        `UPDATE mail_messages SET status = 'QUEUED', sealed_token = '\\x01', next_attempt_at = now() + interval '1 day' WHERE subject_id = $1`,
        [id],
      ),
  },
  {
    what: 'has no seat left beside its own',
    fields: MEMBER,
    then: (app, _invited, { organisation: { id } }) =>
      app.dataSource.query('UPDATE organisations SET seat_limit = 1 WHERE id = $1', [id]),
  },
  {
    what: 'comes from somebody who has lost their key since',
    fields: MEMBER,
    then: (app, _invited, { inviters: { key } }) =>
      app.dataSource.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [key.id]),
  },
];

describe('accepting with a link', () => {
  let app: TestApp;
  let root: Person;
  let platformKey: { token: string; id: string };

  beforeAll(async () => {
    app = await startApp({}, { replay: false }); // rows that others leave would be taken for what an acceptance leaves
    root = await signInAdmin(app);
    await app.api.patch('/platform', { redirectOrigins: ['https://app.example.com'] }, { as: root });
    const { body } = await app.api.post('/platform/api-keys', { name: 'Sync', platformRole: 'ADMIN' }, { as: root });
    platformKey = { token: body.key as string, id: body.id as string };
  });
  afterAll(() => app.stop());

  async function open(): Promise<Place> {
    const organisation = await buildOrganisation(app, root);
    const at = `/organisations/${organisation.id}`;
    const post = async (path: string, body: Row) =>
      (await app.api.post(`${at}${path}`, body, { as: root })).body as Row;
    const projects = [await buildProject(app, root, organisation), await buildProject(app, root, organisation)];
    const role = { key: 'READER', name: 'Reader', scope: 'ORGANISATION', permissions: ['organisation:read'] };
    const own = await post('/roles', { ...role, permissions: ['organisation:read', 'members:read', 'roles:read'] });
    const inProject = await post('/roles', { ...role, scope: 'PROJECT', permissions: ['project:read'] });
    const admin = await buildMember(app, root, organisation, { role: 'ADMIN' });
    const key = await post('/api-keys', { name: 'Onboarding', role: 'ADMIN' });
    return {
      organisation,
      projects: projects.map(({ id }) => id).sort(),
      ownRoleId: own.id as string,
      projectRoleId: inProject.id as string,
      inviters: { owner: root, admin, key: { token: key.key as string, id: key.id as string }, platformKey },
    };
  }

  async function invite(place: Place, inviter: string, { fields, toProject, then }: Case): Promise<Invited> {
    const person = await insertPerson(app.dataSource);
    const at = toProject ? `/projects/${place.projects[0]}` : `/organisations/${place.organisation.id}`;
    const asked = { email: person.email, ...fields(place) };
    const { status, body } = await app.api.post(`${at}/invitations`, asked, { as: place.inviters[inviter].token });
    expect({ status, detail: body.detail }).toEqual({ status: 201, detail: undefined });
    const invited = { id: body.id as string, person, token: await app.inbox.token(person.email) };
    await eventually(async () => {
      const { body: shown } = await app.api.get(`/invitations/${invited.id}`, { as: root });
      expect(shown.delivery.status).toBe('SENT');
    });
    await then?.(app, invited, place);
    return invited;
  }

  const withToken = ({ token, person }: Invited) => app.api.post('/invitations/accept', { token }, { as: person });
  const withoutToken = ({ id, person }: Invited) =>
    app.api.post(`/me/invitations/${id}/accept`, undefined, { as: person });

  /** The answer, and every row that it left in whatever table. */
  async function watch(ask: () => Promise<Answer>): Promise<{ answer: Answer; rows: Row[] }> {
    const before = new Set((await everyRow()).map((row) => JSON.stringify(row)));
    const answer = await ask();
    const rows = (await everyRow()).filter((row) => !before.has(JSON.stringify(row)));
    return { answer, rows };
  }

  async function everyRow(): Promise<Row[]> {
    const tables: { name: string }[] = await app.dataSource.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
    );
    const rows = tables.map(({ name }) =>
      app.dataSource.query<Row[]>(`SELECT '${name}' AS "table", to_jsonb(t) AS row FROM "${name}" t ORDER BY 2`),
    );
    return (await Promise.all(rows)).flat();
  }

  /** Ids, names, addresses and secrets by what they stand for; the moments that an acceptance set by their number. */
  function alike(left: unknown, place: Place, { id, person }: Invited): string {
    const moments: string[] = [];
    const { organisation, projects, ownRoleId, projectRoleId, inviters } = place;
    const ids = { id, person: person.id, email: person.email, organisation: organisation.id, ownRoleId, projectRoleId };
    const people = Object.fromEntries(Object.entries(inviters).map(([name, inviter]) => [name, inviter.id]));
    const named = Object.entries({ ...ids, first: projects[0], second: projects[1], ...people });
    return named
      .reduce((all, [name, value]) => all.replaceAll(value, name), JSON.stringify(left, null, 1))
      .replaceAll(organisation.name, 'NAME')
      .replace(/Project-[\w-]+/g, 'PROJECT NAME')
      .replace(/"short_?Id": "\w{8}"/gi, '"SHORT"')
      .replace(/"(token_hash|sealed_token|message_id)": "[^"]*"/g, '"$1": "SECRET"')
      .replace(
        /"(created_at|expires_at|last_sent_at|remind_at|send_before|\w+_attempt_at)": "[^"]*"/g,
        '"$1": "BEFORE"',
      )
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+/g, (moment) => {
        const spelt = moment.padEnd(23, '0');
        if (!moments.includes(spelt)) moments.push(spelt);
        return `MOMENT ${moments.indexOf(spelt)}`;
      })
      .replace(/(?!00000000-0000)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID');
  }

  describe.each(['owner', 'admin', 'key', 'platformKey'])('when one invited who holds enough: %s', (inviter) => {
    it.each(CASES.map((each) => [each.what, each] as const))(
      'leaves what accepting from the list of mine leaves when the invitation %s',
      async (_what, each) => {
        const [linked, unlinked] = [await open(), await open()];
        const [first, second] = [await invite(linked, inviter, each), await invite(unlinked, inviter, each)];
        const withLink = await watch(() => withToken(first));
        const withoutLink = await watch(() => withoutToken(second));
        expect(withLink.answer.status).toBe(200);
        expect(alike(withLink.answer.body, linked, first)).toBe(alike(withoutLink.answer.body, unlinked, second));
        expect(alike(withLink.rows, linked, first)).toBe(alike(withoutLink.rows, unlinked, second));
        expect((await withToken(first)).body).toEqual(withLink.answer.body);
      },
    );
  });

  it('is taken with the link of a reminder, too', async () => {
    const place = await open();
    const invited = await invite(place, 'admin', { what: '', fields: MEMBER });
    await app.dataSource.query('UPDATE invitations SET remind_at = now() WHERE id = $1', [invited.id]);
    await app.nest.get(InvitationRemindersService).run();
    const token = await app.inbox.token(invited.person.email, 2);
    expect(token).not.toBe(invited.token);
    expect((await withToken({ ...invited, token })).status).toBe(200);
  });

  it('is taken when platform staff invited who are no members, and when the address is not proven', async () => {
    const place = await open();
    await app.dataSource.query('DELETE FROM memberships WHERE organisation_id = $1', [place.organisation.id]);
    const invited = await invite(place, 'owner', { what: '', fields: MEMBER });
    await app.dataSource.query('UPDATE users SET email_verified_at = NULL WHERE id = $1', [invited.person.id]);
    expect((await withToken(invited)).status).toBe(200);
  });

  it('raises a member, and refuses when the inviter holds less by now', async () => {
    const place = await open();
    const admins = { what: '', fields: () => ({ role: 'ADMIN' }) };
    const [member, newcomer] = [await invite(place, 'admin', admins), await invite(place, 'admin', admins)];
    await insertMember(app.dataSource, place.organisation.id, member.person.id, MEMBER_ROLE);
    const raised = await watch(() => withToken(member));
    expect([raised.answer.status, raised.answer.body.memberships[0].role.key]).toEqual([200, 'ADMIN']);
    const demotion = 'UPDATE memberships SET role_id = $1 WHERE user_id = $2';
    await app.dataSource.query(demotion, [MEMBER_ROLE, place.inviters.admin.id]);
    expect(await watch(() => withToken(newcomer))).toMatchObject({ answer: { status: 410 }, rows: [] });
  });

  it('tells those who guess too often nothing, also with the right link', async () => {
    const invited = await invite(await open(), 'admin', { what: '', fields: MEMBER });
    for (let guess = 0; guess < 31; guess += 1) await app.api.post('/invitations/lookup', { token: `guess-${guess}` });
    expect((await withToken(invited)).status).toBe(429);
    await clearThrottles(app);
    expect((await withToken(invited)).status).toBe(200);
  });

  it.each(['none', newAddress(), 7, null])('leaves a token that is none to the validation: %s', async (token) => {
    const person = await insertPerson(app.dataSource);
    const { status } = await app.api.post('/invitations/accept', { token }, { as: person });
    expect(status).toBe(typeof token === 'string' ? 410 : 400);
    await clearThrottles(app);
  });

  describeOnServer('overtaken while it waits for the organisation', () => {
    /** What changes, what is then answered, and how. `$1` the organisation, `$2` the inviter, `$3` the person, `$4` the invitation, `$5` the role, `$6` the project. */
    const CHANGES: [string, number, string][] = [
      ['the inviter is demoted', 410, `UPDATE memberships SET role_id = '${MEMBER_ROLE}' WHERE user_id = $2`],
      ['the inviter is suspended', 410, `UPDATE memberships SET status = 'SUSPENDED' WHERE user_id = $2`],
      ['the inviter is removed', 410, 'DELETE FROM memberships WHERE user_id = $2'],
      ["the inviter's account is suspended", 410, `UPDATE users SET status = 'SUSPENDED' WHERE id = $2`],
      ['the organisation is suspended', 410, `UPDATE organisations SET status = 'SUSPENDED' WHERE id = $1`],
      ['the organisation is deleted', 410, 'DELETE FROM organisations WHERE id = $1'],
      ['the invitation is revoked', 410, `UPDATE invitations SET status = 'REVOKED' WHERE id = $4`],
      ['the invitation lapses', 410, `UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $4`],
      ['the invitation gets a new link', 410, `UPDATE invitations SET token_hash = '\\x01' WHERE id = $4`],
      [
        'somebody else who may is responsible for it',
        200,
        `UPDATE invitations SET invited_by_id = '$root' WHERE id = $4`,
      ],
      [
        'somebody else who may not is responsible for it',
        410,
        `UPDATE invitations SET invited_by_id = $3 WHERE id = $4`,
      ],
      ['the role is deleted', 410, 'UPDATE roles SET deleted_at = now() WHERE id = $5'],
      [
        'the role comes to hold more than the inviter',
        410,
        `UPDATE roles SET permissions = permissions || '{organisation:own}' WHERE id = $5`,
      ],
      ['the project is deleted', 200, 'DELETE FROM projects WHERE id = $6'],
      [
        'the person becomes a member',
        200,
        `INSERT INTO memberships (organisation_id, user_id, role_id) VALUES ($1, $3, '${builtIn('ORGANISATION', 'OWNER')}')`,
      ],
    ];

    it.each(CHANGES)('judges what it finds then: %s', async (_what, status, change) => {
      const place = await open();
      const { organisation, ownRoleId, projects, inviters } = place;
      const fields = () => ({ role: ownRoleId, projects: [{ projectId: projects[0], role: 'VIEWER' }] });
      const { id, person, token } = await invite(place, 'admin', { what: '', fields });
      const named = [organisation.id, inviters.admin.id, person.id, id, ownRoleId, projects[0]];
      const blocker = app.dataSource.createQueryRunner();
      await blocker.startTransaction();
      await blocker.query('SELECT 1 FROM organisations WHERE id = $1 FOR UPDATE', [organisation.id]);
      const accepting = withToken({ id, person, token });
      await eventually(async () => expect(await waiting()).toBe(1));
      await blocker.query(
        change.replace('$root', root.id).replace(/\$(\d)/g, (_all, number: string) => `'${named[Number(number) - 1]}'`),
      );
      await blocker.commitTransaction();
      await blocker.release();
      expect((await accepting).status).toBe(status);
      const member = 'SELECT 1 FROM memberships WHERE organisation_id = $1 AND user_id = $2';
      expect(await app.dataSource.query(member, [organisation.id, person.id])).toHaveLength(status === 200 ? 1 : 0);
      const accepted = `SELECT 1 FROM audit_events WHERE action = 'invitation.accepted' AND subject_id = $1`;
      expect(await app.dataSource.query(accepted, [id])).toHaveLength(status === 200 ? 1 : 0);
    });

    const waiting = async (): Promise<number> => {
      const [{ count }]: [{ count: number }] = await app.dataSource.query(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'`,
      );
      return count;
    };
  });
});
