import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate } from 'html-validate';
import type { Browser } from 'playwright-core';
import { describeInBrowser, openBrowser, openWindow } from './support/browser.js';
import { everyMail, LANGUAGES, LINKS, LOGO, OPT_OUT, saying, SUPPORT } from './support/every-mail.js';

const FACE = { logoUrl: LOGO, accentColour: '#0f766e', replyTo: 'office@acme.example', supportEmail: SUPPORT };
const TYPED = {
  organisation: 'Müller & Söhne <Co>',
  inviter: "Robin O'Neil",
  project: 'Website "2"',
  role: 'Editor',
  message: 'Glad = happy',
};
const MAILS = [
  ...everyMail(TYPED, FACE),
  ...everyMail(TYPED).map((mail) => ({ ...mail, name: `${mail.name}, plain` })),
];

/** Mail programs drop stylesheets or know none: looks stand in attributes and in `style`. */
const FOR_MAIL = { 'no-inline-style': 'off', 'no-deprecated-attr': 'off', 'prefer-tbody': 'off' } as const;
/** Its title is its subject, and no search engine reads it. */
const FOR_SUBJECTS = { 'long-title': 'off' } as const;
const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: { ...FOR_MAIL, ...FOR_SUBJECTS, 'doctype-style': ['error', { style: 'lowercase' }] },
});

async function faultsOf(html: string): Promise<string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`));
}

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#x3D': '=',
  '#x60': '`',
};
const decoded = (html: string): string =>
  html.replace(/&([\w#]+);/g, (entity, name: string) => ENTITIES[name] ?? entity);

/** What a reader of the HTML reads, block by block; a picture by its other text. */
function blocksOf(html: string): string[] {
  const blocks = [...html.matchAll(/<(h1|p|blockquote)\b[^>]*>(.*?)<\/\1>/gs)].map(([, , inside]) => inside);
  const pieces = blocks.flatMap((inside) => inside.replace(/<img[^>]* alt="([^"]*)"[^>]*>/g, '$1').split('<br>'));
  return pieces.map((piece) => decoded(piece.replace(/<[^>]+>/g, '')).trim());
}

describe('every mail', () => {
  it.each(MAILS)('is valid HTML: $name', async ({ html }) => {
    expect(await faultsOf(html)).toEqual([]);
  });

  it('would be found not to be', async () => {
    const { html } = MAILS[0];
    expect(await faultsOf(html.replace('</h1>', '</h2>'))).not.toEqual([]);
    expect(await faultsOf(html.replace(/ alt="[^"]*"/, ''))).not.toEqual([]);
  });

  it.each(MAILS)('says in its text all that its HTML says: $name', ({ html, text, content }) => {
    const blocks = blocksOf(html);
    expect(blocks.length).toBeGreaterThan(2);
    // In a text there is no button that might not work.
    const expected = blocks.filter((block) => block !== content.action?.fallback);
    for (const block of expected) expect(text).toContain(block);
  });

  it.each(MAILS)(
    'loads nothing but its logo, and leads nowhere but to its link, its support and its way out: $name',
    (mail) => {
      const { html, content } = mail;
      const loaded = [...html.matchAll(/(?:\bsrc|\bsrcset|\bbackground|\bposter)="([^"]*)"/g)].map(([, url]) => url);
      expect(loaded).toEqual(content.sender?.logoUrl ? [LOGO] : []);
      expect(html).not.toMatch(/url\(|@import|<(link|script|iframe|object|form|base)\b/i);
      const link = content.action && LINKS[content.action.path as keyof typeof LINKS];
      const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url);
      const support = content.support ? [`mailto:${SUPPORT}`] : [];
      expect(links).toEqual([...(link ? [link, link] : []), ...support, ...(content.optOut ? [OPT_OUT] : [])]);
    },
  );
});

const axe = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
const WIDE_LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="100"><path d="M0 0h2000v100H0z"/></svg>';

describeInBrowser('every mail, as it is seen,', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    [320, false],
    [320, true],
    [600, false],
    [600, true],
  ])('fits %d pixels and can be read by all (dark: %s)', async (width, dark) => {
    const { page, context } = await openWindow(browser, { width, dark });
    await context.route(LOGO, (route) => route.fulfill({ contentType: 'image/svg+xml', body: WIDE_LOGO }));
    for (const { name, html } of [...everyMail(TYPED, FACE), ...everyMail(saying('W'.repeat(100)), FACE)]) {
      await page.setContent(html, { waitUntil: 'load' });
      const seen = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        logo: document.querySelector('img')?.clientHeight ?? 0,
        logoWidth: document.querySelector('img')?.clientWidth ?? 0,
      }));
      expect({ name, width: seen.width }).toEqual({ name, width });
      expect(seen.logo).toBeLessThanOrEqual(64);
      expect(seen.logoWidth).toBeLessThanOrEqual(256);
    }
    for (const { name, html } of everyMail(TYPED, FACE, ['en', 'ar'])) {
      await page.setContent(html, { waitUntil: 'load' });
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const { axe: checker } = window as unknown as {
          axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        const { violations: found } = await checker.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] });
        return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
      });
      expect({ name, violations }).toEqual({ name, violations: [] });
    }
    await context.close();
  });

  it('begins where its language begins', async () => {
    const { page, context } = await openWindow(browser, { width: 600 });
    for (const { language, html } of everyMail(TYPED, FACE, LANGUAGES).filter(({ name }) => name.startsWith('added'))) {
      await page.setContent(html.replace('<html lang="ar" dir="rtl">', '<html>'));
      const isRight = await page.evaluate(() => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector('h1') as HTMLElement);
        const { left, right } = range.getBoundingClientRect();
        return left > innerWidth - right;
      });
      expect({ language, isRight }).toEqual({ language, isRight: language === 'ar' });
    }
    await context.close();
  });
});
