import type { Browser } from 'playwright-core';
import { simpleParser } from 'mailparser';
import { startApp, type TestApp } from './support/app.js';
import { describeInBrowser, openBrowser } from './support/browser.js';
import { everyMail, LINKS, LOGO, OPT_OUT, saying, SUPPORT } from './support/every-mail.js';
import {
  buildMember,
  buildOrganisation,
  buildProject,
  newAddress,
  type Person,
  signInAdmin,
} from './support/factories.js';
import type { ReceivedMail } from './support/inbox.js';

/** What people may be called, and what would do harm if it were more than text. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '</title></style><img src=x onerror=alert(1)>',
  '--><!-- <![CDATA[',
  '" onerror="alert(1)" x="',
  "' onload='alert(1)'",
  '&lt;b&gt; &amp; &#x3C;i&#x3E;',
  '{{token}} {{{action.url}}}',
  '{{#if action}}{{/if}} {{> x}}',
  '$t(mails.support) $& $1 ${1} %s',
  'javascript:alert(1)',
  'evil.example.com/login',
  'evil。example.com',
  '//evil.example.com\\login',
  'mailto:kim@evil.example.com',
  'kim@evil.example.com',
  'Acme" <kim@evil.example.com>, x@evil.example.com;',
  '=?utf-8?Q?=E2=80=AE_evil=2Eexample.com?=',
  '+49 170 1234567',
  '(030) 555-1234',
  'tel:01701234567',
  '٠١٧٠ ١٢٣٤٥٦٧',
  'أحمد',
  '🎉👩‍👩‍👧 ✉️',
  'W'.repeat(100),
  '漢'.repeat(100),
];

/** What would do harm even as text, and is refused wherever people type. */
const REFUSED = [
  'Acme\r\nBcc: all@example.com',
  'Acme\nMIME-Version: 1.0',
  'Acme\0',
  'https://evil.example.com',
  'www.evil.example.com',
  'Acme \u202Elive',
  'Acme \u2066live\u2069',
  'Acme \u200Flive',
  'evil\u2060.example',
  'Acme\u2028live',
];

const FACE = { logoUrl: LOGO, supportEmail: SUPPORT };
const TAME = everyMail(saying('Acme'), FACE);
const MARKS = /[\u2060\u2068\u2069]/g;
const TELEPHONE = /(\p{Nd}[ ()./-]*){7,}/u;

const titleOf = (typed: string): string => `${typed} invited you to ${typed}`;
const linksOf = (html: string): string[] => [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url);

/** What a mail program makes links of in a text. */
async function linkedIn(text: string): Promise<string[]> {
  const { textAsHtml } = await simpleParser(`Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`);
  return linksOf(textAsHtml ?? '');
}

it('links and telephone numbers would be found', async () => {
  expect(await linkedIn('at evil.example.com or kim@evil.example.com')).toHaveLength(2);
  expect(TELEPHONE.test('call (030) 555-1234')).toBe(true);
});

describe.each(HOSTILE)('in every mail, the name %j', (name) => {
  const mails = everyMail(saying(name), FACE);

  it('stays as it was typed, in subject and text', () => {
    const invitation = mails.find((mail) => mail.name === 'invitation in en');
    expect(invitation?.subject.replace(MARKS, '')).toBe(titleOf(name));
    expect(invitation?.text.replace(MARKS, '')).toContain(`You've been invited to join ${name} as ${name}.`);
    for (const { subject } of mails) expect(subject).not.toContain('=?');
  });

  it('makes no link that is not ours, and no telephone number', async () => {
    for (const { name: which, text, content, language } of mails) {
      const expected = [
        content.action && LINKS[content.action.path as keyof typeof LINKS],
        content.support && `mailto:${SUPPORT}`,
        content.optOut && OPT_OUT,
      ].filter(Boolean);
      expect({ which, links: await linkedIn(text) }).toEqual({ which, links: expected });
      expect({ which, language, number: TELEPHONE.exec(text)?.[0] }).toEqual({ which, language, number: undefined });
    }
  });
});

