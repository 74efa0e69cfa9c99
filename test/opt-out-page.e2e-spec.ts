import type { Browser, Page } from 'playwright-core';
import { overflow, violations } from './support/accessibility.js';
import { startApp, type TestApp } from './support/app.js';
import { describeInBrowser, openBrowser, openWindow, type Window } from './support/browser.js';
import { buildOrganisation, newAddress, type Organisation, type Person, signInAdmin } from './support/factories.js';

describeInBrowser('the page behind the last link of a mail', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let acme: Organisation;
  let window: Window;
  let page: Page;

  const linkIn = (text = ''): string => /\/opt-out#token=[\w-]+/.exec(text)?.[0] ?? '/no-link';
  const invited = async (): Promise<string> => {
    const email = newAddress('kim');
    await app.api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: owner });
    return linkIn((await app.inbox.newest(email)).text);
  };
  const reader = async (locale = 'en', width = 320) => {
    window = await openWindow(browser, { width, locale });
    page = window.page;
  };
  const open = async (link: string) => {
    await page.goto('about:blank');
    await page.goto(app.root.baseUrl + link);
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const status = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const refusals = async (link: string) => {
    const token = link.split('token=')[1];
    return (await app.api.post('/invitations/refusals/lookup', { token })).body.refused;
  };

  beforeAll(async () => {
    app = await startApp();
    browser = await openBrowser();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner, 'Acme <b>& Söhne</b>');
  });
  afterEach(async () => {
    const origins = new Set(window.requests.map((request) => new URL(request.url()).origin));
    expect([...origins].filter((origin) => origin !== 'null')).toEqual([app.root.baseUrl]);
    await window.context.close();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  it('refuses one organisation and takes it back, by the keyboard alone', async () => {
    const link = await invited();
    await reader();
    await open(link);
    await status('These preferences cover invitations and reminders sent to k•••@example.com');
    expect(await violations(page)).toEqual([]);
    expect(await refusals(link)).toEqual({ organisation: false, platform: false });

    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(`Unsubscribe from ${acme.name}`);
    await page.keyboard.press('Enter');
    await status(`You've unsubscribed from ${acme.name}.`);
    expect(await refusals(link)).toEqual({ organisation: true, platform: false });
    expect(await violations(page)).toEqual([]);

    // The same button is still under the fingers.
    await button(`Subscribe to ${acme.name} again`).waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'organisation-change');
    await page.keyboard.press('Enter');
    await status(`${acme.name} can send you invitations.`);
    expect(await refusals(link)).toEqual({ organisation: false, platform: false });
  });

  it('refuses the whole installation, and shows so when it is opened again', async () => {
    const link = await invited();
    await reader();
    await open(link);
    await button('Unsubscribe from all').click();
    await status("You've unsubscribed from all invitations sent here.");
    await open(link);
    await button('Subscribe again').waitFor();
    expect(await refusals(link)).toEqual({ organisation: false, platform: true });
  });

  it('is the same behind the address of the mail client’s button, and acts at no look', async () => {
    const link = await invited();
    await reader();
    await open(link.replace('#', '?'));
    await button(`Unsubscribe from ${acme.name}`).waitFor();
    expect(new URL(page.url()).search + new URL(page.url()).hash).toBe('');
    expect(await refusals(link)).toEqual({ organisation: false, platform: false });
  });

  it('asks about the installation alone when the mail came from it', async () => {
    const email = newAddress();
    await app.api.post('/platform/invitations', { email, platformRole: 'MEMBER' }, { as: owner });
    await reader();
    await open(linkIn((await app.inbox.newest(email)).text));
    await button('Unsubscribe from all').waitFor();
    expect(await page.getByRole('button').count()).toBe(1);
  });

  it('keeps the secret out of the address bar, the history, request lines and referrers', async () => {
    const link = await invited();
    const token = link.split('token=')[1];
    await reader();
    await open(link);
    await button(`Unsubscribe from ${acme.name}`).click();
    await status('unsubscribed from');
    expect(page.url()).toBe(`${app.root.baseUrl}/opt-out`);
    for (const request of window.requests)
      expect(`${request.url()} ${JSON.stringify(request.headers())}`).not.toContain(token);
    expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]))).not.toContain(
      token,
    );
  });

  it('says what to do when the link is not whole, and when there is none', async () => {
    await reader();
    await open('/opt-out#token=cut-off');
    await page.getByRole('heading', { level: 1, name: "This link doesn't work" }).waitFor();
    await open('/opt-out');
    await status('This link is incomplete.');
    expect(await page.getByRole('button').count()).toBe(0);
  });

  it('lets people try again when the server cannot be reached', async () => {
    const link = await invited();
    await reader();
    await page.route('**/api/v1/**', (route) => route.abort());
    await open(link);
    await button('Try again').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.unroute('**/api/v1/**');
    await button('Try again').click();
    await page.route('**/api/v1/invitations/refusals', (route) => route.abort());
    await button(`Unsubscribe from ${acme.name}`).click();
    await page.getByRole('alert').filter({ hasText: "The server can't be reached." }).waitFor();
    expect(await refusals(link)).toEqual({ organisation: false, platform: false });
  });

  it.each([
    ['de', 'Gar nichts mehr von dieser Installation'],
    ['es', 'Nada más de toda esta instalación'],
    ['fr', 'Plus rien de toute cette installation'],
    ['ja', 'このサービスからのメールをすべて停止する'],
    ['ar', 'لا مزيد من الرسائل من هذه المنصة إطلاقًا'],
  ])('speaks %s, and fits 320 pixels', async (locale, words) => {
    const link = await invited();
    await reader(locale);
    await open(link);
    await button(words).click();
    await page.waitForFunction((before) => document.getElementById('platform-change')?.textContent !== before, words);
    expect(await overflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(await refusals(link)).toEqual({ organisation: false, platform: true });
  });
});
