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
import { fingerprint } from './support/fingerprint.js';

type Row = Record<string, unknown>;

describe('inviting many at once', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;
  let owner: Person;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
  });
  beforeEach(async () => {
    acme = await buildOrganisation(app, root);
    owner = await buildMember(app, root, acme, { role: 'OWNER' });
  });
  afterAll(() => app.stop());

  const path = (rest = '') => `/organisations/${acme.id}${rest}`;
  const member = (fields: Row = {}): Row => ({ email: newAddress(), role: 'MEMBER', ...fields });
  const bulk = (invitations: unknown, as: Person | { token: string } = owner, fields: Row = {}): Promise<Answer> =>
    app.api.post(path('/invitations/bulk'), { invitations, ...fields }, { as });
  const outcomes = ({ body }: Answer): string[] => body.results.map((result: Row) => result.outcome);
  const codes = ({ body }: Answer): string[] => body.results.map(({ problem }: { problem?: Row }) => problem?.code);
  const single = (fields: Row, as = owner): Promise<Answer> => app.api.post(path('/invitations'), fields, { as });
  const setLimits = (limits: Row) => app.api.patch('/platform', { limits }, { as: root });
  const setPlan = (plan: Row) =>
    app.api.put(path('/plan'), { invitationsEnabled: true, seatLimit: null, ...plan }, { as: root });

  it('invites 990 of 1,000, explains the other ten, and does nothing twice', async () => {
    const rows: Row[] = Array.from({ length: 1_000 }, (_, index) => member({ givenName: `Kim ${index}` }));
    const bad = [0, 1, 99, 333, 500, 501, 502, 777, 998, 999];
    for (const index of bad) rows[index] = { ...rows[index], role: 'NOBODY' };
    const send = () =>
      app.api.post(
        path('/invitations/bulk'),
        { invitations: rows },
        { as: owner, headers: { 'Idempotency-Key': 'once' } },
      );
    const answer = await send();
    expect(answer.status).toBe(200);
    expect(answer.body.results.map((result: Row) => result.index)).toEqual(rows.map((_row, index) => index));
    expect(answer.body.results.map((result: Row) => result.email)).toEqual(rows.map(({ email }) => email));
    const failed = answer.body.results.filter((result: Row) => result.outcome === 'failed');
    expect(failed.map((result: Row) => result.index)).toEqual(bad);
    const { title: _title, type: _type, requestId: _id, ...alone } = (await single(rows[0])).body;
    for (const { problem } of failed) expect(problem).toEqual(alone);
    const created = answer.body.results.filter((result: Row) => result.outcome === 'created');
    expect(created).toHaveLength(990);
    expect(created[0].invitation).toMatchObject({ status: 'PENDING', givenName: 'Kim 2', invitedBy: { id: owner.id } });

    const again = await send();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(answer.body);
    const invited = created.map((result: Row) => result.email);
    await eventually(async () => expect(await mails(`status = 'SENT'`)).toBe(990));
    expect(await mails('true')).toBe(990);
    const mailed = app.inbox.mails.flatMap(({ recipients }) => recipients).filter((to) => invited.includes(to));
    expect({ mails: mailed.length, people: new Set(mailed).size }).toEqual({ mails: 990, people: 990 });

    async function mails(condition: string): Promise<number> {
      const statement = `SELECT count(*)::int AS count FROM mail_messages WHERE to_address = ANY ($1) AND ${condition}`;
      const [{ count }] = await app.dataSource.query(statement, [rows.map(({ email }) => email)]);
      return count;
    }
  });

  it('lets every row end as it would alone', async () => {
    const ann = await buildMember(app, owner, acme, { role: 'ADMIN' });
    const suspended = await buildMember(app, owner, acme);
    await app.api.put(path(`/members/${suspended.id}/status`), { status: 'SUSPENDED' }, { as: owner });
    const other = await buildOrganisation(app, root);
    const theirs = await buildProject(app, root, other);
    const project = await buildProject(app, owner, acme);
    const role = { key: 'HELPER', name: 'Helper', scope: 'ORGANISATION', permissions: ['members:read'] };
    const { body: theirRole } = await app.api.post(`/organisations/${other.id}/roles`, role, { as: root });
    const asOwner = (await single(member({ role: 'OWNER' }))).body;
    const email = newAddress();
    const rows: [unknown, string, string | undefined][] = [
      [{ email, role: 'MEMBER' }, 'created', undefined],
      [{ email: ` ${email.toUpperCase()}`, role: 'ADMIN' }, 'failed', '409 duplicate_in_request'],
      [member({ email: 'kim' }), 'failed', '400 validation_failed'],
      [member({ nickname: 'Kim' }), 'failed', '400 validation_failed'],
      ['kim@example.com', 'failed', '400 validation_failed'],
      [null, 'failed', '400 validation_failed'],
      [member({ message: 'a\u0000b' }), 'failed', '400 validation_failed'],
      [member({ metadata: nested(60) }), 'failed', '400 validation_failed'],
      [member({ constructor: 'Kim' }), 'failed', '400 validation_failed'],
      [member({ redirectUrl: 'https://elsewhere.example.com' }), 'failed', '400 validation_failed'],
      [member({ role: theirRole.id }), 'failed', '404 role_not_found'],
      [member({ projects: [{ projectId: theirs.id, role: 'VIEWER' }] }), 'failed', '404 project_not_found'],
      [member({ projects: [{ projectId: project.id, role: 'OWNER' }] }), 'failed', '404 role_not_found'],
      [member({ role: 'OWNER' }), 'failed', '403 above_ceiling'],
      [member({ email: asOwner.email }), 'failed', '403 above_ceiling'],
      [member({ email: ann.email, role: 'ADMIN' }), 'skipped', '409 already_member'],
      [member({ email: suspended.email }), 'failed', '409 already_member'],
      [member({ projects: [{ projectId: project.id, role: 'VIEWER' }] }), 'created', undefined],
    ];
    const { status, body } = await bulk(
      rows.map(([row]) => row),
      ann,
    );
    expect(status).toBe(200);
    const shown = ({ outcome, problem }: { outcome: string; problem?: { status: number; code: string } }) => [
      outcome,
      problem && `${problem.status} ${problem.code}`,
    ];
    expect(body.results.map(shown)).toEqual(rows.map(([, ...expected]) => expected));
    expect(body.results[1].problem.firstIndex).toBe(0);
    expect(body.results[2].problem.errors).toEqual([{ pointer: '#/email', detail: expect.stringContaining('email') }]);
    expect(body.results[17].invitation.projects).toMatchObject([{ projectId: project.id, role: { key: 'VIEWER' } }]);
    for (const { email: to, outcome } of body.results)
      if (outcome === 'created') expect((await app.inbox.newest(to)).subject).toContain(acme.name);
  });

  it('sends an open invitation again when the row grants something else, and only then', async () => {
    const rows = [member(), member(), member({ sendEmail: false })];
    const first = await bulk(rows);
    expect(outcomes(first)).toEqual(['created', 'created', 'created']);
    const oldToken = await app.inbox.token(rows[0].email as string);
    const changed = [{ ...rows[0], role: 'ADMIN', givenName: 'Kim' }, rows[1], { ...rows[2], role: 'ADMIN' }];
    const second = await bulk(changed, root);
    expect(outcomes(second)).toEqual(['updated', 'skipped', 'updated']);
    const [updated, skipped, linked] = second.body.results;
    const { id } = first.body.results[0].invitation;
    expect(updated.invitation).toMatchObject({ id, givenName: 'Kim', role: { key: 'ADMIN' }, sendCount: 2 });
    expect(updated.invitation.invitedBy.id).toBe(root.id);
    const { invitation: open } = first.body.results[1];
    expect(skipped.problem).toMatchObject({ code: 'invitation_pending', invitationId: open.id });
    expect(skipped.invitation).toMatchObject({ id: open.id, sendCount: 1, invitedBy: { id: owner.id } });
    expect(linked.invitation.link).toMatch(/\/join#token=/);
    expect(linked.invitation.link).not.toBe(first.body.results[2].invitation.link);

    const lookUp = (token: string) => app.api.post('/invitations/lookup', { token });
    expect(await lookUp(oldToken)).toMatchObject({ status: 410 });
    const newToken = await app.inbox.token(rows[0].email as string, 2);
    expect(await lookUp(newToken)).toMatchObject({ status: 200, body: { role: 'Admin' } });
    expect(codes(await bulk(rows, root))).toEqual(['resend_cooldown', 'invitation_pending', 'resend_cooldown']);
  });

  it('makes a new invitation in the place of a lapsed one', async () => {
    const row = member();
    const { body: lapsed } = await single(row);
    await app.dataSource.query(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      lapsed.id,
    ]);
    const { body } = await bulk([row]);
    expect(body.results[0]).toMatchObject({ outcome: 'created', invitation: { inviteeId: lapsed.inviteeId } });
    expect(body.results[0].invitation.id).not.toBe(lapsed.id);
    const stored = await app.dataSource.query('SELECT status FROM invitations WHERE id = $1', [lapsed.id]);
    expect(stored).toEqual([{ status: 'EXPIRED' }]);
  });

  it('tries out without a trace', async () => {
    const rows = [member(), member({ role: 'NOBODY' }), member({ sendEmail: false }), member({ email: owner.email })];
    await bulk([(rows[3] = member())]);
    rows[3] = { ...rows[3], role: 'ADMIN' };
    await eventually(async () => {
      expect(await app.dataSource.query(`SELECT 1 FROM mail_messages WHERE status IN ('QUEUED', 'SENDING')`)).toEqual(
        [],
      );
    });
    const counters = () => app.dataSource.query('SELECT subject, slot, hits FROM sending_counters ORDER BY 1, 2');
    const [before, countedBefore] = [await fingerprint(app.dataSource), await counters()];
    const tried = await bulk(rows, owner, { dryRun: true });
    expect(await fingerprint(app.dataSource)).toEqual(before);
    expect(await counters()).toEqual(countedBefore);
    expect(outcomes(tried)).toEqual(['created', 'failed', 'created', 'updated']);
    expect(tried.body.results[0]).toEqual({ index: 0, email: rows[0].email, outcome: 'created' });
    expect(tried.body.results[3].invitation).toMatchObject({ role: { key: 'MEMBER' }, sendCount: 1 });
    const done = await bulk(rows);
    expect(outcomes(done)).toEqual(outcomes(tried));
    expect(done.body.results[1].problem).toEqual(tried.body.results[1].problem);
    expect(done.body.results[2].invitation.link).toMatch(/#token=/);
  });

  it('shows nothing that is there already to those who may invite and not read', async () => {
    const permissions = ['organisation:read', 'members:read', 'roles:read', 'invitations:manage'];
    const role = { key: 'SENDER', name: 'Sender', scope: 'ORGANISATION', permissions };
    expect((await app.api.post(path('/roles'), role, { as: owner })).status).toBe(201);
    const sender = await buildMember(app, owner, acme, { role: 'SENDER' });
    const [same, other] = [member({ metadata: { salary: 1 } }), member()];
    await bulk([same, other]);
    const rows = [same, { ...other, role: 'SENDER' }];
    const [tried, done] = [await bulk(rows, sender, { dryRun: true }), await bulk(rows, sender)];
    for (const answer of [tried, done]) expect(outcomes(answer)).toEqual(['skipped', 'updated']);
    const shown = ({ body }: Answer) => body.results.map(({ invitation }: { invitation?: Row }) => invitation?.email);
    expect([shown(tried), shown(done)]).toEqual([
      [undefined, undefined],
      [undefined, other.email],
    ]);
    expect(done.body.results[0].problem).toMatchObject({
      code: 'invitation_pending',
      invitationId: expect.any(String),
    });
  });

  it('gives seats row by row until they are gone', async () => {
    await setPlan({ seatLimit: 5 });
    const open = (await single(member())).body;
    const rows = [
      member(),
      member({ email: open.email, role: 'ADMIN' }),
      member({ email: owner.email, role: 'NOBODY' }),
    ];
    const { body } = await bulk([...rows, member(), member(), member({ email: root.email, role: 'OWNER' })]);
    expect(outcomes({ body } as Answer)).toEqual(['created', 'updated', 'failed', 'created', 'failed', 'skipped']);
    const { status, code, limit, members, pending } = body.results[4].problem;
    expect({ status, code, limit, members, pending }).toEqual({
      ...{ status: 402, code: 'seat_limit_reached' },
      ...{ limit: 5, members: 2, pending: 3 },
    });
    const { body: seats } = await app.api.get(path('/seats'), { as: owner });
    expect(seats).toEqual({ limit: 5, members: 2, pending: 3 });
  });

  it('counts against the limits row by row, and only what was sent', async () => {
    await app.dataSource.query('DELETE FROM sending_counters');
    const held = member();
    await setLimits({ mailsPerRecipientPerDay: 1, resendCooldownSeconds: null, invitationsPerInviterPerDay: 4 });
    await single(held);
    const rows = [member(), { ...held, role: 'ADMIN' }, member({ role: 'NOBODY' }), member(), member(), member()];
    const { body } = await bulk(rows);
    expect(outcomes({ body } as Answer)).toEqual(['created', 'failed', 'failed', 'created', 'created', 'failed']);
    expect(body.results[1].problem).toMatchObject({
      status: 429,
      code: 'sending_limit_reached',
      detail: expect.stringMatching(/^This person was sent 1 invitations from here today/),
      retryAfter: expect.any(Number),
    });
    expect(body.results[5].problem.detail).toMatch(/^You have sent 4 invitations today/);
    await setLimits({ invitationsPerInviterPerDay: null, invitationsPerOrganisationPerDay: 5 });
    const more = await bulk([rows[5], member()]);
    expect(outcomes(more)).toEqual(['created', 'failed']);
    expect(more.body.results[1].problem.detail).toMatch(/^This organisation has sent 5 invitations today/);
    const defaults = { mailsPerRecipientPerDay: 5, resendCooldownSeconds: 60, invitationsPerInviterPerDay: 2_000 };
    await setLimits({ ...defaults, invitationsPerOrganisationPerDay: 10_000 });
  });

  it('shows links to those alone who may see them', async () => {
    const fields = { key: 'INVITER', name: 'Inviter', scope: 'ORGANISATION' };
    const permissions = ['organisation:read', 'members:read', 'roles:read', 'invitations:manage'];
    await app.api.post(path('/roles'), { ...fields, permissions }, { as: owner });
    const inviter = await buildMember(app, owner, acme, { role: 'INVITER' });
    const unseen = await bulk([member({ sendEmail: false })], inviter);
    expect(unseen.body.results[0]).toMatchObject({ outcome: 'created', invitation: { delivery: null } });
    expect(unseen.body.results[0].invitation.link).toBeUndefined();
    const seen = await bulk([member({ sendEmail: false })]);
    const [, token] = seen.body.results[0].invitation.link.split('#token=');
    expect(await app.api.post('/invitations/lookup', { token })).toMatchObject({ status: 200 });
    const shown = `SELECT 1 FROM audit_events WHERE action = 'invitation.link_shown' AND subject_id = $1`;
    expect(await app.dataSource.query(shown, [seen.body.results[0].invitation.id])).toHaveLength(1);
    expect(await app.dataSource.query(shown, [unseen.body.results[0].invitation.id])).toHaveLength(0);
  });

  it('is open to keys', async () => {
    const { body: key } = await app.api.post(path('/api-keys'), { name: 'HR', role: 'ADMIN' }, { as: owner });
    const { body } = await bulk([member(), member({ role: 'OWNER' })], { token: key.key });
    expect(body.results[0].invitation.invitedBy).toEqual({ type: 'api_key', id: key.id, name: 'HR' });
    expect(body.results[1].problem.code).toBe('above_ceiling');
  });

  it('refuses as a whole what is no list, and what nobody may', async () => {
    for (const wrong of [undefined, {}, 'kim', [], Array(1_001).fill(member())]) {
      expect(await bulk(wrong)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    }
    expect(await bulk([member()], owner, { notify: true })).toMatchObject({ status: 400 });
    expect(
      await app.api.post(path('/invitations/bulk?dry=true'), { invitations: [member()] }, { as: owner }),
    ).toMatchObject({
      status: 400,
    });
    expect(await app.api.post(path('/invitations/bulk'), '[', { as: owner })).toMatchObject({
      body: { code: 'malformed_json' },
    });
    const nothing = await app.api.post(path('/invitations/bulk'), undefined, { as: owner });
    expect(nothing).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    const endless = await app.api.post(
      path('/invitations/bulk'),
      `{"invitations":[${'['.repeat(9_000)}${']'.repeat(9_000)}]}`,
      {
        as: owner,
        headers: { 'Idempotency-Key': 'endless' },
      },
    );
    expect(endless).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    await setPlan({ invitationsEnabled: false });
    expect(await bulk([member()])).toMatchObject({ status: 402, body: { code: 'invitations_not_in_plan' } });
  });

  it('refuses more projects in all than a request can be answered for', async () => {
    const grants = (many: number) => Array.from({ length: many }, () => ({ projectId: acme.id, role: 'VIEWER' }));
    const rows = [...Array.from({ length: 100 }, () => member({ projects: grants(100) })), member()];
    expect((await bulk(rows, owner, { dryRun: true })).status).toBe(200);
    expect(await bulk([...rows, member({ projects: grants(1) })])).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '#/invitations', detail: expect.stringContaining('10000 projects in all') }] },
    });
  });

  it('takes 4 MiB where other routes take one', async () => {
    const rows = Array.from({ length: 1_000 }, () => member({ metadata: { note: 'x'.repeat(4_000) } }));
    expect(outcomes(await bulk(rows, owner, { dryRun: true }))).toEqual(rows.map(() => 'created'));
    const more = rows.map((row) => ({ ...row, metadata: { note: 'x'.repeat(5_000) } }));
    expect(await bulk(more)).toMatchObject({
      status: 413,
      body: { code: 'body_too_large', detail: 'The body is larger than 4 MiB. Send less at once.' },
    });
  });
});

function nested(levels: number): object {
  return JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
}
