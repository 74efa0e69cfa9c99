import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StaticContent } from '@usher/http';
import type { FastifyInstance } from 'fastify';
import { describeApi } from './document.js';

const FOLDER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const SCRIPT = 'text/javascript; charset=utf-8';
/** Files of Swagger UI that its page needs, and their types. */
const FILES: Record<string, string> = {
  'index.css': 'text/css; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': SCRIPT,
  'favicon-16x16.png': 'image/png',
  'favicon-32x32.png': 'image/png',
};
/** Allows files of this origin alone; `data:` is for the images in Swagger UI's style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves Swagger UI at `/docs` and the document at `/openapi.json`, which is built at the first request. */
export function serveApiDocs(app: NestFastifyApplication, publicUrl: string): void {
  const server = app.getHttpAdapter().getInstance();
  const description = () => JSON.stringify(describeApi(app, publicUrl));
  serve(server, '/openapi.json', new StaticContent('application/json; charset=utf-8', description));
  serve(server, '/docs/swagger-ui-init.js', new StaticContent(SCRIPT, () => `(${explore.toString()})();`));
  serve(server, '/docs', page('docs/'), { 'Content-Security-Policy': POLICY });
  for (const path of ['/docs/', '/docs/index.html']) {
    serve(server, path, page(''), { 'Content-Security-Policy': POLICY });
  }
  for (const [name, type] of Object.entries(FILES)) {
    const file = new StaticContent(type, () => readFileSync(join(FOLDER, name)));
    // Their addresses hold no version: a browser asks whether they have changed.
    serve(server, `/docs/${name}`, file, { 'Cache-Control': 'public, no-cache' });
  }
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

const page = (base: string): StaticContent =>
  new StaticContent(
    'text/html; charset=utf-8',
    () => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Usher API</title>
  <link rel="stylesheet" href="${base}swagger-ui.css">
  <link rel="stylesheet" href="${base}index.css">
  <link rel="icon" type="image/png" href="${base}favicon-32x32.png" sizes="32x32">
  <link rel="icon" type="image/png" href="${base}favicon-16x16.png" sizes="16x16">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="${base}swagger-ui-bundle.js"></script>
  <script src="${base}swagger-ui-init.js"></script>
</body>
</html>
`,
  );

declare const SwaggerUIBundle: { (options: object): unknown; presets: { apis: unknown } };

/**
 * Its source is sent to the browser, so it uses nothing from this file. It directs "Try it out" to where the page came
 * from instead of PUBLIC_URL: the policy allows nothing else.
 */
function explore(): void {
  type Update = (document: object) => unknown;
  const home = location.origin + location.pathname.replace(/\/docs(\/|\/index\.html)?$/, '');
  const withThisServer = (update: Update) => (document: object) => update({ ...document, servers: [{ url: home }] });
  SwaggerUIBundle({
    url: `${home}/openapi.json`,
    dom_id: '#swagger-ui',
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [() => ({ statePlugins: { spec: { wrapActions: { updateJsonSpec: withThisServer } } } })],
    layout: 'BaseLayout',
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: 'none',
    filter: true,
    persistAuthorization: false,
    validatorUrl: null,
  });
}
