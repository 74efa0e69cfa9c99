import { eventually } from './support/eventually.js';
import { startApp, type TestApp } from './support/app.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';

const TOKEN = 'a-token-for-prometheus';

describe('/metrics', () => {
  let app: TestApp;
  let owner: Person;
  let acme: Organisation;

  /** The values of a series by its labels, as the text format writes them. */
  const series = async (name: string): Promise<Map<string, number>> => {
    const { status, body } = await app.root.get('/metrics');
    expect(status).toBe(200);
    const lines = (body as string)
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return new Map(
      lines.map((line) => {
        const [, labels = '', value] = /^\w+(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
        return [labels, Number(value)];
      }),
    );
  };
  const invite = () =>
    app.api.post(`/organisations/${acme.id}/invitations`, { email: newAddress(), role: 'MEMBER' }, { as: owner });

  beforeAll(async () => {
    app = await startApp();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
  });
  afterAll(() => app.stop());

  it('counts requests by route, never by what stands in a path', async () => {
    await app.api.get(`/organisations/${acme.id}`, { as: owner });
    await app.api.get('/nowhere/at/all');
    const counted = await series('usher_http_request_duration_seconds_count');
    expect(counted.get('method="GET",route="/api/v1/organisations/:organisationId",status="200"')).toBe(1);
    expect(counted.get('method="any",route="unknown",status="404"')).toBe(1);
    expect([...counted.keys()].join()).not.toContain(acme.id);
  });

  it('counts what was done once it is done, and nothing that was taken back', async () => {
    const created = async () => (await series('usher_audit_events_total')).get('action="invitation.created"') ?? 0;
    const before = await created();
    const { body } = await invite();
    const again = { email: body.email, role: 'MEMBER' };
    expect((await app.api.post(`/organisations/${acme.id}/invitations`, again, { as: owner })).status).toBe(409);
    expect(await created()).toBe(before + 1);
  });

  it('shows connections, and the outbox with its oldest mail', async () => {
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    await invite();
    await eventually(async () => expect((await series('usher_outbox_mails')).get('status="QUEUED"')).toBe(1));
    expect((await series('usher_outbox_oldest_seconds')).get('')).toBeGreaterThanOrEqual(0);
    const connections = await series('usher_database_connections');
    expect(connections.get('state="waiting"')).toBe(0);
    expect((connections.get('state="used"') ?? 0) + (connections.get('state="idle"') ?? 0)).toBeGreaterThan(0);
    app.inbox.refuseWith = null;
  });

  it('tells of the process', async () => {
    expect((await series('process_resident_memory_bytes')).get('')).toBeGreaterThan(1_000_000);
  });

  it('is for those who send the token, where one is set', async () => {
    const guarded = await startApp({ METRICS_TOKEN: TOKEN });
    const withToken = (token: string) => guarded.root.get('/metrics', { as: token });
    expect((await guarded.root.get('/metrics')).status).toBe(401);
    expect((await withToken(`${TOKEN}x`)).status).toBe(401);
    const answer = await withToken(TOKEN);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    await guarded.stop();
  });
});
