import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { eventually } from './support/eventually.js';
import { ChannelTrouble, MailChannel, MailDispatcher } from '@usher/mailer';
import { startApp, type TestApp } from './support/app.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';

const DASHBOARD = JSON.parse(readFileSync('deploy/grafana-dashboard.json', 'utf8'));
const ALERTS = parse(readFileSync('deploy/prometheus-alerts.yaml', 'utf8')).groups[0].rules;
/** Of Prometheus, not of ours. */
const LABELS_OF_SCRAPES = ['job', 'instance'];

/** The metrics of an expression, each with the labels that it is chosen by. */
const metricsIn = (expression: string): { name: string; labels: string[]; values: string[] }[] =>
  [...expression.matchAll(/\b((?:usher|process|nodejs)_\w+)(?:\{(.*?)\}(?=[[) ]|$))?/g)].map(
    ([, name, labels = '']) => ({
      name,
      labels: [...labels.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label),
      values: [...labels.matchAll(/(?:route|outcome|state)=~?"([^"]+)"/g)].flatMap(([, text]) => text.split('|')),
    }),
  );

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
  afterEach(() => {
    app.inbox.refuseWith = null;
  });
  afterAll(() => app.stop());

  it('counts requests by route, never by what stands in a path', async () => {
    await app.api.get(`/organisations/${acme.id}`, { as: owner });
    await app.api.get('/nowhere/at/all');
    // A request is counted once its answer has left.
    const counted = await eventually(async () => {
      const now = await series('usher_http_request_duration_seconds_count');
      expect(now.get('method="GET",route="/api/v1/organisations/:organisationId",status="200"')).toBe(1);
      expect(now.get('method="any",route="unknown",status="404"')).toBe(1);
      return now;
    });
    expect([...counted.keys()].join()).not.toContain(acme.id);
  });

  it('counts what was done once it is done, and nothing that was taken back', async () => {
    const created = async () => (await series('usher_audit_events_total')).get('action="invitation.created"') ?? 0;
    const before = await created();
    const { body } = await invite();
    const again = { email: body.email, role: 'MEMBER' };
    expect((await app.api.post(`/organisations/${acme.id}/invitations`, again, { as: owner })).status).toBe(409);
    await eventually(async () => expect(await created()).toBe(before + 1));
  });

  it('shows connections, and the outbox with its oldest mail', async () => {
    const waiting = async () => (await series('usher_outbox_mails')).get('status="QUEUED"') ?? 0;
    await eventually(async () => expect(await waiting()).toBe(0));
    app.inbox.refuseWith = { code: 451, message: 'Try again later' };
    await invite();
    await eventually(async () => expect(await waiting()).toBe(1));
    expect((await series('usher_outbox_oldest_seconds')).get('')).toBeGreaterThanOrEqual(0);
    const connections = await series('usher_database_connections');
    expect(connections.get('state="waiting"')).toBe(0);
    expect((connections.get('state="used"') ?? 0) + (connections.get('state="idle"') ?? 0)).toBeGreaterThan(0);
    app.inbox.refuseWith = null;
  });

  it('shows how late the mail is that should have left, not the one that waits for a reason', async () => {
    const late = async () => (await series('usher_outbox_late_seconds')).get('') ?? 0;
    const due = `UPDATE mail_messages SET status = 'QUEUED', next_attempt_at = now() - interval '1 hour'`;
    await app.dataSource.query(`${due}, held_until = now() + interval '1 hour'`);
    expect(await late()).toBe(0);
    const running = app.nest.get(MailDispatcher);
    jest.spyOn(running, 'wake').mockReturnValue();
    await app.dataSource.query(`${due}, held_until = NULL, send_before = now() + interval '1 hour'`);
    expect(await late()).toBeGreaterThanOrEqual(3_600);
    jest.restoreAllMocks();
    running.wake();
    await eventually(async () => expect(await late()).toBe(0));
  });

  it('counts attempts at mails by their outcome', async () => {
    const attempts = async (outcome: string) =>
      (await series('usher_mail_attempts_total')).get(`outcome="${outcome}"`) ?? 0;
    for (const [code, outcome] of [
      [451, 'delayed'],
      [550, 'refused'],
      [0, 'sent'],
    ] as const) {
      const before = await attempts(outcome);
      app.inbox.refuseWith = code ? { code, message: 'No' } : null;
      await invite();
      await eventually(async () => expect(await attempts(outcome)).toBeGreaterThan(before));
    }
  });

  describe('has what is asked of it', () => {
    const expressions: [string, string][] = [
      ...DASHBOARD.panels.flatMap(({ title, targets = [] }: { title: string; targets?: { expr: string }[] }) =>
        targets.map(({ expr }) => [title, expr]),
      ),
      ...ALERTS.map(({ alert, expr }: Record<string, string>) => [alert, expr]),
    ];
    let text: string;

    beforeAll(async () => {
      await app.root.get('/readyz');
      await app.root.get('/healthz');
      await app.api.post('/invitations/lookup', { token: 'x'.repeat(43) });
      await eventually(async () => {
        text = (await app.root.get('/metrics')).body;
        for (const route of ['/metrics', '/readyz', '/healthz', '/invitations/lookup'])
          expect(text).toMatch(new RegExp(`duration_seconds_count.*route="[^"]*${route}"`));
      });
    });

    it.each(expressions)('by %s', (_name, expression) => {
      const asked = metricsIn(expression);
      if (asked.length === 0) expect(expression).toMatch(/^up\{/);
      for (const { name, labels, values } of asked) {
        const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
        expect(`${name}: ${samples.length > 0}`).toBe(`${name}: true`);
        for (const label of labels.filter((each) => !LABELS_OF_SCRAPES.includes(each)))
          expect(samples[0]).toContain(`${label}="`);
        const help = text.split('\n').find((line) => line.startsWith(`# HELP ${name} `)) ?? '';
        for (const value of values) expect(`${help} ${samples.join()}`).toContain(value);
      }
    });

    it('by alerts that say what to do', () => {
      expect(ALERTS.length).toBeGreaterThan(10);
      for (const { annotations, labels } of ALERTS) {
        expect(annotations.do).toMatch(/^[A-Z].{40,}\.$/);
        expect(['page', 'ticket']).toContain(labels.severity);
      }
    });
  });

  it('says that no mail can leave, until one does', async () => {
    const trouble = async () => (await series('usher_mail_channel_trouble')).get('');
    expect(await trouble()).toBe(0);
    app.nest.get(MailChannel).pause(new ChannelTrouble('it does not answer', 'ECONNREFUSED'));
    expect(await trouble()).toBe(1);
    await invite();
    await eventually(async () => expect(await trouble()).toBe(0));
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

  it('is for nobody in production where none is set', async () => {
    const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://usher.test' };
    const closed = await startApp({ ...production, ADMIN_PASSWORD: 'correct horse of the admin' });
    for (const as of [undefined, '', 'undefined', TOKEN])
      expect((await closed.root.get('/metrics', { as })).status).toBe(401);
    await closed.stop();
  });
});
