// Takes the pictures of an invitation's mail and its page, narrow and wide, light and dark: npm run pictures
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { ADMIN, startThrowAwayServer } from './throw-away-server.mjs';

const FOLDER = 'docs/images';
const LANGUAGES = ['en', 'ja', 'ar'];
const WIDTHS = [320, 600];
const SCHEMES = ['light', 'dark'];
const LOGOS = 'https://assets.example.com';
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="140" height="40" fill="#0f766e">
  <path d="M20 2 38 38H28L20 20 12 38H2Z"/><text x="48" y="31" font-family="sans-serif" font-size="30" font-weight="700">acme</text></svg>`;

for (const language of LANGUAGES) warnWithoutFont(language);
mkdirSync(FOLDER, { recursive: true });
const { address, stop } = await startThrowAwayServer();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});

try {
  const { organisation, token } = await prepare();
  for (const language of LANGUAGES) {
    const { html } = await call(
      `/organisations/${organisation}/mail-preview`,
      { template: 'invitation', locale: language },
      token,
    );
    await pictures(`mail-${language}`, (page) => page.setContent(html, { waitUntil: 'load' }));
  }
  const link = await linkOfInvitation(organisation, token);
  await pictures('join', async (page) => {
    await page.goto(link);
    await page.getByRole('button', { name: 'Accept and join' }).waitFor();
  });
} finally {
  await browser.close();
  await stop();
}

/** One for each width and scheme. */
async function pictures(name, open) {
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const path = `${FOLDER}/${name}-${width}-${colorScheme}.png`;
      const context = await browser.newContext({ viewport: { width, height: 400 }, colorScheme, locale: 'en' });
      await context.route(`${LOGOS}/**`, (route) => route.fulfill({ contentType: 'image/svg+xml', body: LOGO }));
      const page = await context.newPage();
      await open(page);
      await page.screenshot({ path, fullPage: true });
      await context.close();
      console.log(path);
    }
  }
}

async function prepare() {
  const { token } = await call('/auth/sign-in', ADMIN);
  await call('/me', { givenName: 'Robin', familyName: 'Doe' }, token, 'PATCH');
  await call('/platform', { logoOrigins: [LOGOS] }, token, 'PATCH');
  const { id } = await call('/organisations', { name: 'Acme' }, token);
  const settings = { logoUrl: `${LOGOS}/acme.png`, accentColour: '#0f766e', supportEmail: 'help@example.com' };
  await call(`/organisations/${id}`, { settings }, token, 'PATCH');
  return { organisation: id, token };
}

async function linkOfInvitation(organisation, token) {
  const invitation = { email: 'kim@example.com', role: 'MEMBER', message: 'Glad to have you with us!' };
  await call(`/organisations/${organisation}/invitations`, invitation, token);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await fetch(`${address}/mailbox`, { headers: { Accept: 'application/json' } });
    const [mail] = (await answer.json()).data;
    if (mail) return `${address}/join#token=${/#token=([\w-]+)/.exec(mail.text)[1]}`;
    await delay(100);
  }
  throw new Error('The invitation did not reach the mailbox');
}

async function call(path, body, token, method = 'POST') {
  const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(`${address}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.json();
}

function warnWithoutFont(language) {
  const advice = 'its pictures may show boxes. On Debian: apt-get install fonts-noto-core fonts-noto-cjk';
  try {
    const fonts = execFileSync('fc-list', [`:lang=${language}`], { encoding: 'utf8' });
    if (!fonts.trim()) console.warn(`There is no font for ${language} here: ${advice}`);
  } catch {
    console.warn(`Without fc-list it is not known whether there is a font for ${language}: ${advice}`);
  }
}
