import { createHash } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeApi } from './document.js';

const PAGES = ['/docs', '/docs/', '/docs/index.html'];
const INLINE_STYLE = /<style>([^]*?)<\/style>|style="([^"]*)"/g;

/** Serves Swagger UI at `/docs` and the document at `/openapi.json`, which is built at the first request. */
export function serveApiDocs(app: NestFastifyApplication, publicUrl: string): void {
  allowStylesOfPages(app);
  SwaggerModule.setup('docs', app, () => describeApi(app, publicUrl), {
    raw: ['json'],
    jsonDocumentUrl: 'openapi.json',
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

function allowStylesOfPages(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
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
