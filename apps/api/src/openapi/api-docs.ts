import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { describeApi } from './document.js';
import { DOCS_PAGE, DOCS_POLICY, DOCS_SCRIPT } from './docs-page.js';

/** What the page needs of Swagger UI; nothing else of its folder is served. */
const ASSETS = ['/swagger-ui.css', '/index.css', '/swagger-ui-bundle.js', '/favicon-32x32.png'];

/** Swagger UI at `/docs`, its assets from here, and the document at `/openapi.json`. */
export async function serveApiDocs(app: NestFastifyApplication, publicUrl: string): Promise<void> {
  let document: string | undefined;
  const server = app.getHttpAdapter().getInstance();
  server.get('/openapi.json', (_request, reply: FastifyReply) => {
    document ??= JSON.stringify(describeApi(app, publicUrl)); // takes a tenth of a second: for the first who asks
    return reply.type('application/json; charset=utf-8').send(document);
  });
  server.get('/docs', (_request, reply: FastifyReply) =>
    reply.header('Content-Security-Policy', DOCS_POLICY).type('text/html; charset=utf-8').send(DOCS_PAGE),
  );
  server.get('/docs/', (_request, reply: FastifyReply) => reply.redirect('../docs', 308));
  server.get('/docs/start.js', (_request, reply: FastifyReply) =>
    reply.type('text/javascript; charset=utf-8').send(DOCS_SCRIPT),
  );
  const root = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  await app.register(fastifyStatic, {
    root,
    prefix: '/docs/',
    index: false,
    decorateReply: false,
    maxAge: '1h',
    allowedPath: (path) => ASSETS.includes(path),
  });
}