describeInBrowser('a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each(HOSTILE)(
    'finds in every mail the elements and attributes of a tame one, and the name %j as text',
    async (name) => {
      const page = await browser.newPage();
      const parse = (htmls: string[]) =>
        page.evaluate((all) => {
          const parser = new DOMParser();
          return all.map((html) => {
            const read = parser.parseFromString(html, 'text/html');
            const elements = [...read.querySelectorAll('*')].map((element) => {
              const own = [...element.attributes].filter((attribute) => attribute.name !== 'alt');
              return `${element.tagName} ${own.map((attribute) => `${attribute.name}=${attribute.value}`).join(' ')}`;
            });
            const alt = read.querySelector('img')?.getAttribute('alt') ?? null;
            return { elements, alt, text: read.body.textContent ?? '', title: read.title };
          });
        }, htmls);
      const hostile = await parse(everyMail(saying(name), FACE).map(({ html }) => html));
      const tame = await parse(TAME.map(({ html }) => html));
      expect(hostile.map(({ elements }) => elements)).toEqual(tame.map(({ elements }) => elements));
      for (const { alt } of hostile) expect([null, name]).toContain(alt?.replace(MARKS, '') ?? null);
      expect(hostile.map(({ title }) => title.replace(MARKS, ''))).toContain(titleOf(name));
      for (const { text } of hostile) expect(TELEPHONE.exec(text)).toBeNull();
      await page.close();
    },
  );
});

describe('over HTTP and SMTP', () => {
  let app: TestApp;
  let owner: Person;
  let acme: { id: string };
  let project: { id: string };
  let role: { id: string };

  const patch = async (path: string, body: object) => {
    const { status } = await app.api.patch(path, body, { as: owner });
    return status;
  };
  /** Everything that people can name is called so; answers the statuses. */
  const callEverything = (name: string) =>
    Promise.all([
      patch(`/organisations/${acme.id}`, { settings: { displayName: name } }),
      patch('/me', { givenName: name }),
      patch(`/projects/${project.id}`, { name }),
      patch(`/roles/${role.id}`, { name }),
    ]);
  const invite = (name: string, email: string) => {
    const projects = [{ projectId: project.id, role: 'VIEWER' }];
    const invitation = { email, role: role.id, projects, givenName: name, message: name };
    return app.api.post(`/organisations/${acme.id}/invitations`, invitation, { as: owner });
  };
  const received = async (name: string): Promise<ReceivedMail> => {
    const email = newAddress();
    expect((await invite(name, email)).status).toBe(201);
    return app.inbox.newest(email);
  };
  const headersOf = (mail: ReceivedMail) => mail.headerLines.map(({ key }) => key).sort();

  beforeAll(async () => {
    app = await startApp();
    const admin = await signInAdmin(app);
    const organisation = await buildOrganisation(app, admin);
    acme = organisation;
    owner = await buildMember(app, admin, organisation, { role: 'OWNER' });
    project = await buildProject(app, owner, organisation);
    const support = { key: 'SUPPORT', name: 'Support', scope: 'ORGANISATION', permissions: ['organisation:read'] };
    role = (await app.api.post(`/organisations/${acme.id}/roles`, support, { as: owner })).body;
  });
  afterAll(() => app.stop());

  it.each(HOSTILE)('the name %j changes no header', async (name) => {
    await callEverything('Acme');
    const tame = await received('Kim');
    expect(await callEverything(name)).toEqual([200, 200, 200, 200]);
    const mail = await received(name);
    expect(headersOf(mail)).toEqual(headersOf(tame));
    expect(mail.subject?.replace(MARKS, '')).toBe(`${name} Lee invited you to ${name}`);
    expect(mail.to).toMatchObject({ value: [{ address: mail.recipients[0] }] });
    expect(mail.from?.value).toEqual([{ name: 'Usher', address: 'usher@usher.test' }]);
    expect(mail.cc).toBeUndefined();
    expect(linksOf(mail.html as string)).toHaveLength(3);
  });

  it.each(REFUSED)('the name %j is refused everywhere', async (name) => {
    expect(await callEverything(name)).toEqual([400, 400, 400, 400]);
    expect((await invite(name, newAddress())).status).toBe(400);
  });
});
