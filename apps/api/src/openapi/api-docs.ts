import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { DOCS_PAGE, DOCS_POLICY, DOCS_SCRIPT } from './docs-page.js';

/** As `npm run openapi` wrote it; whatever describes the API is not loaded. */
const DOCUMENT = new URL('../../../../docs/openapi.json', import.meta.url);

const { resolve } = createRequire(import.meta.url);

/** What the page needs of Swagger UI; nothing else of its folder is served. */
const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'index.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Swagger UI at `/docs`, its assets from here, and the document at `/openapi.json`. */
export function serveApiDocs(app: NestFastifyApplication, publicUrl: string): void {
  let document: string | undefined;
  const server = app.getHttpAdapter().getInstance();
  server.get('/openapi.json', (_request, reply: FastifyReply) => {
    document ??= documentFor(publicUrl);
    return reply.type('application/json; charset=utf-8').send(document);
  });
  server.get('/docs', (_request, reply: FastifyReply) =>
    reply.header('Content-Security-Policy', DOCS_POLICY).type('text/html; charset=utf-8').send(DOCS_PAGE),
  );
  server.get('/docs/', (_request, reply: FastifyReply) => reply.redirect('../docs', 308));
  server.get('/docs/start.js', (_request, reply: FastifyReply) =>
    reply.type('text/javascript; charset=utf-8').send(DOCS_SCRIPT),
  );
  for (const [name, type] of Object.entries(ASSETS)) {
    const path = resolve(`swagger-ui-dist/${name}`);
    server.get(`/docs/${name}`, async (_request, reply: FastifyReply) =>
      reply
        .header('Cache-Control', 'public, max-age=3600')
        .type(type)
        .send(await readFile(path)),
    );
  }
}

function documentFor(publicUrl: string): string {
  const written = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as object; // as: a test compares it with the code
  return JSON.stringify({ ...written, servers: [{ url: publicUrl }] });
}
