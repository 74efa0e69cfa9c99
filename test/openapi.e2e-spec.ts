import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createApp } from '../apps/api/src/app.setup.js';
import { OPERATIONS } from '../apps/api/src/openapi/operations.js';
import { PROBLEMS } from '../apps/api/src/openapi/problems.js';
import { client, createOrganisation, listOrganisations, signIn } from '../clients/typescript/src/index.js';
import { loadConfiguration } from '../libs/config/src/index.js';
import { ADMIN, startApp } from './support/app.js';
import { type BuiltServer, startBuiltServer } from './support/built-server.js';
import type { Answer } from './support/client.js';
import { createDatabase } from './support/database.js';

const STRICT = "default-src 'none';frame-ancestors 'none'";

/* eslint-disable @typescript-eslint/no-explicit-any -- a test reads the document as JSON */
interface Operation {
  key: string;
  operation: any;
  path: string;
  method: string;
}

describe('the description of the API', () => {
  let server: BuiltServer;
  let document: any;
  let operations: Operation[];

  beforeAll(async () => {
    server = await startBuiltServer();
    document = (await server.root.get('/openapi.json')).body;
    operations = Object.entries<any>(document.paths).flatMap(([path, item]) =>
      Object.entries<any>(item).map(([method, operation]) => ({
        key: `${method.toUpperCase()} ${path.replace('/api/v1', '')}`,
        operation: { ...operation, responses: mapValues(operation.responses, resolve) },
        path,
        method,
      })),
    );
  });

  afterAll(() => server.stop());

  /** What a reference names, or the thing itself. */
  function resolve(value: any): any {
    const [, , kind, name] = value.$ref?.split('/') ?? [];
    return name ? document.components[kind][name] : value;
  }

  it('is what docs/openapi.json says, but for the server', () => {
    const file = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
    expect(document.servers).toEqual([{ url: server.url }]);
    expect({ ...document, servers: file.servers }).toEqual(file);
  });

  it('has every route, and no other', async () => {
    const documented = operations.map(({ key }) => key);
    expect(documented.sort()).toEqual((await routes()).sort());
  });

  it('has notes on every operation, and on no other', () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual(operations.map(({ key }) => key).sort());
  });

  it('names every operation once, as a method of a client', () => {
    const names = operations.map(({ operation }) => operation.operationId as string);
    expect(names.filter((name) => !/^[a-z]+([A-Z][a-z]+)*$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says in a short sentence what every operation does, under a tag that is explained', () => {
    const tags = document.tags.map((tag: any) => tag.name);
    for (const { key, operation } of operations) {
      expect({ key, summary: operation.summary, tags: operation.tags }).toEqual({
        key,
        summary: expect.stringMatching(/^[A-Z].{0,58}[^.]$/),
        tags: [expect.stringMatching(new RegExp(`^(${tags.join('|')})$`))],
      });
    }
  });

  it('names the parts of a path first', () => {
    for (const { key, operation } of operations) {
      const places = operation.parameters.map((each: any) => each.in);
      expect({ key, places }).toEqual({
        key,
        places: places.toSorted((a: any, b: any) => +(b === 'path') - +(a === 'path')),
      });
    }
  });

  it('asks for a credential, or says that none is needed', () => {
    const closed = [{ bearer: [] }];
    const better = ['POST /invitations/accept', 'POST /v1/user-invitations/accept'];
    for (const { key, operation } of operations) {
      const expected = better.includes(key) ? [{}, ...closed] : isClosed(operation) ? closed : [];
      expect({ key, security: operation.security }).toEqual({ key, security: expected });
    }
  });

  it('has the refusals that follow from the route', () => {
    for (const { key, operation, path } of operations) {
      if (OPERATIONS[key].refusals) continue; // said in the words of another wire format
      const codes = codesOf(operation);
      const expected = [
        'validation_failed',
        ...(operation.requestBody ? ['malformed_json', 'body_too_large', 'unsupported_media_type'] : []),
        ...('x-permission' in operation ? ['unauthenticated', 'forbidden'] : []),
        ...(path.includes('{') ? ['not_found'] : []),
        ...(operation.parameters.some((each: any) => each.name === 'Idempotency-Key')
          ? ['idempotency_key_in_use', 'idempotency_key_reused']
          : []),
      ];
      expect({ key, codes }).toEqual({ key, codes: expect.arrayContaining(expected) });
    }
  });

  it('knows every code that the source refuses with, and its status', () => {
    const documented = Object.entries(PROBLEMS).map(([code, { status }]) => `${status} ${code}`);
    expect(refusalsInSource().filter((each) => !documented.includes(each))).toEqual([]);
    const answered = new Set(
      operations.flatMap(({ operation }) => [...codesOf(operation), ...(operation['x-row-problems'] ?? [])]),
    );
    expect(Object.keys(PROBLEMS).filter((code) => !answered.has(code))).toEqual([]);
  });

  it('shows an example of every body, and each is valid', () => {
    const validate = validatorOf(document);
    for (const { key, operation } of operations) {
      const bodies = [operation.requestBody, ...Object.values<any>(operation.responses)];
      for (const media of bodies.flatMap((body) => Object.values<any>(body?.content ?? {}))) {
        const examples = media.examples
          ? Object.values<any>(media.examples).map((each) => resolve(each).value)
          : [media.example];
        for (const example of examples)
          expect({ key, example, errors: validate(media.schema, example) }).toMatchObject({
            key,
            example: expect.anything(),
            errors: null,
          });
      }
    }
  });

  it('is kept by the server: what is answered is what is described', async () => {
    const validate = validatorOf(document);
    const expectDescribed = (id: string, { status, body }: Answer): void => {
      const { operation } = operations.find((each) => each.operation.operationId === id)!;
      const [media] = Object.values<any>(operation.responses[status].content);
      expect({ id, status, errors: validate(media.schema, body) }).toEqual({ id, status, errors: null });
    };
    const signedIn = await server.api.post('/auth/sign-in', ADMIN);
    expectDescribed('signIn', signedIn);
    const as = signedIn.body;
    const organisation = await server.api.post('/organisations', { name: 'Acme' }, { as });
    expectDescribed('createOrganisation', organisation);
    const inOrganisation = `/organisations/${organisation.body.shortId}`;
    const project = await server.api.post(`${inOrganisation}/projects`, { name: 'Website' }, { as });
    expectDescribed('createProject', project);
    const projects = [{ projectId: project.body.id, role: 'EDITOR' }];
    const invitation = { email: 'kim@example.com', role: 'MEMBER', projects };
    const invited = await server.api.post(`${inOrganisation}/invitations`, invitation, { as });
    expectDescribed('inviteToOrganisation', invited);
    expectDescribed('inviteToOrganisation', await server.api.post(`${inOrganisation}/invitations`, invitation, { as }));
    expectDescribed('inviteToOrganisation', await server.api.post(`${inOrganisation}/invitations`, {}, { as }));
    const rows = { invitations: [invitation, { email: 'kim' }, { ...invitation, email: 'lee@example.com' }] };
    const many = await server.api.post(`${inOrganisation}/invitations/bulk`, rows, { as });
    expectDescribed('inviteManyToOrganisation', many);
    const withoutMail = { sendEmail: false };
    const resent = await server.api.post(`/invitations/${invited.body.id}/resend`, withoutMail, { as });
    expectDescribed('resendInvitation', resent);
    const [, token] = resent.body.link.split('#token=');
    expectDescribed('lookUpInvitation', await server.api.post('/invitations/lookup', { token }));
    const acceptance = { token, givenName: 'Kim', password: 'correct horse battery' };
    expectDescribed('acceptInvitation', await server.api.post('/invitations/accept', acceptance));
    expectDescribed('lookUpInvitation', await server.api.post('/invitations/lookup', { token }));
    const fields = { key: 'support', name: 'Support', scope: 'ORGANISATION', permissions: ['members:read'] };
    expectDescribed('createRole', await server.api.post(`${inOrganisation}/roles`, fields, { as }));
    expectDescribed('listRoles', await server.api.get(`${inOrganisation}/roles`, { as }));
    expectDescribed('getPermissions', await server.api.get('/permissions', { as }));
    const access = `${inOrganisation}/members/${as.user.id}/access?projectId=${project.body.id}`;
    expectDescribed('explainMemberAccess', await server.api.get(access, { as }));
    expectDescribed('listMembers', await server.api.get(`${inOrganisation}/members`, { as }));
    expectDescribed('listOrganisationInvitations', await server.api.get(`${inOrganisation}/invitations`, { as }));
    expectDescribed('listMyMemberships', await server.api.get('/me/memberships', { as }));
    expectDescribed('getPlatform', await server.api.get('/platform', { as }));
    expectDescribed('isReady', await server.root.get('/readyz'));
    expectDescribed('listSessions', await server.api.get('/auth/sessions', { as }));
    expectDescribed('getMe', await server.api.get('/me'));
  });

  it('turns every list in pages, and says what is an id or a time', () => {
    const lists = operations.filter(({ operation }) => operation.operationId.startsWith('list'));
    for (const { key, operation } of lists) {
      const names = operation.parameters.map((each: any) => each.name);
      expect({ key, names }).toEqual({ key, names: expect.arrayContaining(['limit', 'cursor', 'includeTotal']) });
    }
    for (const [schema, { properties = {} }] of Object.entries<any>(document.components.schemas)) {
      for (const [name, { format, $ref, anyOf }] of Object.entries<any>(properties)) {
        if (/^id$|(?<!external|short|request|message)Id$/.test(name))
          expect({ schema, name, format }).toMatchObject({ format: 'uuid' });
        if (/[a-z]At$/.test(name))
          expect({ schema, name, format: format ?? $ref ?? anyOf }).toMatchObject({ format: 'date-time' });
      }
    }
  });

  it('makes a client that works', async () => {
    client.setConfig({ baseUrl: server.url });
    const { data: session } = await signIn({ body: ADMIN, throwOnError: true });
    client.setConfig({ auth: session.token });
    const { data: created } = await createOrganisation({ body: { name: 'Generated' }, throwOnError: true });
    const { data: page } = await listOrganisations({ query: { limit: 1 }, throwOnError: true });
    expect(page.data).toEqual([created]);
    const { error } = await createOrganisation({ body: { name: '' } });
    expect(error).toMatchObject({ status: 400, code: 'validation_failed', errors: [{ pointer: '#/name' }] });
  });

  it('is explored from here alone, under a policy of its own', async () => {
    const { status, headers, body } = await server.root.get('/docs');
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe-(inline|eval)|http/);
    const head = await fetch(`${server.url}/docs`, { method: 'HEAD' });
    expect(head.headers.get('content-security-policy')).toBe(headers.get('content-security-policy'));
    const addresses = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
    for (const address of addresses) {
      expect(address).not.toMatch(/^\w+:|^\/\//);
      expect((await server.root.get(`/${address}`)).status).toBe(200);
    }
    for (const path of ['/docs/absent.js', '/docs/..%2fpackage.json', '/docs-yaml']) {
      expect(await server.root.get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect((await server.root.get('/openapi.json')).headers.get('content-security-policy')).toBe(STRICT);
    expect((await server.api.get('/me')).headers.get('content-security-policy')).toBe(STRICT);
  });

  it('is explored by files that a browser keeps, and asks for again only when they have changed', async () => {
    const asset = await fetch(`${server.url}/docs/swagger-ui.css`);
    expect(asset.headers.get('cache-control')).toMatch(/^public/);
    const headers = { 'If-None-Match': asset.headers.get('etag')!, 'Cache-Control': 'max-age=0' };
    expect((await fetch(asset.url, { headers })).status).toBe(304);
    for (const path of ['/docs', '/docs/swagger-ui-init.js', '/openapi.json']) {
      expect((await fetch(`${server.url}${path}`)).headers.get('cache-control')).toBe('no-store');
    }
  });

  it('is absent when API_DOCS is off', async () => {
    const app = await startApp({ API_DOCS: 'off' });
    for (const path of ['/docs', '/docs/swagger-ui.css', '/openapi.json']) {
      expect(await app.root.get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    await app.stop();
  });
});

/** The same routes again, under another path; described once. */
const IS_ALIAS = / \/user-invitations/;

/** As the HTTP server knows them; pages for people are not part of the API. */
async function routes(): Promise<string[]> {
  const found: string[] = [];
  const database = await createDatabase();
  const nest = await createApp(loadConfiguration({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ...database.environment }));
  nest
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) found.push(`${each} ${url.replace(/:(\w+)/g, '{$1}')}`);
    });
  await nest.init();
  await nest.close();
  await database.drop();
  return found
    .filter((route) => /^(GET|POST|PUT|PATCH|DELETE) \/(api\/|v1\/|healthz$|readyz$|metrics$)/.test(route))
    .map((route) => route.replace('/api/v1', ''))
    .filter((route) => !IS_ALIAS.test(route));
}

const codesOf = (operation: any): string[] =>
  Object.values<any>(operation.responses).flatMap((response) =>
    Object.keys(response.content?.['application/problem+json']?.examples ?? {}),
  );

const mapValues = <T, U>(object: Record<string, T>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

/** `409 last_owner` for every such refusal in the product's source; the dialects speak their own. */
function refusalsInSource(): string[] {
  const files = ['apps/api/src', 'libs'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name)),
  );
  const sources = files.filter((file) => /(?<!\.d|spec)\.ts$/.test(file) && !/\/(dialects|pages)\//.test(file));
  const refusal = /problem\(\s*(\d{3}),\s*'(\w+)'/g;
  const found = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(refusal)].map(([, status, code]) => `${status} ${code}`),
  );
  return [...new Set(found)];
}

/** Answers what is wrong with a value, or null. */
function validatorOf(document: object): (schema: any, value: unknown) => unknown {
  const ajv = new Ajv2020({ strict: false, allErrors: true, schemas: [{ ...document, $id: 'openapi.json' }] });
  addFormats.default(ajv);
  return (schema, value) => {
    const within = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi.json#/'));
    const validate = schema.$ref ? ajv.getSchema(within.$ref)! : ajv.compile(within);
    return validate(value) ? null : validate.errors;
  };
}

const isClosed = (operation: any): boolean => {
  const { content } = operation.responses['401'] ?? {};
  const problems = content?.['application/problem+json'];
  return problems ? Boolean(problems.examples.unauthenticated) : Boolean(content);
};
