import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { StaticContent } from '@usher/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeApi } from './document.js';

const FOLDER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
/** The large files of Swagger UI, and their types; `SwaggerModule` would read them anew for each reader. */
const FILES: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
};
const PAGES = ['/docs', '/docs/', '/docs/index.html'];
const INLINE_STYLE = /<style>([^]*?)<\/style>|style="([^"]*)"/g;

/** Serves Swagger UI at `/docs` and the document at `/openapi.json`, which is built at the first request. */
export function serveApiDocs(app: NestFastifyApplication, publicUrl: string): void {
  const server = app.getHttpAdapter().getInstance();
  const describe = memoize(() => describeApi(app, publicUrl));
  serve(
    server,
    '/openapi.json',
    new StaticContent('application/json; charset=utf-8', () => JSON.stringify(describe())),
  );
  for (const [name, type] of Object.entries(FILES)) {
    const file = new StaticContent(type, () => readFileSync(join(FOLDER, name)));
    // Their addresses hold no version: a browser asks whether they have changed.
    serve(server, `/docs/${name}`, file, { 'Cache-Control': 'public, no-cache' });
  }
  allowStylesOfPages(server);
  SwaggerModule.setup('docs', app, describe, {
    raw: false,
    customSiteTitle: 'Usher API',
    swaggerOptions: {
      layout: 'BaseLayout',
      plugins: [sendToThisServer],
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: 'none',
      filter: true,
      persistAuthorization: false,
      validatorUrl: null,
    },
  });
}

function serve(
  server: FastifyInstance,
  path: string,
  content: StaticContent,
  headers: Record<string, string> = {},
): void {
  server.get(path, (request, reply) => {
    content.send(request, reply.headers(headers)).catch((error: unknown) => reply.send(error));
  });
}

function memoize<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function allowStylesOfPages(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    // Fastify's hook that drops the body of HEAD must stay last.
    if (PAGES.includes(route.url)) route.onSend = [setPolicy, ...[route.onSend ?? []].flat()];
  });
}

async function setPolicy(_request: FastifyRequest, reply: FastifyReply, page: unknown): Promise<void> {
  void reply.type('text/html; charset=utf-8').header('Content-Security-Policy', policyFor(String(page)));
}

/**
 * Allows files of this origin and the inline styles that `@nestjs/swagger` writes into the page; `'unsafe-hashes'` is for
 * a style attribute among them, `data:` for the images in Swagger UI's style sheet.
 */
function policyFor(page: string): string {
  const styles = [...page.matchAll(INLINE_STYLE)].map(([, block, attribute]) => hashOf(block ?? attribute));
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'unsafe-hashes' ${styles.join(' ')}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * A plugin of Swagger UI: its source is sent to the browser, so it uses nothing from this file. It directs "Try it out" to
 * where the page came from instead of PUBLIC_URL: the policy allows nothing else.
 */
function sendToThisServer() {
  type Update = (document: object) => unknown;
  const home = new URL(location.pathname.endsWith('/') ? '..' : '.', location.href).href.replace(/\/$/, '');
  const withThisServer = (update: Update) => (document: object) => update({ ...document, servers: [{ url: home }] });
  return { statePlugins: { spec: { wrapActions: { updateJsonSpec: withThisServer } } } };
}
