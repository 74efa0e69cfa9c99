import { startApp, type TestApp } from './support/app.js';
import { builtIn, insertInvitations, insertMember } from './support/sql-factories.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  buildUser,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

interface Row {
  id: string;
  email: string;
  createdAt: string;
  expiresAt: string;
}

describe('pages', () => {
  let app: TestApp;
  let admin: Person;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
  });
  afterAll(() => app.stop());

  async function invite(organisation: Organisation, fields: object = {}, as = admin): Promise<Row> {
    const invitation = { email: newAddress(), role: 'MEMBER', sendEmail: false, ...fields };
    return created(`/organisations/${organisation.id}/invitations`, invitation, as);
  }

  async function created(path: string, body: object, as = admin): Promise<Row> {
    const answer = await app.api.post(path, body, { as });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body as Row;
  }

  /** Follows the cursors to the end, and does `meanwhile` after every page. */
  async function walk<T>(path: string, as: Person, meanwhile?: (rows: T[]) => Promise<void>): Promise<T[]> {
    const rows: T[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body } = await app.api.get(cursor ? `${path}&cursor=${cursor}` : path, { as });
      expect(status).toBe(200);
      rows.push(...(body.data as T[]));
      cursor = body.nextCursor as string | null;
      if (cursor) await meanwhile?.(rows);
    }
    return rows;
  }

  describe('of invitations', () => {
    let acme: Organisation;

    /** Four addresses, each invited to three places, so that every sort has rows with equal values. */
    beforeAll(async () => {
      acme = await buildOrganisation(app, admin);
      const projects = [await buildProject(app, admin, acme), await buildProject(app, admin, acme)];
      for (const email of [1, 2, 3, 4].map(() => newAddress())) {
        await invite(acme, { email });
        for (const { id } of projects) {
          await created(`/projects/${id}/invitations`, { email, role: 'VIEWER', sendEmail: false });
        }
      }
      await app.dataSource.query(
        `UPDATE invitations SET created_at = date_trunc('day', now()) - (ascii(right(id::text, 1)) % 3) * interval '1 day',
           expires_at = date_trunc('day', now()) + (1 + ascii(right(id::text, 1)) % 3) * interval '1 day'
         WHERE organisation_id = $1`,
        [acme.id],
      );
    });

    it.each(['createdAt', '-createdAt', 'expiresAt', '-expiresAt', 'email', '-email'])(
      'in order of %s show every row once, while rows come and go',
      async (sort) => {
        const path = `/organisations/${acme.id}/invitations?sort=${sort}`;
        const before: Row[] = (await app.api.get(`${path}&limit=100`, { as: admin })).body.data;
        const open = new Set(before.filter((row) => 'status' in row && row.status === 'PENDING').map((row) => row.id));
        const comeAndGo = async (seen: Row[]): Promise<void> => {
          await invite(acme);
          const unseen = [...open].find((id) => !seen.some((row) => row.id === id));
          for (const id of [unseen, seen.find((row) => open.has(row.id))?.id]) {
            if (id && open.delete(id)) await app.api.delete(`/invitations/${id}`, { as: admin });
          }
        };

        const seen = await walk<Row>(`${path}&limit=5`, admin, comeAndGo);

        const ids = seen.map((row) => row.id);
        expect(new Set(ids).size).toBe(ids.length);
        const known = new Set(before.map((row) => row.id));
        expect(ids.filter((id) => known.has(id))).toEqual(before.map((row) => row.id));
        const property = sort.replace('-', '') as 'createdAt' | 'expiresAt' | 'email'; // as: one of the sorts above
        const values = seen.map((row) => row[property]);
        const ascending = sort.startsWith('-') ? [...values].reverse() : values;
        expect(ascending).toEqual([...ascending].sort());
      },
    );

    it('hold as many rows as were asked for, 20 otherwise', async () => {
      const path = `/organisations/${acme.id}/invitations`;
      for (let missing = 21; missing > 0; missing -= 1) await invite(acme);
      expect((await app.api.get(path, { as: admin })).body.data).toHaveLength(20);
      expect((await app.api.get(`${path}?limit=1`, { as: admin })).body.data).toHaveLength(1);
      const all = (await app.api.get(`${path}?limit=100`, { as: admin })).body;
      expect(all.data.length).toBeGreaterThan(30);
      expect(all.nextCursor).toBeNull();
    });

    it('end with the last row, without an empty page', async () => {
      const globex = await buildOrganisation(app, admin);
      const path = `/organisations/${globex.id}/invitations?limit=2`;
      expect((await app.api.get(path, { as: admin })).body).toEqual({ data: [], nextCursor: null });
      await invite(globex);
      await invite(globex);
      expect((await app.api.get(path, { as: admin })).body.nextCursor).toBeNull();
      await invite(globex);
      expect((await app.api.get(path, { as: admin })).body.nextCursor).not.toBeNull();
    });

    it('count all rows only when asked to, with the filters and on every page', async () => {
      const globex = await buildOrganisation(app, admin);
      for (const role of ['MEMBER', 'MEMBER', 'MEMBER', 'ADMIN']) await invite(globex, { role });
      const path = `/organisations/${globex.id}/invitations?limit=2`;
      expect((await app.api.get(path, { as: admin })).body).not.toHaveProperty('total');
      expect((await app.api.get(`${path}&includeTotal=false`, { as: admin })).body).not.toHaveProperty('total');
      const first = await app.api.get(`${path}&includeTotal=true&role=MEMBER`, { as: admin });
      expect(first.body.total).toBe(3);
      const second = await app.api.get(`${path}&includeTotal=true&role=MEMBER&cursor=${first.body.nextCursor}`, {
        as: admin,
      });
      expect(second.body).toMatchObject({ total: 3, nextCursor: null });
    });
  });

  describe('that PostgreSQL writes', () => {
    let acme: Organisation;
    let owner: Person;
    const NAMES = ['"quoted" \\ and \u00e9\u{1f389}', "O'Hara", null];

    beforeAll(async () => {
      acme = await buildOrganisation(app, admin);
      owner = await buildMember(app, admin, acme, { role: 'OWNER' });
      const globex = await buildOrganisation(app, admin);
      await insertMember(app.dataSource, globex.id, owner.id, builtIn('ORGANISATION', 'MEMBER'));
      for (const familyName of NAMES) await invite(acme, familyName === null ? {} : { familyName });
    });

    const lists: [string, () => string][] = [
      ['invitations', () => `/organisations/${acme.id}/invitations`],
      ['members', () => `/organisations/${acme.id}/members`],
      ['my memberships', () => '/me/memberships'],
    ];

    it.each(lists)('show the same rows one by one: %s', async (_list, path) => {
      const { body } = await app.api.get(path(), { as: owner });
      expect(body.data.length).toBeGreaterThan(1);
      expect(await walk(`${path()}?limit=1`, owner)).toEqual(body.data);
    });

    it.each(lists)('refuse a limit that is none: %s', async (_list, path) => {
      for (const limit of ['0', '101', '-1', '1.5', 'x', '2&limit=3'])
        expect([limit, (await app.api.get(`${path()}?limit=${limit}`, { as: owner })).status]).toEqual([limit, 400]);
    });

    it('show names as they were given', async () => {
      const rows = await walk<{ familyName: string }>(`/organisations/${acme.id}/invitations?sort=createdAt`, owner);
      expect(rows.map(({ familyName }) => familyName).slice(-NAMES.length)).toEqual(NAMES);
    });

    it('are the same under the short id, and for staff who are no members', async () => {
      const path = (organisation: string) => `/organisations/${organisation}/invitations?status=PENDING`;
      const { body } = await app.api.get(path(acme.id), { as: owner });
      expect(body.data.length).toBeGreaterThan(1);
      expect((await app.api.get(path(acme.shortId), { as: owner })).body).toEqual(body);
      await app.dataSource.query('DELETE FROM memberships WHERE organisation_id = $1 AND user_id = $2', [
        acme.id,
        admin.id,
      ]);
      expect((await app.api.get(path(acme.id), { as: admin })).body).toEqual(body);
      await insertMember(app.dataSource, acme.id, admin.id, builtIn('ORGANISATION', 'OWNER'));
    });

    it('show moments as Date would write them', async () => {
      const { id } = await invite(acme);
      for (const time of ['12:00:00.000', '12:00:00.100', '23:59:59.999', '12:00:00.020', '00:00:00.001']) {
        const moment = `2026-02-28T${time}Z`;
        await app.dataSource.query('UPDATE invitations SET created_at = $2 WHERE id = $1', [id, moment]);
        expect((await app.api.get(`/invitations/${id}`, { as: owner })).body.createdAt).toBe(moment);
      }
    });
  });

  describe('filtered', () => {
    let acme: Organisation;
    let ada: Person;
    let project: { id: string };
    let pending: Row, lapsed: Row, stored: Row, revoked: Row, declined: Row, toProject: Row, byAda: Row;
    let accepted: Person;

    beforeAll(async () => {
      acme = await buildOrganisation(app, admin);
      project = await buildProject(app, admin, acme);
      ada = await buildMember(app, admin, acme, { role: 'ADMIN' });
      accepted = await buildMember(app, admin, acme);
      pending = await invite(acme, { email: 'a_b%c@example.com', sendEmail: true });
      lapsed = await invite(acme, { email: 'axbyc@example.com' });
      stored = await invite(acme);
      revoked = await invite(acme);
      declined = await invite(acme, { sendEmail: true });
      toProject = await created(`/projects/${project.id}/invitations`, {
        email: newAddress(),
        role: 'EDITOR',
        sendEmail: false,
      });
      byAda = await invite(acme, { projects: [{ projectId: project.id, role: 'VIEWER' }] }, ada);
      await app.dataSource.query(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1`, [
        lapsed.id,
      ]);
      await app.dataSource.query(
        `UPDATE invitations SET status = 'EXPIRED', expires_at = now() - interval '1 day' WHERE id = $1`,
        [stored.id],
      );
      await app.api.delete(`/invitations/${revoked.id}`, { as: admin });
      await app.api.post('/invitations/decline', { token: await app.inbox.token(declined.email) });
      await app.inbox.newest(pending.email);
    });

    async function addresses(filter: string): Promise<string[]> {
      const rows = await walk<Row>(`/organisations/${acme.id}/invitations?limit=2&${filter}`, admin);
      return rows.map((row) => row.email).sort();
    }
    const sorted = (...rows: { email: string }[]): string[] => rows.map((row) => row.email).sort();

    it('by status: what has lapsed is EXPIRED and not PENDING', async () => {
      expect(await addresses('status=PENDING')).toEqual(sorted(pending, toProject, byAda));
      expect(await addresses('status=EXPIRED')).toEqual(sorted(lapsed, stored));
      expect(await addresses('status=REVOKED')).toEqual(sorted(revoked));
      expect(await addresses('status=DECLINED')).toEqual(sorted(declined));
      expect(await addresses('status=ACCEPTED')).toEqual(sorted(ada, accepted));
    });

    it('shows the status that it filters by', async () => {
      const { body } = await app.api.get(`/organisations/${acme.id}/invitations?status=EXPIRED`, { as: admin });
      expect(body.data).toMatchObject([{ status: 'EXPIRED' }, { status: 'EXPIRED' }]);
    });

    it('by address, exactly and in any case', async () => {
      expect(await addresses(`email=${encodeURIComponent('A_B%C@Example.com')}`)).toEqual(sorted(pending));
      expect(await addresses('email=b@example.com')).toEqual([]);
    });

    it('by part of an address, literally: % and _ are no wildcards', async () => {
      expect(await addresses('q=a_b')).toEqual(sorted(pending));
      expect(await addresses('q=B%25C')).toEqual(sorted(pending));
      expect(await addresses('q=%25')).toEqual(sorted(pending));
      expect(await addresses('q=xby')).toEqual(sorted(lapsed));
      expect(await addresses('q=%5C')).toEqual([]);
      expect(await addresses(`q=${encodeURIComponent("' OR true --")}`)).toEqual([]);
    });

    it('by role, in the organisation or in a project, by key or id', async () => {
      expect(await addresses('role=ADMIN')).toEqual(sorted(ada));
      expect(await addresses('role=editor')).toEqual(sorted(toProject));
      const { body } = await app.api.get(`/invitations/${toProject.id}`, { as: admin });
      const roleId = body.projects[0].role.id as string;
      expect(await addresses(`role=${roleId.toUpperCase()}`)).toEqual(sorted(toProject));
      expect(await addresses('role=NOBODY')).toEqual([]);
    });

    it('by project, whether issued there or not', async () => {
      expect(await addresses(`projectId=${project.id}`)).toEqual(sorted(toProject, byAda));
    });

    it('by who answers for it', async () => {
      expect(await addresses(`invitedBy=${ada.id}`)).toEqual(sorted(byAda));
      expect(await addresses(`invitedBy=${accepted.id}`)).toEqual([]);
    });

    it('by what became of the mail', async () => {
      await eventually(async () =>
        expect(await addresses('delivery=SENT')).toEqual(sorted(pending, declined, ada, accepted)),
      );
      expect(await addresses('delivery=FAILED')).toEqual([]);
    });

    it('by several things at once', async () => {
      expect(await addresses(`status=PENDING&projectId=${project.id}&invitedBy=${ada.id}`)).toEqual(sorted(byAda));
      expect(await addresses(`status=REVOKED&invitedBy=${ada.id}`)).toEqual([]);
    });

    it('among so many that a page is short, and not the last', async () => {
      const globex = await buildOrganisation(app, admin);
      const needle = await invite(globex, { email: `needle-${newAddress()}` });
      await insertInvitations(app.dataSource, globex, 10_000);
      const path = `/organisations/${globex.id}/invitations?q=needle`;
      const { body: first } = await app.api.get(path, { as: admin });
      expect(first).toEqual({ data: [], nextCursor: expect.any(String) });
      const { body: second } = await app.api.get(`${path}&cursor=${first.nextCursor}`, { as: admin });
      expect(second).toMatchObject({ data: [{ id: needle.id }], nextCursor: null });
      expect((await walk<Row>(`${path}&sort=email&limit=1`, admin)).map(({ id }) => id)).toEqual([needle.id]);
    });

    it('in a project: what was issued there', async () => {
      const rows = await walk<Row>(`/projects/${project.id}/invitations?limit=1`, admin);
      expect(rows.map((row) => row.email)).toEqual(sorted(toProject));
    });
  });

  describe('of other lists', () => {
    let acme: Organisation;
    let project: { id: string };
    let members: Person[];
    const COUNT = 7;

    beforeAll(async () => {
      acme = await buildOrganisation(app, admin);
      project = await buildProject(app, admin, acme);
      members = [];
      for (let i = 0; i < COUNT; i += 1) {
        members.push(await buildMember(app, admin, acme));
        await created(`/projects/${project.id}/members`, { userId: members[i].id, role: 'VIEWER' });
      }
      for (const table of ['memberships', 'project_memberships']) {
        await app.dataSource.query(`UPDATE ${table} SET joined_at = '2026-01-01' WHERE organisation_id = $1`, [
          acme.id,
        ]);
      }
    });

    const userIds = (rows: { user: { id: string } }[]): string[] => rows.map(({ user }) => user.id).sort();

    it('members, who all joined at once', async () => {
      const rows = await walk<{ user: { id: string } }>(`/organisations/${acme.id}/members?limit=3`, admin);
      expect(userIds(rows)).toEqual([admin, ...members].map((member) => member.id).sort());
    });

    it('members while others leave and join', async () => {
      const globex = await buildOrganisation(app, admin);
      const stays: Person[] = [];
      for (let i = 0; i < 4; i += 1) stays.push(await buildMember(app, admin, globex));
      const leaves = stays.splice(0, 1)[0];
      const rows = await walk<{ user: { id: string } }>(
        `/organisations/${globex.id}/members?limit=2`,
        admin,
        async () => {
          await app.api.delete(`/organisations/${globex.id}/members/${leaves.id}`, { as: admin });
          await buildMember(app, admin, globex);
        },
      );
      const ids = userIds(rows);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(expect.arrayContaining(stays.map((member) => member.id)));
    });

    it('members of a project', async () => {
      const rows = await walk<{ user: { id: string } }>(`/projects/${project.id}/members?limit=3`, admin);
      expect(userIds(rows)).toEqual(members.map((member) => member.id).sort());
    });

    it('projects, by kind too', async () => {
      const globex = await buildOrganisation(app, admin);
      for (const kind of ['team', 'project', 'team', 'team']) await buildProject(app, admin, globex, { kind });
      await app.dataSource.query(`UPDATE projects SET created_at = '2026-01-01' WHERE organisation_id = $1`, [
        globex.id,
      ]);
      const path = `/organisations/${globex.id}/projects?limit=2`;
      const all = await walk<{ id: string }>(path, admin);
      expect(new Set(all.map((row) => row.id)).size).toBe(4);
      const teams = await walk<{ kind: string }>(`${path}&kind=team`, admin);
      expect(teams.map((row) => row.kind)).toEqual(['team', 'team', 'team']);
    });

    it('users', async () => {
      const newcomer = await buildUser(app, admin, 'OPERATOR');
      await app.dataSource.query(`UPDATE users SET created_at = '2026-01-01'`);
      const rows = await walk<{ id: string }>('/users?limit=3', newcomer);
      const ids = rows.map((row) => row.id);
      const { body } = await app.api.get('/users?limit=100&includeTotal=true', { as: admin });
      expect(new Set(ids).size).toBe(body.total);
      expect(ids).toHaveLength(body.total as number);
      const operators = await walk<{ id: string }>('/users?limit=1&platformRole=OPERATOR', admin);
      expect(operators.map((row) => row.id)).toEqual([newcomer.id]);
      const one = await app.api.get(`/users?email=${newcomer.email}`, { as: admin });
      expect(one.body.data).toMatchObject([{ id: newcomer.id }]);
    });

    it('organisations: all of them for staff, their own for others', async () => {
      await app.dataSource.query(`UPDATE organisations SET created_at = '2026-01-01'`);
      const { body } = await app.api.get('/organisations?limit=100&includeTotal=true', { as: admin });
      const all = await walk<{ id: string }>('/organisations?limit=2', admin);
      expect(new Set(all.map((row) => row.id)).size).toBe(body.total);
      expect(all).toHaveLength(body.total as number);
      const mine = await walk<{ id: string }>('/organisations?limit=2', members[0]);
      expect(mine.map((row) => row.id)).toEqual([acme.id]);
    });

    it('my memberships, with the projects of each', async () => {
      const rows = await walk<{ organisation: { id: string } }>('/me/memberships?limit=2', admin);
      const { body } = await app.api.get('/organisations?limit=100', { as: admin });
      const ids = (all: { id: string }[]): string[] => all.map((row) => row.id).sort();
      expect(ids(rows.map((row) => row.organisation))).toEqual(ids(body.data as { id: string }[]));
      const mine = await app.api.get('/me/memberships?limit=1', { as: members[0] });
      expect(mine.body).toMatchObject({
        data: [{ organisation: { id: acme.id }, role: { key: 'MEMBER' }, projects: [{ projectId: project.id }] }],
        nextCursor: null,
      });
    });
  });
});
