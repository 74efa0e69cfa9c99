import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { ADMIN } from './support/app.js';
import { describeInBrowser, openBrowser, openWindow } from './support/browser.js';
import { type BuiltServer, startBuiltServer } from './support/built-server.js';

describeInBrowser('the explorer', () => {
  let server: BuiltServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startBuiltServer();
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it('signs in with a token and creates an organisation, without leaving its origin', async () => {
    const { body: session } = await server.api.post('/auth/sign-in', ADMIN);
    const { page, requests } = await openWindow(browser, { width: 1280 });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${server.url}/docs`);

    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.getByLabel('auth-bearer-value').fill(session.token);
    await page.getByRole('button', { name: 'Apply credentials' }).first().click();
    await page.getByRole('button', { name: 'Close' }).first().click();

    const operation = page.locator('#operations-organisations-createOrganisation');
    await page.locator('#operations-tag-organisations').click();
    await operation.getByRole('button').first().click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.locator('textarea.body-param__text').fill('{ "name": "Acme" }');
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation.locator('.live-responses-table .response-col_status', { hasText: '201' }).waitFor();

    expect(await operation.locator('.live-responses-table').textContent()).toContain('shortId');
    const { body } = await server.api.get('/organisations', { as: session });
    expect(body.data).toMatchObject([{ name: 'Acme' }]);
    const origins = requests.map((request) => new URL(request.url())).filter((url) => url.protocol !== 'data:');
    expect(new Set(origins.map((url) => url.origin))).toEqual(new Set([server.url]));
    expect(complaints).toEqual([]);
  });

  it.each(['/docs?url=https://example.com/other.json', '/docs/'])(
    'asks where its page came from, behind a proxy with a prefix too: %s',
    async (path) => {
      const proxy = await startProxy(server.url, '/membership');
      const { page, requests } = await openWindow(browser, { width: 1280 });
      await page.goto(`${proxy.url}/membership${path}`);

      const operation = page.locator('#operations-running_it-isAlive');
      await page.locator('#operations-tag-running_it').click();
      await operation.getByRole('button').first().click();
      await operation.getByRole('button', { name: 'Try it out' }).click();
      await operation.getByRole('button', { name: 'Execute' }).click();
      await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();

      expect(requests.at(-1)?.url()).toBe(`${proxy.url}/membership/healthz`);
      const elsewhere = requests.filter((each) => !/^(data:|http:\/\/127\.0\.0\.1:\d+\/membership\/)/.test(each.url()));
      expect(elsewhere.map((each) => each.url())).toEqual([]);
      proxy.stop();
    },
  );

  it('forgets the token with the window', async () => {
    const { page } = await openWindow(browser);
    await page.goto(`${server.url}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).waitFor();
    expect(await page.evaluate(() => JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage)]))).toBe(
      '[[],[]]',
    );
  });
});

/** Knows nothing but what is under its prefix, which the server behind it does not see. */
async function startProxy(target: string, prefix: string): Promise<{ url: string; stop: () => void }> {
  const proxy = createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith(`${prefix}/`)) return outgoing.writeHead(404).end();
    const { method, headers } = incoming;
    const onward = request(`${target}${incoming.url.slice(prefix.length)}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo; // as: it listens on TCP
  return { url: `http://127.0.0.1:${port}`, stop: () => void proxy.close().closeAllConnections() };
}
