import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ADMIN, startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { Collector, factsOf, type ReceivedSpan } from './support/collector.js';
import { eventually } from './support/eventually.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

/** The application is stopped in the middle: what it had to say has arrived then. */
describe('a trace', () => {
  let app: TestApp;
  let collector: Collector;
  let owner: Person;
  let acme: Organisation;
  let email: string;
  let created: Answer;
  let token: string;

  beforeAll(async () => {
    collector = await new Collector().open();
    app = await startApp({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, { replay: false });
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner);
    email = newAddress();
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, 'X-Request-Id': 'asked-by-a-test' };
    const invitation = { email, role: 'MEMBER', message: "Glad that it's you" };
    created = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner, headers });
    token = await app.inbox.token(email);
    await app.api.post('/invitations/lookup?token=in-a-query', { token });
    await app.root.get(`/nowhere/${token}`);
    await eventually(async () => {
      const { body } = await app.api.get(`/invitations/${created.body.id}`, { as: owner });
      expect(body.delivery.status).toBe('SENT');
    });
    await app.stop();
  });
  afterAll(() => collector.close());

  const inTrace = (): ReceivedSpan[] => collector.spans.filter(({ traceId }) => traceId === TRACE);
  const named = (name: string): ReceivedSpan => {
    const span = inTrace().find((each) => each.name === name);
    if (!span)
      throw new Error(
        `${name} is not among ${inTrace()
          .map((each) => each.name)
          .join()}`,
      );
    return span;
  };

  it('goes on with the one of who asked, and says which', () => {
    expect(created.status).toBe(201);
    const request = named('POST /api/v1/organisations/:organisationId/invitations');
    expect(request.parentSpanId).toBe(CALLER);
    expect(factsOf(request)).toEqual({
      'http.request.method': 'POST',
      'http.route': '/api/v1/organisations/:organisationId/invitations',
      'http.response.status_code': 201,
      'usher.request_id': 'asked-by-a-test',
    });
    expect(created.headers.get('traceresponse')).toBe(`00-${TRACE}-${request.spanId}-01`);
    expect([...collector.services]).toEqual(['usher']);
  });

  it('holds the statements of the request, by their text', () => {
    const request = named('POST /api/v1/organisations/:organisationId/invitations');
    for (const name of ['WITH sessions', 'WITH organisations', 'WITH invitations']) {
      expect(named(name).parentSpanId).toBe(request.spanId);
      expect(factsOf(named(name))['db.system.name']).toBe('postgresql');
    }
    expect(factsOf(named('WITH invitations'))['db.query.text']).toMatch(/json_build_object\('…', p\.id/);
  });

  it('holds the attempt at the mail, though nobody waited for it', () => {
    const attempt = named('mail attempt');
    expect(attempt.parentSpanId).toBe(named('POST /api/v1/organisations/:organisationId/invitations').spanId);
    expect(factsOf(attempt)).toMatchObject({ 'usher.mail.attempt': 1, 'usher.mail.outcome': 'sent' });
    expect(named('UPDATE mail_messages').parentSpanId).toBe(attempt.spanId);
  });

  it('is of requests and mails alone: what nobody asked for is not traced', () => {
    const roots = collector.spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name);
    expect(roots.filter((name) => !/^(GET|POST)/.test(name))).toEqual([]);
    expect(roots).toContain('GET');
  });

  it('shows no secret, no address and nothing of a path', () => {
    expect(collector.spans.length).toBeGreaterThan(20);
    const secrets = [token, owner.token, ADMIN.password, email, ADMIN.email, acme.id, 'in-a-query', "it's you"];
    for (const secret of secrets) expect(collector.received.includes(secret)).toBe(false);
  });
});

describe('traces', () => {
  it('cost nothing while nobody wants them', async () => {
    const script = `
      await import('${new URL(`file://${process.cwd()}/dist/apps/api/src/app.setup.js`).href}');
      const { createRequire } = await import('node:module');
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => /@opentelemetry.(sdk|exporter|resources)/.test(file)).length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout.trim()).toBe('0');
  });
});
