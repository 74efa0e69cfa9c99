import { currentRequest } from '@usher/http';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

interface Node {
  'Node Type': string;
  'Parent Relationship'?: string;
  'Actual Loops': number;
  Plans?: Node[];
}
interface Explained {
  'QUERY PLAN': [{ Plan: Node }];
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Nobody validates it before the handler: with it a page is read after the caller, and not along with them. */
const AFTERWARDS = '&includeTotal=false';

describe('what is read along with the caller', () => {
  let app: TestApp;
  let root: Person;
  let admin: Person;
  let member: Person;
  let acme: Organisation;
  let invitationId: string;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
    acme = await buildOrganisation(app, root);
    admin = await buildMember(app, root, acme, { role: 'ADMIN' });
    member = await buildMember(app, root, acme);
    for (const familyName of ['"quoted" \\ and \u00e9\u{1f389}', "O'Hara", undefined]) {
      const { body } = await invite({ familyName });
      invitationId = body.id as string;
    }
    await whenAllMailsLeft();
  });
  afterAll(() => app.stop());

  const invite = (fields: object) =>
    app.api.post(
      `/organisations/${acme.id}/invitations`,
      { email: newAddress(), role: 'MEMBER', ...fields },
      { as: admin },
    );

  /** Until then their delivery changes from one answer to the next. */
  const whenAllMailsLeft = () =>
    eventually(async () => {
      const open = `SELECT 1 FROM mail_messages WHERE status IN ('QUEUED', 'SENDING')`;
      expect(await app.dataSource.query(open)).toEqual([]);
    });

  /** The answer, and what the database was asked for it. */
  async function listen(path: string, as: Person) {
    const { logger } = app.dataSource;
    const asked: [text: string, values: unknown[]][] = [];
    const logQuery = (...query: [string, unknown[]]) => currentRequest() && asked.push(query);
    Object.assign(app.dataSource, { logger: { logQuery } });
    const { status, body } = await app.api.get(path, { as });
    Object.assign(app.dataSource, { logger });
    return { status, body, asked };
  }

  async function ask(path: string, as: Person) {
    const { status, body, asked } = await listen(path, as);
    return { statements: asked.length, status, body };
  }

  /** By PostgreSQL's own account of the statement that found the caller. */
  async function timesPageWasRead(path: string, as: Person): Promise<number[]> {
    const { asked } = await listen(path, as);
    const [text, values] = asked.find(([query]) => query.includes('wasReadAlong'))!;
    const [explained] = await app.dataSource.query<Explained[]>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
    const isPage = (node: Node): boolean =>
      node['Node Type'] === 'Aggregate' && node['Parent Relationship'] === 'Inner';
    return nodesOf(explained['QUERY PLAN'][0].Plan)
      .filter(isPage)
      .map((node) => node['Actual Loops']);
  }

  const lists: [string, () => string][] = [
    ['invitations', () => `/organisations/${acme.id}/invitations`],
    ['members', () => `/organisations/${acme.id}/members`],
    ['my memberships', () => '/me/memberships'],
  ];

  describe.each(lists)('the first page of %s', (_list, path) => {
    it('takes one statement, and is the page that is read afterwards', async () => {
      const along = await ask(`${path()}?limit=2`, admin);
      const afterwards = await ask(`${path()}?limit=2${AFTERWARDS}`, admin);
      expect([along.statements, afterwards.statements]).toEqual([1, 2]);
      expect(along.status).toBe(200);
      expect(along.body.data.length).toBeGreaterThan(0);
      expect(along.body).toEqual(afterwards.body);
    });

    it('goes on where it ends', async () => {
      const whole = await ask(path(), admin);
      const rows = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await ask(`${path()}?limit=1${cursor && `&cursor=${cursor}`}`, admin);
        rows.push(...body.data);
        cursor = body.nextCursor as string | null;
      }
      expect(rows).toEqual(whole.body.data);
    });

    it.each(['0', '101', '-1', '1.5', 'x', '2&limit=3'])('is refused as ever when its limit is %s', async (limit) => {
      expect((await ask(`${path()}?limit=${limit}`, admin)).status).toBe(400);
    });
  });

  it('finds the place by its short id, too', async () => {
    const { statements, body } = await ask(`/organisations/${acme.shortId}/invitations`, admin);
    expect(statements).toBe(1);
    expect(body).toEqual((await ask(`/organisations/${acme.id}/invitations`, admin)).body);
  });

  it('is an invitation, in one statement', async () => {
    const { statements, status, body } = await ask(`/invitations/${invitationId}`, admin);
    expect([statements, status, body.id]).toEqual([1, 200, invitationId]);
  });

  it("is read afterwards for the platform's staff, who are no members: they see the same", async () => {
    const theirs = await buildOrganisation(app, root);
    const owner = await buildMember(app, root, theirs, { role: 'ADMIN' });
    await app.dataSource.query('DELETE FROM memberships WHERE organisation_id = $1 AND user_id <> $2', [
      theirs.id,
      owner.id,
    ]);
    await app.api.post(
      `/organisations/${theirs.id}/invitations`,
      { email: newAddress(), role: 'MEMBER' },
      { as: owner },
    );
    await whenAllMailsLeft();
    const path = `/organisations/${theirs.id}/invitations`;
    const [members, staff] = [await ask(path, owner), await ask(path, root)];
    expect([members.statements, staff.statements]).toEqual([1, 2]);
    expect(staff.body.data).toHaveLength(2);
    expect(staff.body).toEqual(members.body);
  });

  it('is nothing for members without the permission, and for strangers', async () => {
    const stranger = await buildMember(app, root, await buildOrganisation(app, root));
    for (const path of [`/organisations/${acme.id}/invitations`, `/invitations/${invitationId}`]) {
      expect((await ask(path, member)).status).toBe(403);
      expect((await ask(path, stranger)).status).toBe(404);
    }
  });

  it('is not even looked at for them: how long an answer takes tells them nothing', async () => {
    // Take OFFSET 0 out of `readingAlong`: the page is read, and dropped afterwards.
    const stranger = await buildMember(app, root, await buildOrganisation(app, root));
    const path = `/organisations/${acme.id}/invitations`;
    expect(await timesPageWasRead(path, admin)).toEqual([1]);
    expect(await timesPageWasRead(path, member)).toEqual([0]);
    expect(await timesPageWasRead(path, stranger)).toEqual([0]);
  });

  it('are the moments that Date would write', async () => {
    const moments = ['12:00:00.000', '12:00:00.100', '23:59:59.999', '12:00:00.020', '00:00:00.001'];
    for (const moment of moments.map((time) => `2026-02-28T${time}Z`)) {
      await app.dataSource.query('UPDATE invitations SET created_at = $2 WHERE id = $1', [invitationId, moment]);
      expect((await ask(`/invitations/${invitationId}`, admin)).body.createdAt).toBe(moment);
    }
  });
});
