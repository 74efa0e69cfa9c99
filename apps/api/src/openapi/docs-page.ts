/** Everything from this origin and nothing inline; `data:` for the images inside Swagger UI's style sheet. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Paths are relative, so that it works behind a proxy that adds a prefix. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Usher API</title>
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png" />
    <link rel="stylesheet" href="docs/swagger-ui.css" />
    <link rel="stylesheet" href="docs/index.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <noscript>Swagger UI needs JavaScript. The same is in <a href="openapi.json">openapi.json</a>.</noscript>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script type="module" src="docs/start.js"></script>
  </body>
</html>
`;

/** Requests go to where the page came from, whatever PUBLIC_URL says: the policy allows nothing else. */
export const DOCS_SCRIPT = `const home = new URL('.', location.href);
const spec = await (await fetch(new URL('openapi.json', home))).json();
spec.servers = [{ url: home.href.replace(/\\/$/, '') }];
SwaggerUIBundle({
  spec,
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;
