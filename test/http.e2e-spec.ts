import { request as httpRequest } from 'node:http';
import { Controller, Get, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfiguration } from '@usher/config';
import { ACCESS_RULE, Public } from '../apps/api/src/access/access.decorators.js';
import { AppModule } from '../apps/api/src/app.module.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { createDatabase } from './support/database.js';
import {
  buildMember,
  buildOrganisation,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

const NOBODY = '6f1c7a52-3a1e-4d0b-9a55-0f7a3c1d2e4b';

describe('over HTTP', () => {
  let app: TestApp;
  let admin: Person;
  let member: Person;
  let acme: Organisation;

  beforeAll(async () => {
    app = await startApp();
    admin = await signInAdmin(app);
    acme = await buildOrganisation(app, admin);
    member = await buildMember(app, admin, acme);
  });
  afterAll(() => app.stop());

  describe('a refusal', () => {
    const invite = () => `/organisations/${acme.id}/invitations`;

    it.each<[number, string, string, () => Promise<Answer>]>([
      [400, 'Bad Request', 'validation_failed', () => app.api.post(invite(), {}, { as: admin })],
      [401, 'Unauthorized', 'unauthenticated', () => app.api.get('/me')],
      [403, 'Forbidden', 'forbidden', () => app.api.post(invite(), {}, { as: member })],
      [404, 'Not Found', 'not_found', () => app.api.get(`/organisations/${NOBODY}`, { as: member })],
      [404, 'Not Found', 'not_found', () => app.api.get('/nowhere', { as: admin })],
      [404, 'Not Found', 'not_found', () => app.root.get('/')],
      [404, 'Not Found', 'not_found', () => app.api.put('/organisations', {}, { as: admin })],
      [
        409,
        'Conflict',
        'last_owner',
        () => app.api.delete(`/organisations/${acme.id}/members/${admin.id}`, { as: admin }),
      ],
    ])('is %i %s %s as problem+json', async (status, title, code, send) => {
      const answer = await send();
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(answer.body).toMatchObject({ type: 'about:blank', title, status, code });
      expect(answer.body.detail).toEqual(expect.stringMatching(/\w/));
      expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    });

    it('says how to sign in when nobody is', async () => {
      expect((await app.api.get('/me')).headers.get('www-authenticate')).toBe('Bearer');
    });

    it('comes in order: who, then where, then what', async () => {
      const wrong = { email: 'nobody', role: 5 };
      expect((await app.api.post(invite(), wrong)).status).toBe(401);
      expect((await app.api.post(invite(), '{"email":')).status).toBe(401);
      expect((await app.api.post(`/organisations/${NOBODY}/invitations`, wrong)).status).toBe(401);
      expect((await app.api.post(`/organisations/${NOBODY}/invitations`, wrong, { as: member })).status).toBe(404);
      expect((await app.api.post(invite(), wrong, { as: member })).status).toBe(403);
      expect((await app.api.post(invite(), '{"email":', { as: member })).status).toBe(403);
      expect((await app.api.post(`${invite()}?dryRun=1`, wrong, { as: member })).status).toBe(403);
      expect((await app.api.post(invite(), wrong, { as: admin })).status).toBe(400);
    });

    it('is the same for what does not exist and what belongs to strangers', async () => {
      const other = await buildOrganisation(app, admin);
      const [foreign, missing] = await Promise.all(
        [other.id, NOBODY].map((id) => app.api.get(`/organisations/${id}`, { as: member })),
      );
      expect(foreign.status).toBe(404);
      expect({ ...foreign.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
    });
  });

  describe('a request id', () => {
    it.each(['a', 'job-42', 'a.b_c-D', 'x'.repeat(64)])('is taken over when it is a plain word: %s', async (id) => {
      const answer = await app.api.get('/me', { headers: { 'X-Request-Id': id } });
      expect(answer.headers.get('x-request-id')).toBe(id);
      expect(answer.body.requestId).toBe(id);
    });

    it.each(['', 'two words', '<script>', 'a"b', 'x'.repeat(65), '{"a":1}'])(
      'is replaced otherwise: %j',
      async (id) => {
        const answer = await app.api.get('/me', { headers: { 'X-Request-Id': id } });
        expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      },
    );

    it('is written into the audit', async () => {
      const created = await app.api.post(
        '/organisations',
        { name: 'Audited' },
        { as: admin, headers: { 'X-Request-Id': 'job-43' } },
      );
      const events: { subject_id: string }[] = await app.dataSource.query(
        `SELECT subject_id FROM audit_events WHERE request_id = 'job-43' AND action = 'organisation.created'`,
      );
      expect(events).toEqual([{ subject_id: created.body.id }]);
    });
  });

  describe('headers', () => {
    it('protect every answer, refusals too', async () => {
      const answers = [
        await app.api.get('/me', { as: admin }),
        await app.api.get('/me'),
        await app.api.get('/nowhere'),
        await app.root.get('/healthz'),
      ];
      for (const { headers } of answers) {
        expect(headers.get('cache-control')).toBe('no-store');
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('referrer-policy')).toBe('no-referrer');
        expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
        expect(headers.get('x-powered-by')).toBeNull();
        expect(headers.get('set-cookie')).toBeNull();
      }
    });
  });

  describe('a credential', () => {
    it.each(['Bearer', 'bearer', 'Token'])('is read behind %s', async (scheme) => {
      const { status } = await app.api.get('/me', { headers: { Authorization: `${scheme} ${admin.token}` } });
      expect(status).toBe(200);
    });

    it.each([
      (token: string) => token,
      (token: string) => `Basic ${token}`,
      (token: string) => `Basic ${Buffer.from(`${token}:`).toString('base64')}`,
      (token: string) => `Bearer ${token} ${token}`,
      (token: string) => `Bearer ${token}x`,
      (token: string) => `Bearer ${token.slice(0, -1)}`,
      () => 'Bearer ',
      () => `Bearer uss_${'A'.repeat(43)}`,
    ])('is refused in any other form: %s', async (header) => {
      const { status } = await app.api.get('/me', { headers: { Authorization: header(admin.token) } });
      expect(status).toBe(401);
    });

    it('is not read from a cookie or the address', async () => {
      expect((await app.api.get('/me', { headers: { Cookie: `token=${admin.token}` } })).status).toBe(401);
      expect((await app.api.get(`/me?access_token=${admin.token}`)).status).toBe(401);
    });
  });

  describe('an id', () => {
    it('is the same id in capitals', async () => {
      const own = `/organisations/${acme.id.toUpperCase()}/members/${admin.id.toUpperCase()}`;
      expect((await app.api.get(own, { as: admin })).body.user.id).toBe(admin.id);
      const answer = await app.api.put(`${own}/role`, { role: 'MEMBER' }, { as: admin });
      expect(answer.body).toMatchObject({ status: 403, code: 'own_role' });
    });

    it('of an organisation may be its short one', async () => {
      const { body } = await app.api.get(`/organisations/${acme.shortId.toUpperCase()}`, { as: member });
      expect(body.id).toBe(acme.id);
    });
  });

  describe('health', () => {
    it('says that it lives, and that it is ready', async () => {
      expect((await app.root.get('/healthz')).body).toEqual({ status: 'ok' });
      const ready = await app.root.get('/readyz');
      expect(ready.status).toBe(200);
      expect(ready.body.details).toMatchObject({
        database: { status: 'up' },
        migrations: { status: 'up' },
        mail: { status: 'up', channel: 'smtp' },
      });
    });

    it('says what is missing when it is not ready, and still lives', async () => {
      const cut = await startApp();
      await cut.dataSource.destroy();
      const ready = await cut.root.get('/readyz');
      expect(ready).toMatchObject({ status: 503, body: { code: 'not_ready', detail: 'Not ready: database.' } });
      expect((await cut.root.get('/healthz')).status).toBe(200);
      await cut.stop().catch(() => undefined);
    });
  });

  it('links in mails begin with PUBLIC_URL, whatever the request says', async () => {
    const email = newAddress();
    const created = await invitePretending(app, admin, acme, email, {
      Host: 'evil.example',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'host=evil.example',
      Origin: 'https://evil.example',
    });
    expect(created).toBe(201);
    const mail = await app.inbox.newest(email);
    expect(mail.text).toContain('http://usher.test/join#token=');
    expect(`${mail.text}${String(mail.html)}`).not.toContain('evil');
  });

  describe('routes', () => {
    it('all say who may call them', () => {
      const routes = routesOf(app.nest);
      expect(routes.length).toBeGreaterThan(30);
      expect(undeclared(routes)).toEqual([]);
    });

    it('that do not say so are named, and closed', async () => {
      const database = await createDatabase();
      const nest = await startWith(ThrowAwayController, { ...app.environment, ...database.environment });
      try {
        expect(undeclared(routesOf(nest))).toEqual(['GET throw-away/undeclared (ThrowAwayController.undeclared)']);
        const url = await nest.getUrl();
        const as = { headers: { Authorization: `Bearer ${admin.token}` } };
        expect((await fetch(`${url}/throw-away/undeclared`, as)).status).toBe(403);
        expect((await fetch(`${url}/throw-away/undeclared`)).status).toBe(403);
        expect((await fetch(`${url}/throw-away/declared`)).status).toBe(200);
      } finally {
        await nest.close();
        await database.drop();
      }
    });
  });
});

describe('a browser elsewhere', () => {
  let app: TestApp;
  const DASHBOARD = 'https://admin.example.com';

  beforeAll(async () => {
    app = await startApp({ CORS_ORIGINS: `${DASHBOARD}, http://localhost:5173` });
  });
  afterAll(() => app.stop());

  it('may ask from an origin that is listed, without credentials mode', async () => {
    for (const origin of [DASHBOARD, 'http://localhost:5173']) {
      const { status, headers } = await app.api.get('/me', { headers: { Origin: origin } });
      expect(status).toBe(401);
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      const exposed = headers.get('access-control-expose-headers')!.split(', ');
      expect(exposed).toEqual(
        expect.arrayContaining(['Idempotency-Replayed', 'Retry-After', 'Content-Disposition', 'Location']),
      );
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  it('is told beforehand what it may send', async () => {
    const { status, headers } = await preflight(app, DASHBOARD);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(DASHBOARD);
    expect(headers.get('access-control-allow-methods')).toContain('DELETE');
    const allowed = headers.get('access-control-allow-headers')!.split(', ');
    expect(allowed).toEqual(expect.arrayContaining(['Idempotency-Key', 'traceparent', 'tracestate']));
  });

  it.each(['https://evil.example', 'https://admin.example.com.evil.example', 'http://admin.example.com', 'null'])(
    'may not from %s',
    async (origin) => {
      const asked = await app.api.get('/me', { headers: { Origin: origin } });
      expect(asked.headers.get('access-control-allow-origin')).toBeNull();
      expect((await preflight(app, origin)).headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it('may not from anywhere unless an origin is listed', async () => {
    const closed = await startApp();
    try {
      const { headers } = await closed.api.get('/me', { headers: { Origin: DASHBOARD } });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect((await preflight(closed, DASHBOARD)).status).toBe(404);
    } finally {
      await closed.stop();
    }
  });
});

const preflight = (app: TestApp, origin: string): Promise<Answer> =>
  app.api.send('OPTIONS', '/me', undefined, {
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'PATCH',
      'Access-Control-Request-Headers': 'authorization',
    },
  });

/** `fetch` does not let its caller choose the Host header. */
function invitePretending(
  app: TestApp,
  inviter: Person,
  { id }: Organisation,
  email: string,
  headers: Record<string, string>,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${app.api.baseUrl}/organisations/${id}/invitations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${inviter.token}`, ...headers },
    });
    request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
    request.end(JSON.stringify({ email, role: 'MEMBER' }));
  });
}

interface Route {
  name: string;
  handler: object;
}

/** Every route of every controller that the application knows. */
function routesOf(nest: NestFastifyApplication): Route[] {
  const controllers = [...nest.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => (metatype ? handlersOf(metatype as Type) : [])); // as: controllers are classes
}

function handlersOf(controller: Type): Route[] {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(controller.prototype as object));
  const handlers = methods.map(([name, { value }]) => [name, value as unknown] as const);
  return handlers.flatMap(([name, handler]) => {
    if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod]; // as: what Nest wrote there
    const paths = [controller, handler].map((part) => String(Reflect.getMetadata(PATH_METADATA, part)));
    return [{ name: `${method} ${paths.join('/')} (${controller.name}.${name})`, handler }];
  });
}

const undeclared = (routes: Route[]): string[] =>
  routes.filter(({ handler }) => !Reflect.hasMetadata(ACCESS_RULE, handler)).map(({ name }) => name);

@Controller('throw-away')
class ThrowAwayController {
  @Get('undeclared')
  undeclared(): string {
    return 'reached';
  }

  @Get('declared')
  @Public()
  declared(): string {
    return 'reached';
  }
}

async function startWith(controller: Type, environment: Record<string, string>): Promise<NestFastifyApplication> {
  const imports = [AppModule.forRoot(loadConfiguration(environment))];
  const module = { module: class WithThrowAway {}, imports, controllers: [controller] };
  const nest = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), { logger: false });
  await nest.listen(0, '127.0.0.1');
  return nest;
}
