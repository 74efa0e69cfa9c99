import type { Browser, Page, Route } from 'playwright-core';
import { overflow, violations } from './support/accessibility.js';
import { startApp, type TestApp } from './support/app.js';
import { describeInBrowser, openBrowser, openWindow, type Window, type WindowOptions } from './support/browser.js';
import {
  buildOrganisation,
  buildProject,
  buildUser,
  newAddress,
  type Organisation,
  PASSWORD,
  type Person,
  signInAdmin,
} from './support/factories.js';

describe('the language of a page', () => {
  let app: TestApp;
  let admin: Person;

  const ask = async (accepted: string, path = '/join') => {
    const { status, headers, body } = await app.root.get(path, { headers: { 'Accept-Language': accepted } });
    const html = String(body);
    const [, lang, direction] = /<html lang="([\w-]+)" dir="(\w+)">/.exec(html) ?? [];
    return { status, headers, lang, direction, formats: /"formats":"([\w-]+)"/.exec(html)?.[1] };
  };

  beforeAll(async () => {
    app = await startApp({ CORS_ORIGINS: 'https://dashboard.test' });
    admin = await signInAdmin(app);
    await app.api.patch('/platform', { defaultLocale: 'es' }, { as: admin });
  });
  afterAll(() => app.stop());

  it.each([
    ['the one that is asked for', 'de', 'de', 'de-DE'],
    ['the favourite, not the first', 'en;q=0.5,ja', 'ja', 'ja-JP'],
    ['the next that there is, whose region is kept for dates', 'pt-BR,pt;q=0.9,de-CH;q=0.8,en;q=0.7', 'de', 'de-CH'],
    ['one that is not refused', 'fr;q=0,ar-EG;q=0.1', 'ar', 'ar-EG'],
    ['the platform’s, where any will do', '*', 'es', 'es-ES'],
    ['the platform’s, where there is none of those', 'pt-BR,pt;q=0.9', 'es', 'es-ES'],
    ['the platform’s, where the header makes no sense', ';;q=,--,de-"><script>', 'es', 'es-ES'],
    ['the platform’s, where the header is as long as it may be', 'x-y,'.repeat(3_000), 'es', 'es-ES'],
  ])('is %s', async (_words, accepted, lang, formats) => {
    for (const path of ['/join', '/reset']) {
      const answer = await ask(accepted, path);
      const direction = lang === 'ar' ? 'rtl' : 'ltr';
      expect(answer).toMatchObject({ status: 200, lang, formats, direction });
      expect(answer.headers.get('content-language')).toBe(lang);
    }
  });

  it('is named among what the answer depends on, beside the origin', async () => {
    const { headers } = await ask('de');
    expect(headers.get('vary')?.split(', ').sort()).toEqual(['Accept-Language', 'Origin']);
  });

  it('is the platform’s once that is changed, and English when the settings cannot be read', async () => {
    await app.api.patch('/platform', { defaultLocale: 'fr-CA' }, { as: admin });
    expect(await ask('pt')).toMatchObject({ lang: 'fr', formats: 'fr-CA' });
    await app.dataSource.query('ALTER TABLE platform RENAME TO platform_away');
    try {
      expect(await ask('pt')).toMatchObject({ status: 200, lang: 'en' });
      expect(await ask('ja')).toMatchObject({ status: 200, lang: 'ja' });
    } finally {
      await app.dataSource.query('ALTER TABLE platform_away RENAME TO platform');
    }
  });
});

