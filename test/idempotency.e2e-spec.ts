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

let keys = 0;
const newKey = (): string => `order-${(keys += 1)}`;

describe('the same request twice', () => {
  let app: TestApp;
  let admin: Person;
  let acme: Organisation;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
    acme = await buildOrganisation(app, admin);
  });
  afterAll(() => app.stop());

  const post = (path: string, body: unknown, key: string, as = admin): Promise<Answer> =>
    app.api.post(path, body, { as, headers: { 'Idempotency-Key': key } });
  const invite = (body: object, key: string, as = admin): Promise<Answer> =>
    post(`/organisations/${acme.id}/invitations`, { role: 'MEMBER', ...body }, key, as);
  const isReplay = ({ headers }: Answer): boolean => headers.get('idempotency-replayed') === 'true';

  async function rows(email: string): Promise<{ invitations: number; mails: number }> {
    const [counts]: [{ invitations: number; mails: number }] = await app.dataSource.query(
      `SELECT (SELECT count(*)::int FROM invitations WHERE email = $1) AS invitations,
         (SELECT count(*)::int FROM mail_messages WHERE to_address = $1) AS mails`,
      [email],
    );
    return counts;
  }

  it('happens once and is answered alike', async () => {
    const [email, key] = [newAddress(), newKey()];
    const first = await invite({ email }, key);
    const second = await invite({ email }, key);
    expect(first.status).toBe(201);
    expect(isReplay(first)).toBe(false);
    expect(second.status).toBe(201);
    expect(isReplay(second)).toBe(true);
    expect(second.body).toEqual(first.body);
    await app.inbox.newest(email);
    expect(await rows(email)).toEqual({ invitations: 1, mails: 1 });
  });

  it('is refused with 422 when the body or the address is another one', async () => {
    const [email, key] = [newAddress(), newKey()];
    await invite({ email }, key);
    for (const answer of [
      await invite({ email: newAddress() }, key),
      await invite({ email, role: 'ADMIN' }, key),
      await post('/organisations', { name: 'Other' }, key),
    ]) {
      expect(answer.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    }
    expect(await rows(email)).toEqual({ invitations: 1, mails: 1 });
  });

  /** Fails without the ON CONFLICT of CLAIM in `idempotency.ts`. */
  it('at the same time happens once and is answered alike', async () => {
    const [email, key] = [newAddress(), newKey()];
    const answers = await Promise.all(Array.from({ length: 10 }, () => invite({ email }, key)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(201));
    for (const answer of answers) expect(answer.body).toEqual(answers[0].body);
    expect(answers.filter((answer) => !isReplay(answer))).toHaveLength(1);
    expect(await rows(email)).toEqual({ invitations: 1, mails: 1 });
  });

  it('with one key but different bodies at the same time happens once', async () => {
    const [emails, key] = [[newAddress(), newAddress(), newAddress()], newKey()];
    const answers = await Promise.all(emails.map((email) => invite({ email }, key)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 422, 422]);
    const counts = await Promise.all(emails.map(rows));
    expect(counts.map((count) => count.invitations).sort()).toEqual([0, 0, 1]);
  });

  it('happens twice when two people ask: a key belongs to its caller', async () => {
    const other = await buildMember(app, admin, acme, { role: 'ADMIN' });
    const [email, key] = [newAddress(), newKey()];
    expect((await invite({ email }, key)).status).toBe(201);
    const theirs = await invite({ email }, key, other);
    expect(theirs.body).toMatchObject({ status: 409, code: 'invitation_pending' });
    expect((await invite({ email: newAddress() }, newKey(), other)).status).toBe(201);
  });

  it('is tried again after a refusal', async () => {
    const [email, key] = [newAddress(), newKey()];
    expect((await invite({ email, role: 'NOBODY' }, key)).status).toBe(404);
    expect((await invite({ email, expiresInHours: 0 }, key)).status).toBe(400);
    const created = await invite({ email }, key);
    expect(created.status).toBe(201);
    expect(isReplay(created)).toBe(false);
  });

  it('is tried again when the first one died before it was answered', async () => {
    const [email, key] = [newAddress(), newKey()];
    await invite({ email }, key);
    await app.dataSource.query(`UPDATE idempotency_keys SET answer = NULL, expires_at = now() - interval '1 second'`);
    expect((await invite({ email }, key)).body).toMatchObject({ status: 409, code: 'invitation_pending' });
  });

  it('is told that the first one still runs, after some seconds', async () => {
    const [email, key] = [newAddress(), newKey()];
    await invite({ email }, key);
    await app.dataSource.query(`UPDATE idempotency_keys SET answer = NULL, expires_at = now() + interval '1 minute'`);
    const answer = await invite({ email }, key);
    expect(answer.body).toMatchObject({ status: 409, code: 'idempotency_key_in_use' });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('is told that it was done, when the answer to the first one was lost', async () => {
    const key = newKey();
    await post('/organisations', { name: 'Lost' }, key);
    await app.dataSource.query(`UPDATE idempotency_keys SET answer = NULL`);
    const { body } = await post('/organisations', { name: 'Lost' }, key);
    expect(body).toMatchObject({ status: 409, code: 'idempotency_answer_lost' });
  });

  it('uses the key up in the transaction that does the work, so that both are there or neither', async () => {
    const key = newKey();
    await app.dataSource.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'The disk is full' USING ERRCODE = '53100'; END $$`,
    );
    await app.dataSource.query(
      `CREATE TRIGGER refuse BEFORE UPDATE ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
    const refused = await post('/organisations', { name: 'Neither' }, key);
    await app.dataSource.query('DROP FUNCTION refuse CASCADE');
    expect(refused.body).toMatchObject({ status: 503, code: 'database_unavailable' });
    expect((await post('/organisations', { name: 'Neither' }, key)).status).toBe(201);
    const both = await app.dataSource.query(`SELECT FROM organisations WHERE name = 'Neither'`);
    expect(both).toHaveLength(1);
  });

  it('may use the key anew after a day', async () => {
    const key = newKey();
    const first = await post('/organisations', { name: 'Yesterday' }, key);
    await app.dataSource.query(`UPDATE idempotency_keys SET expires_at = now() - interval '1 second'`);
    const second = await post('/organisations', { name: 'Today' }, key);
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it.each(['', 'two words', 'x'.repeat(256), 'caf\u00E9'])('is refused with a key such as %j', async (key) => {
    const email = newAddress();
    const { body } = await invite({ email }, key);
    expect(body).toMatchObject({ status: 400, code: 'validation_failed', errors: [{ pointer: '#/Idempotency-Key' }] });
    expect(await rows(email)).toEqual({ invitations: 0, mails: 0 });
  });

  it('keeps the link of its answer where nobody reads it', async () => {
    const [email, key] = [newAddress(), newKey()];
    const first = await invite({ email, sendEmail: false }, key);
    const token = /#token=([\w-]+)$/.exec(first.body.link as string)?.[1];
    expect(token).toHaveLength(43);
    expect((await invite({ email, sendEmail: false }, key)).body.link).toBe(first.body.link);
    const kept: { text: string; answer: Buffer | null }[] = await app.dataSource.query(
      'SELECT k::text AS text, answer FROM idempotency_keys k',
    );
    expect(kept.length).toBeGreaterThan(0);
    for (const { text, answer } of kept) {
      for (const secret of [token ?? '', email, key]) {
        expect(text).not.toContain(secret);
        expect(answer?.toString('latin1') ?? '').not.toContain(secret);
      }
    }
  });

  it('makes one organisation', async () => {
    const key = newKey();
    const first = await post('/organisations', { name: 'Once' }, key);
    const second = await post('/organisations', { name: 'Once' }, key);
    expect(second.body).toEqual(first.body);
    const [{ count }] = await app.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM organisations WHERE name = 'Once'`,
    );
    expect(count).toBe(1);
  });

  it('makes one project', async () => {
    const [path, key] = [`/organisations/${acme.id}/projects`, newKey()];
    const answers = await Promise.all([1, 2, 3].map(() => post(path, { name: 'Once' }, key)));
    expect(new Set(answers.map((answer) => answer.body.id as string)).size).toBe(1);
    expect(answers.filter(isReplay)).toHaveLength(2);
  });

  it('puts a member into a project once, with one mail', async () => {
    const [project, member, key] = [
      await buildProject(app, admin, acme),
      await buildMember(app, admin, acme),
      newKey(),
    ];
    const add = () => post(`/projects/${project.id}/members`, { userId: member.id, role: 'VIEWER' }, key);
    const first = await add();
    const second = await add();
    expect(first.status).toBe(201);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    await app.inbox.newest(member.email, 2);
    expect((await rows(member.email)).mails).toBe(2);
  });

  it('resends once', async () => {
    const [email, key] = [newAddress(), newKey()];
    const { body: invitation } = await invite({ email }, newKey());
    const token = await app.inbox.token(email);
    const first = await post(`/invitations/${invitation.id}/resend`, {}, key);
    const second = await post(`/invitations/${invitation.id}/resend`, {}, key);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(isReplay(second)).toBe(true);
    expect(second.body).toEqual(first.body);
    await eventually(async () => expect(await app.inbox.token(email, 2)).not.toBe(token));
    expect((await rows(email)).mails).toBe(2);
  });
});
