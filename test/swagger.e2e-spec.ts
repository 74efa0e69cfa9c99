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

  it('forgets the token with the window', async () => {
    const { page } = await openWindow(browser);
    await page.goto(`${server.url}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).waitFor();
    expect(await page.evaluate(() => JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage)]))).toBe(
      '[[],[]]',
    );
  });
});
