import type { Browser } from 'playwright-core';
import { overflow, violations } from './support/accessibility.js';
import { startApp, type TestApp } from './support/app.js';
import { describeInBrowser, openBrowser, openWindow, type Window } from './support/browser.js';
import { eventually } from './support/eventually.js';
import {
  buildMember,
  buildOrganisation,
  buildUser,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signIn,
  signInAdmin,
} from './support/factories.js';

describeInBrowser('the page behind the link', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let acme: Organisation;
  let window: Window;

  const invite = async (fields: object = {}) => {
    const invitation = { email: newAddress('kim'), role: 'MEMBER', ...fields };
    const { body } = await app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
    const token = await app.inbox.token(body.email, app.inbox.to(body.email).length || 1);
    return { id: body.id as string, email: body.email as string, token };
  };
  const open = async (token: string, path = '/join') => {
    await window.page.goto(`${app.root.baseUrl}${path}#token=${token}`);
    await window.page.waitForFunction(() => !document.body.innerText.includes('Loading your invitation'));
  };
  const title = (text: string | RegExp) => window.page.getByRole('heading', { level: 1, name: text }).waitFor();
  const statusOf = async (id: string) => (await app.api.get(`/invitations/${id}`, { as: owner })).body.status as string;
  const looksRight = async () => expect(await violations(window.page)).toEqual([]);

  beforeAll(async () => {
    app = await startApp();
    browser = await openBrowser();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner, 'Acme & Söhne');
    await app.api.patch('/platform', { redirectOrigins: [app.root.baseUrl] }, { as: owner });
  });
  beforeEach(async () => {
    window = await openWindow(browser, { width: 320 });
  });
  afterEach(async () => {
    const origins = new Set(window.requests.map((request) => new URL(request.url()).origin));
    expect([...origins]).toEqual([app.root.baseUrl]);
    await window.context.close();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  it('lets a new person choose a password and come in', async () => {
    const { id, email, token } = await invite({ message: 'Glad you come' });
    await open(token);
    await title('root@usher.test invited you to Acme & Söhne');
    const text = await window.page.innerText('main');
    for (const shown of ['Glad you come', 'k•••@example.com', 'Member', 'Nothing happens until you accept.'])
      expect(text).toContain(shown);
    expect(text).not.toContain(email);
    await looksRight();
    await window.page.getByLabel('Given name').fill('Kim');
    await window.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await window.page.getByRole('button', { name: 'Accept and join' }).click();
    await title("You're in");
    await looksRight();
    expect(await statusOf(id)).toBe('ACCEPTED');
    await expect(signIn(app, email)).resolves.toBeDefined();
  });

  it('names the field that is wrong, and moves there', async () => {
    const { token } = await invite();
    await open(token);
    await window.page.getByRole('textbox', { name: 'Password' }).fill('short');
    await window.page.getByRole('button', { name: 'Accept and join' }).click();
    await window.page.getByRole('alert').filter({ hasText: '8 to 128 characters' }).waitFor();
    expect(await window.page.evaluate(() => document.activeElement?.id)).toBe('newPassword');
    await looksRight();
    await window.page.getByRole('textbox', { name: 'Password' }).fill('password1');
    await window.page.getByRole('button', { name: 'Accept and join' }).click();
    await window.page.getByRole('alert').filter({ hasText: 'This password is among the most common' }).waitFor();
  });

  it('lets somebody with an account sign in and accept, and leaves no session behind', async () => {
    const person = await buildUser(app, owner);
    const { id } = await invite({ email: person.email });
    await open(await app.inbox.token(person.email, 2));
    await title(/invited you to/);
    await looksRight();
    await window.page.getByLabel('E-mail address').fill(person.email);
    await window.page.getByRole('textbox', { name: 'Password' }).fill('wrong password');
    await window.page.keyboard.press('Enter');
    await window.page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    await window.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await window.page.keyboard.press('Enter');
    await title("You're in");
    expect(await statusOf(id)).toBe('ACCEPTED');
    const sessions = await app.dataSource.query('SELECT 1 FROM sessions WHERE user_id = $1', [person.id]);
    expect(sessions).toHaveLength(1);
  });

  it('tells who signed in with another account which one is meant', async () => {
    const person = await buildUser(app, owner);
    const other = await buildUser(app, owner);
    const { id } = await invite({ email: person.email });
    await open(await app.inbox.token(person.email, 2));
    await window.page.getByLabel('E-mail address').fill(other.email);
    await window.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await window.page.getByRole('button', { name: 'Sign in and accept' }).click();
    const alert = window.page.getByRole('alert').filter({ hasText: 'Sign in with the other address' });
    await alert.waitFor();
    expect(await alert.innerText()).toContain('p•••@example.com');
    await looksRight();
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('declines at the press of a button', async () => {
    const { id, token } = await invite();
    await open(token);
    await window.page.getByRole('button', { name: 'Decline' }).click();
    await title('You declined the invitation');
    await looksRight();
    expect(await statusOf(id)).toBe('DECLINED');
  });

  it('passes a closed link on to who answers for it', async () => {
    const admin = await buildMember(app, owner, acme, { role: 'ADMIN' });
    const { body } = await app.api.post(
      `/organisations/${acme.id}/invitations`,
      { email: newAddress('late'), role: 'MEMBER' },
      { as: admin },
    );
    const token = await app.inbox.token(body.email);
    await app.dataSource.query('UPDATE invitations SET expires_at = now() WHERE id = $1', [body.id]);
    await open(token);
    await title('This invitation is no longer valid');
    await looksRight();
    await window.page.getByRole('button', { name: 'Ask for a new link' }).click();
    await title('Request sent');
    await looksRight();
    const mail = await app.inbox.newest(admin.email, 2);
    expect(mail.subject).toContain(body.email);
  });

  it('accepts nothing as long as nothing is pressed', async () => {
    const { id, token } = await invite();
    await open(token);
    await title(/invited you to/);
    await window.page.reload();
    await title('Your invitation');
    expect(await window.page.innerText('main')).toContain('Open it again from your e-mail');
    expect(await statusOf(id)).toBe('PENDING');
  });

  it('keeps the secret out of the address bar, the history, request lines and referrers', async () => {
    const { token } = await invite();
    await open(token);
    await title(/invited you to/);
    expect(window.page.url()).toBe(`${app.root.baseUrl}/join`);
    for (const request of window.requests) {
      const headers = await request.allHeaders();
      const line = new URL(request.url());
      expect(`${line.pathname}${line.search}`).not.toContain(token);
      expect(headers.referer ?? '').not.toContain(token);
    }
    const stored = await window.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(stored).not.toContain(token);
  });

  it('shows what people typed as text, never as HTML', async () => {
    const markup = '<img src=x onerror="document.title=1"><b>Acme</b>';
    const { id } = await buildOrganisation(app, owner, markup);
    const { status, body } = await app.api.post(
      `/organisations/${id}/invitations`,
      { email: newAddress(), role: 'MEMBER', message: markup },
      { as: owner },
    );
    expect(status).toBe(201);
    await open(await app.inbox.token(body.email as string));
    await title(/invited you to <img/);
    expect(await window.page.innerText('#message')).toBe(markup);
    expect(await window.page.locator('img, b, h1 *').count()).toBe(0);
  });

  it('goes on to where the inviter wants', async () => {
    const { token } = await invite({ redirectUrl: `${app.root.baseUrl}/healthz?from=usher` });
    await open(token);
    await window.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await window.page.getByRole('button', { name: 'Accept and join' }).click();
    await window.page.waitForURL('**/healthz?from=usher');
  });

  it('works at 320 pixels and by keyboard, in light and in dark', async () => {
    const { id, token } = await invite();
    await open(token);
    await title(/invited you to/);
    expect(await overflow(window.page)).toBe(0);
    const dark = await openWindow(browser, { width: 320, dark: true });
    await dark.page.goto(`${app.root.baseUrl}/join#token=${token}`);
    await dark.page.getByRole('heading', { level: 1, name: /invited you to/ }).waitFor();
    expect(await violations(dark.page)).toEqual([]);
    await dark.context.close();
    await window.page.keyboard.press('Tab');
    await window.page.keyboard.press('Tab');
    await window.page.keyboard.press('Tab');
    await window.page.keyboard.type(PASSWORD);
    await window.page.keyboard.press('Enter');
    await title("You're in");
    expect(await statusOf(id)).toBe('ACCEPTED');
  });

  it('sets a new password with the link of a mail, and sends another when it is closed', async () => {
    const person = await buildUser(app, owner);
    await app.api.post('/auth/password-resets', { email: person.email });
    const token = await app.inbox.token(person.email, 2);
    await open(token, '/reset');
    await looksRight();
    await window.page.getByLabel('New password').fill('my second password');
    await window.page.getByRole('button', { name: 'Set password' }).click();
    await title('Your password is set');
    await looksRight();
    await expect(signIn(app, person.email, 'my second password')).resolves.toBeDefined();

    await window.page.goto('about:blank');
    window.requests.length = 0;
    await open(token, '/reset');
    await window.page.getByLabel('New password').fill('my third password');
    await window.page.getByRole('button', { name: 'Set password' }).click();
    await title('This link is no longer valid');
    await looksRight();
    await window.page.getByLabel('E-mail address').fill(person.email);
    await window.page.getByRole('button', { name: 'Send me a new link' }).click();
    await title('Check your e-mail');
    await app.inbox.newest(person.email, 3);
  });

  it('is served with a strict policy and is never stored', async () => {
    for (const path of ['/join', '/reset', '/join?utm_source=mail']) {
      const { status, headers } = await app.root.get(path);
      expect(status).toBe(200);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect((await app.root.get('/pages/..%2f..%2fmain.js')).status).toBe(404);
    await window.page.goto(`${app.root.baseUrl}/join`);
  });
});

describeInBrowser('the mailbox', () => {
  it('shows what would have been sent, as sandboxed HTML and as text, and its link leads to the invitation', async () => {
    const app = await startApp({ SMTP_URL: '', MAIL_FROM: '', PORT: '0' });
    const browser = await openBrowser();
    const { page, requests } = await openWindow(browser);
    const admin = await signInAdmin(app);
    const acme = await buildOrganisation(app, admin);
    const email = newAddress();
    await page.goto(`${app.root.baseUrl}/mailbox`);
    await page.getByText('No mail yet.').waitFor();
    await app.api.post(`/organisations/${acme.id}/invitations`, { email, role: 'MEMBER' }, { as: admin });
    await eventually(async () => {
      const { body } = await app.root.get('/mailbox', { headers: { Accept: 'application/json' } });
      expect(body.data).toHaveLength(1);
    });
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('button', { name: /invited you to/ }).click();
    const frame = page.frameLocator('#html');
    await frame.getByRole('link', { name: 'View invitation' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Text' }).click();
    expect(await page.innerText('#text')).toContain('#token=');
    expect(new Set(requests.map((request) => new URL(request.url()).origin)).size).toBe(1);
    await browser.close();
    await app.stop();
  });

  it('is not there when mail leaves', async () => {
    const app = await startApp();
    for (const path of ['/mailbox', '/mailbox/019a0000-0000-7000-8000-000000000000'])
      expect((await app.root.get(path)).status).toBe(404);
    await app.stop();
  });
});
