import { readFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { buildOrganisation, buildProject, newAddress, type Organisation, type Person } from './support/factories.js';
import { signInAdmin } from './support/factories.js';

type Row = Record<string, string>;

/** In the shape of what spreadsheets and editors write. */
const fixture = (name: string): string => readFileSync(`test/fixtures/csv/${name}.csv`, 'utf8');

describe('inviting many from a CSV file', () => {
  let app: TestApp;
  let root: Person;
  let acme: Organisation;

  beforeAll(async () => {
    app = await startApp();
    root = await signInAdmin(app);
    acme = await buildOrganisation(app, root);
  });
  afterAll(() => app.stop());

  const send = (file: string, query = '', type = 'text/csv'): Promise<Answer> =>
    app.api.post(`/organisations/${acme.id}/invitations/bulk${query}`, file, {
      as: root,
      headers: { 'Content-Type': type },
    });
  const person = (fields: Row = {}): Row => ({ email: newAddress(), role: 'MEMBER', ...fields });
  const refusals = ({ body }: Answer): string[] =>
    body.results.map(
      ({ outcome, problem }: { outcome: string; problem?: { code: string } }) => problem?.code ?? outcome,
    );
  const buildNamed = (externalId: string) => buildProject(app, root, acme, { externalId });

  it.each([
    ['LF', { record_delimiter: '\n' as const }],
    ['CRLF', { record_delimiter: '\r\n' as const, quoted_match: /\n/ }],
    ['a byte order mark', { bom: true }],
    ['quotes around everything', { quoted: true }],
  ])('reads what people are called, whatever they are called, with %s', async (_name, style) => {
    const rows = [
      person({ givenName: 'Zoë "Zo"', familyName: 'O’Neill, PhD', message: 'Welcome, "Zo"!', locale: 'pt-BR' }),
      person({ givenName: '林', familyName: '👩‍💻🎉', message: '', locale: '' }),
      person({ givenName: 'two\nlines', familyName: '', message: '', locale: '' }),
      person({ givenName: 'Kim', familyName: '', message: 'first\r\nsecond', locale: '' }),
      person({ givenName: '  Lee  ', familyName: ' ', message: '', locale: '' }),
    ];
    const answer = await send(stringify(rows, { header: true, ...style }));
    expect(refusals(answer)).toEqual(['created', 'created', 'validation_failed', 'created', 'created']);
    const { results } = answer.body;
    expect(results[0].invitation).toMatchObject({ ...rows[0], role: { key: 'MEMBER' } });
    expect(results[1].invitation).toMatchObject({ givenName: '林', familyName: '👩‍💻🎉', message: null, locale: 'en' });
    expect(results[2]).toMatchObject({
      index: 2,
      email: rows[2].email,
      problem: { errors: [{ pointer: '#/givenName' }] },
    });
    expect(results[3]).toMatchObject({ index: 3, invitation: { message: 'first\nsecond' } });
    expect(results[4].invitation).toMatchObject({ givenName: 'Lee', familyName: null });
  });

  it('does not check one by one more projects than a row may name', async () => {
    const rows = [101, 16_000].map((projects) => person({ projects: 'p:V;'.repeat(projects) }));
    const { body } = await send(stringify(rows, { header: true }));
    for (const { problem } of body.results)
      expect(problem).toMatchObject({
        code: 'validation_failed',
        errors: [{ pointer: '#/projects', detail: 'projects must name at most 100 projects' }],
      });
  });

  it('names projects by their id or the id that they have elsewhere', async () => {
    const [site, shop] = [await buildNamed('site:1'), await buildNamed('shop')];
    const [one, two] = [await buildNamed('twin'), await buildNamed('twin')];
    await buildNamed(one.id); // an id of Usher's in another's hands
    const other = await buildOrganisation(app, root);
    await buildProject(app, root, other, { externalId: 'theirs' });
    const cells = [
      `site:1:EDITOR; ${shop.id.toUpperCase()}:VIEWER;`,
      `twin:VIEWER`,
      `${one.id}:VIEWER`,
      `${two.id}:VIEWER`,
      `site:1:VIEWER;${site.id}:EDITOR`,
      'site:1:VIEWER;site:1:EDITOR',
      'theirs:VIEWER',
      'site:1:NOBODY',
      'shop',
      '',
    ];
    const rows = cells.map((projects) => person({ projects }));
    const answer = await send(stringify(rows, { header: true }));
    expect(refusals(answer)).toEqual([
      'created',
      'validation_failed',
      'validation_failed',
      'created',
      'validation_failed',
      'validation_failed',
      'project_not_found',
      'role_not_found',
      'validation_failed',
      'created',
    ]);
    const { results } = answer.body;
    const given = results[0].invitation.projects.map(({ projectId, role }: { projectId: string; role: Row }) => [
      projectId,
      role.key,
    ]);
    expect(Object.fromEntries(given)).toEqual({ [site.id]: 'EDITOR', [shop.id]: 'VIEWER' });
    expect(results[1].problem.errors[0].detail).toMatch(/twin names more than one project/);
    expect(results[6].problem.detail).toBe('The organisation has no project theirs.');
    expect(results[9].invitation.projects).toEqual([]);
  });

  it('reads on behind a row that has too few or too many fields, and counts rows from behind the header', async () => {
    const [first, second] = [newAddress(), newAddress()];
    const file = `role,email\nMEMBER,${first}\n\nMEMBER\nMEMBER,${newAddress()},Kim\nMEMBER,${second}\n\n`;
    const answer = await send(file, '?dryRun=true');
    expect(refusals(answer)).toEqual(['created', 'validation_failed', 'validation_failed', 'created']);
    const { results } = answer.body;
    expect(results.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2, 3]);
    expect(results[1].problem.errors).toMatchObject([{ pointer: '#/email' }]);
    expect(results[2].problem.errors[0].detail).toMatch(/^The row has 3 fields, the header 2\. .* a comma in double/);
    expect(results[3]).toEqual({ index: 3, email: second, outcome: 'created' });
    expect(await app.dataSource.query('SELECT 1 FROM invitations WHERE email = ANY ($1)', [[first, second]])).toEqual(
      [],
    );
  });

  it.each([
    ['an unknown column', 'email,role,nickname\n', '#/nickname', 'unknown column nickname'],
    ['a column that is missing', 'email,givenName\nkim@example.com,Kim\n', '#/role', 'lacks the column role'],
    ['a column twice', 'email,role,email\n', '#/email', 'the column email twice'],
    [
      'other separators',
      'email|role\nkim@example.com|MEMBER\n',
      '#/email|role',
      'separated by commas, semicolons or tabs',
    ],
    ['no rows', 'email,role\n', '#', '1 to 1000 rows'],
    ['nothing', '', '#/email', 'lacks the column email'],
    ['too many rows', `email,role\n${'kim@example.com,MEMBER\n'.repeat(1_001)}`, '#', '1 to 1000 rows'],
    ['a quote that does not end', 'email,role\n"kim@example.com,MEMBER\n', '#', 'not valid CSV near line'],
    ['a quote in the middle', 'email,role\n"kim"@example.com,MEMBER\n', '#', 'not valid CSV near line 2'],
    ['a row without end', `email,role\n"${'x'.repeat(70_000)}",MEMBER\n`, '#', 'not valid CSV near line'],
  ])('refuses a file with %s', async (_name, file, pointer, detail) => {
    expect(await send(file)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ pointer, detail: expect.stringContaining(detail) }] },
    });
  });

  it('refuses a file that is not UTF-8, and other media types', async () => {
    const inLatin1 = async (contentType: string): Promise<unknown> => {
      const response = await fetch(`${app.api.baseUrl}/organisations/${acme.id}/invitations/bulk`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${root.token}`, 'Content-Type': contentType },
        body: Buffer.from('email,role,givenName\nkim@example.com,MEMBER,Zo\xeb\n', 'latin1'),
      });
      return response.json();
    };
    expect(await inLatin1('text/csv')).toMatchObject({
      status: 400,
      errors: [{ detail: expect.stringContaining('UTF-8') }],
    });
    expect(await inLatin1('text/csv; charset=iso-8859-1')).toMatchObject({
      status: 415,
      detail: expect.stringContaining('UTF-8'),
    });
    expect(await send('email,role\n', '', 'text/plain')).toMatchObject({
      status: 415,
      body: { detail: expect.stringMatching(/^Send the body as application\/json or text\/csv/) },
    });
    const single = { as: root, headers: { 'Content-Type': 'text/csv' } };
    expect(await app.api.post(`/organisations/${acme.id}/invitations`, 'email,role\n', single)).toMatchObject({
      status: 415,
    });
  });

  it.each([
    ['header-crlf-rows-lf', 2],
    ['header-lf-rows-crlf', 2],
    ['space-behind-role', 2],
    ['short-rows', 2],
    ['rows-of-commas', 2],
    ['empty-header-cells', 1],
    ['header-in-capitals', 1],
    ['semicolons', 1],
    ['tabs', 1],
    ['sep-line', 1],
    ['message-of-two-lines', 1],
  ])('takes every row of %s.csv', async (name, count) => {
    const answer = await send(fixture(name), '?dryRun=true');
    expect(refusals(answer)).toEqual(Array(count).fill('created'));
  });

  it('keeps what stands behind white space, in a language and a role', async () => {
    const { body } = await send(fixture('space-behind-role').replaceAll('@example.com', `-${newAddress()}`));
    expect(body.results.map(({ invitation }: { invitation: Row }) => invitation.locale)).toEqual(['de', 'en']);
  });

  it('names invisible characters, and keeps international domains as punycode', async () => {
    const { body } = await send(fixture('invisible-characters'), '?dryRun=true');
    expect(body.results).toMatchObject([
      { problem: { errors: [{ detail: expect.stringContaining('U+200B behind the address') }] } },
      { problem: { errors: [{ detail: expect.stringContaining('U+200E in front of the address') }] } },
      { outcome: 'created', email: 'kim@xn--bcher-kva.example' },
    ]);
  });

  it.each([
    ['E-mail,ROLE,Given name', 'created'],
    ['email,role,', 'validation_failed'],
  ])('reads a row below %s: %s', async (header, outcome) => {
    expect(refusals(await send(`${header}\r${newAddress()},MEMBER,Kim\r`, '?dryRun=true'))).toEqual([outcome]);
  });

  it('takes a thousand rows, and the same file twice with one key once', async () => {
    const rows = Array.from({ length: 1_000 }, () => person({ familyName: 'Lee, the "first"' }));
    const file = stringify(rows, { header: true });
    const headers = { 'Content-Type': 'text/csv', 'Idempotency-Key': 'file' };
    const path = `/organisations/${acme.id}/invitations/bulk?dryRun=true`;
    const first = await app.api.post(path, file, { as: root, headers });
    expect(refusals(first)).toEqual(rows.map(() => 'created'));
    const second = await app.api.post(path, file, { as: root, headers });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expect(await app.api.post(path, `${file}\n`, { as: root, headers })).toMatchObject({ status: 422 });
  });
});