describeInBrowser('pages in other languages', () => {
  let app: TestApp;
  let browser: Browser;
  let owner: Person;
  let acme: Organisation;
  let window: Window;
  let page: Page;

  const reader = async (options: WindowOptions) => {
    window = await openWindow(browser, { width: 320, ...options });
    page = window.page;
  };
  const invite = async (fields: object = {}, organisation = acme) => {
    const invitation = { email: newAddress('kim'), role: 'MEMBER', ...fields };
    const { body } = await app.api.post(`/organisations/${organisation.id}/invitations`, invitation, { as: owner });
    return { id: body.id as string, email: body.email as string, token: await app.inbox.token(body.email as string) };
  };
  const open = async (token: string, path = '/join') => {
    await page.goto('about:blank');
    await page.goto(`${app.root.baseUrl}${path}#token=${token}`);
  };
  const heading = (text: string) => page.getByRole('heading', { level: 1, name: text }).waitFor();
  const alert = (text: string) => page.getByRole('alert').filter({ hasText: text }).waitFor();
  const answer = (path: string, status: number, code: string) =>
    page.route(`**/api/v1${path}`, (route: Route) =>
      route.fulfill({ status, json: { status, code, detail: 'Words for developers' } }),
    );

  beforeAll(async () => {
    app = await startApp();
    browser = await openBrowser();
    owner = await signInAdmin(app);
    acme = await buildOrganisation(app, owner, 'Acme & Söhne');
  });
  afterEach(() => window.context.close());
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  it('lets a German reader in, from the mail to the welcome', async () => {
    await reader({ locale: 'de-AT', timezoneId: 'Europe/Vienna' });
    const website = await buildProject(app, owner, acme, { name: 'Website' });
    const projects = [{ projectId: website.id, role: 'EDITOR' }];
    const { email } = await invite({ locale: 'de', projects });
    const mail = await app.inbox.newest(email);
    expect(mail.subject).toContain('lädt Sie zu Acme & Söhne ein');
    await open(await app.inbox.token(email));
    await heading('root@usher.test lädt Sie zu Acme & Söhne ein');
    expect(await page.title()).toBe('root@usher.test lädt Sie zu Acme & Söhne ein');
    const text = await page.innerText('main');
    expect(text).toMatch(/Ihre Rolle\s+Mitglied\s+Projekte\s+Website \(Bearbeiter\)\s+Gültig bis/);
    expect(text).toMatch(/\d+\. \p{L}+ \d{4} um \d\d:\d\d (MEZ|MESZ)/u);
    await page.getByLabel('Vorname').fill('Kim');
    await page.getByRole('button', { name: 'Annehmen und beitreten' }).click();
    await alert('Bitte füllen Sie dieses Feld aus: Passwort.');
    for (const [password, words] of [
      ['kurz', 'Wählen Sie ein Passwort mit 8 bis 128 Zeichen.'],
      ['password1', 'Dieses Passwort gehört zu den häufigsten.'],
      [email, 'Dieses Passwort ist Ihre Adresse oder der Name der Plattform.'],
    ]) {
      await page.getByRole('textbox', { name: 'Passwort' }).fill(password);
      await page.keyboard.press('Enter');
      await alert(words);
    }
    await page.getByLabel('Vorname').fill('www.example.com');
    await page.getByRole('textbox', { name: 'Passwort' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await alert('Schreiben Sie den Vornamen in eine Zeile');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('givenName');
    await page.getByLabel('Vorname').fill('Kim');
    await page.keyboard.press('Enter');
    await heading('Willkommen');
    expect(await page.innerText('#status')).toBe(
      'Sie sind jetzt Mitglied von Acme & Söhne. Sie können diese Seite schließen.',
    );
  });

  it('names no place where there is none but the platform', async () => {
    await reader({ locale: 'es' });
    const email = newAddress();
    await app.api.post('/platform/invitations', { email, platformRole: 'OPERATOR' }, { as: owner });
    await open(await app.inbox.token(email));
    await heading('root@usher.test le invita a esta plataforma');
    expect(await page.innerText('#role')).toBe('Operador');
    await page.getByRole('textbox', { name: 'Contraseña' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await heading('Le damos la bienvenida');
    expect(await page.innerText('#status')).toBe('Ahora es miembro. Puede cerrar esta página.');
  });

  it('puts what the API refuses in the reader’s words, whatever it is', async () => {
    await reader({ locale: 'fr' });
    const person = await buildUser(app, owner);
    await invite({ email: person.email });
    await open(await app.inbox.token(person.email, 2));
    await heading('root@usher.test vous invite à rejoindre Acme & Söhne');
    await page.getByLabel('Adresse e-mail').fill('kim');
    await page.getByRole('textbox', { name: 'Mot de passe' }).fill('un mot de passe');
    await page.keyboard.press('Enter');
    await alert('Saisissez une seule adresse e-mail');
    await page.getByLabel('Adresse e-mail').fill(person.email);
    await page.getByRole('button', { name: 'Se connecter et accepter' }).click();
    await alert('L’adresse ou le mot de passe est incorrect.');
    for (const [status, code, words] of [
      [429, 'too_many_attempts', 'Il y a eu trop d’essais.'],
      [503, 'busy', 'Trop de personnes se connectent'],
      [503, 'database_unavailable', 'C’est impossible pour le moment.'],
      [418, 'constructor', 'Un problème est survenu.'],
    ] as const) {
      await answer('/auth/sign-in', status, code);
      await page.getByRole('button', { name: 'Se connecter et accepter' }).click();
      await alert(words);
    }
    for (const [path, button] of [
      ['/invitations/decline', 'Refuser'],
      ['/auth/password-resets', 'J’ai oublié mon mot de passe'],
    ]) {
      await answer(path, 500, 'internal_error');
      await page.getByRole('button', { name: button }).click();
      await alert('Un problème est survenu.');
    }
    await page.route('**/api/v1/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Se connecter et accepter' }).click();
    await alert('Le serveur est injoignable.');
    await page.unrouteAll();
    await open('x'.repeat(201));
    await page.getByText('Ce lien est incomplet.').waitFor();
  });

  it.each([
    ['<script>document.title = 1</script>', 'Hostile role'],
    ['{{token}} {{place}} {{inviter}}', '{{project}}'],
    ['$t(pages.join.title) $& $1', 'constructor'],
    ['شركة الأفق', 'محاسب'],
  ])('shows %s as text wherever people may have typed it', async (name, role) => {
    await reader({ locale: 'en-GB' });
    const organisation = await buildOrganisation(app, owner, name);
    const inviter = await buildUser(app, owner, 'ADMIN');
    await app.api.patch('/me', { givenName: name }, { as: inviter });
    const own = { key: 'OWN', name: role, scope: 'PROJECT', permissions: ['project:read'] };
    const made = await app.api.post(`/organisations/${organisation.id}/roles`, own, { as: owner });
    expect(made.status).toBe(201);
    const project = await buildProject(app, owner, organisation, { name });
    const projects = [{ projectId: project.id, role: 'OWN' }];
    const email = newAddress();
    const invitation = { email, role: 'MEMBER', projects, message: name };
    await app.api.post(`/organisations/${organisation.id}/invitations`, invitation, { as: inviter });
    await open(await app.inbox.token(email));
    await page.locator('#invitation').waitFor();
    const shown = async (selector: string) =>
      (await page.locator(selector).textContent())?.replace(/[\u2068\u2069]/g, '');
    const isArabic = name.startsWith('ش');
    expect((await page.title()).includes(`\u2068${name}\u2069`)).toBe(isArabic);
    expect(await shown('h1')).toBe(`${name} Lee invited you to ${name}`);
    expect(await shown('#projects')).toBe(`${name} (${role})`);
    expect(await shown('#message')).toBe(name);
    expect(await page.locator('h1 *, #projects *, #message *').count()).toBe(0);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await heading("You're in");
    expect(await shown('#status')).toBe(`You're now a member of ${name}. You can close this page.`);
  });

  describe.each([
    { locale: 'ar', timezoneId: 'Asia/Riyadh', direction: 'rtl' },
    { locale: 'ja', timezoneId: 'Asia/Tokyo', direction: 'ltr' },
  ])('in $locale', ({ locale, timezoneId, direction }) => {
    /** Names and addresses, as people gave them; time zones have names of their own. */
    const AS_GIVEN = /Acme & Söhne|[\w•.-]+@[\w.]+|Website|JST|GMT|UTC/g;

    /** Waits for the state, then looks at it: only words of the language, nothing cut off, fit for everybody, in light and in dark. */
    const looksRight = async (state: string) => {
      await page.locator(state).waitFor();
      const said = `${await page.title()}\n${await page.innerText('body')}`;
      expect(said.replace(AS_GIVEN, '')).not.toMatch(/[a-z]/i);
      expect(await overflow(page)).toBe(0);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page)).toEqual([]);
      }
    };
    const submit = (form: string) => page.locator(`#${form} [type=submit]`).click();

    beforeEach(() => reader({ locale, timezoneId }));

    it('shows each state of an invitation to a newcomer', async () => {
      const website = await buildProject(app, owner, acme, { name: 'Website' });
      const fields = { projects: [{ projectId: website.id, role: 'EDITOR' }] };
      const { token } = await invite(fields);
      await open(token);
      await looksRight('#newcomer');
      expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe(direction);
      expect(await page.evaluate(() => getComputedStyle(document.getElementById('newPassword')!).direction)).toBe(
        'ltr',
      );
      await page.locator('#newPassword').fill('password1');
      await submit('newcomer');
      await looksRight('#newcomer .wrong');
      await page.locator('#newPassword').fill(PASSWORD);
      await submit('newcomer');
      await looksRight('main:not(:has(form:not([hidden])))');
      await open(token);
      await looksRight('#closed');
      await page.locator('#renew').click();
      await looksRight('main:not(:has(section:not([hidden])))');
    });

    it('shows each state of an invitation to a person with an account', async () => {
      const person = await buildUser(app, owner);
      const other = await buildUser(app, owner);
      await invite({ email: person.email });
      await open(await app.inbox.token(person.email, 2));
      await looksRight('#member');
      await page.locator('#forgot').click();
      await looksRight('#member .wrong');
      await page.locator('#signInEmail').fill(other.email);
      await page.locator('#signInPassword').fill(PASSWORD);
      await submit('member');
      await page.locator('#member .wrong', { hasText: 'p•••@example.com' }).waitFor();
      await looksRight('#member .wrong');
      await page.locator('#member [data-decline]').click();
      await looksRight('main:not(:has(form:not([hidden])))');
    });

    it('shows when there is nothing to show, and when that does not work', async () => {
      await page.goto(`${app.root.baseUrl}/join`);
      await looksRight('#status:not(:empty)');
      await page.route('**/api/v1/invitations/lookup', (route) => route.abort());
      await open('a-token');
      await looksRight('#retry');
    });

    it('sets a new password, and sends another link when it is closed', async () => {
      const person = await buildUser(app, owner);
      await app.api.post('/auth/password-resets', { email: person.email });
      const token = await app.inbox.token(person.email, 2);
      await open(token, '/reset');
      await looksRight('#password');
      await page.locator('#newPassword').fill('my second password');
      await submit('password');
      await looksRight('main:not(:has(form:not([hidden])))');
      await open(token, '/reset');
      await page.locator('#newPassword').fill('my third password');
      await submit('password');
      await looksRight('#request');
      await page.locator('#email').fill(person.email);
      await submit('request');
      await looksRight('main:not(:has(form:not([hidden])))');
    });
  });
});
