// Takes the pictures of docs/images in a headless Chromium, from the build: npm run build && npm run pictures
import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { ADMIN, startThrowAwayServer } from './throw-away-server.mjs';

const FOLDER = 'docs/images';

const { address, stop } = await startThrowAwayServer();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
mkdirSync(FOLDER, { recursive: true });

const call = async (path, body, token, method = 'POST') => {
  const headers = { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(`${address}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  return response.json();
};

const picture = async (name, url, { width, height, prepare = async () => undefined }) => {
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 2 });
  await page.goto(url);
  await page.waitForLoadState('networkidle');
  await prepare(page);
  await page.screenshot({ path: `${FOLDER}/${name}.png` });
  await page.close();
  console.log(`${FOLDER}/${name}.png`);
};

try {
  const { token } = await call('/auth/sign-in', ADMIN);
  await call('/me', { givenName: 'Robin', familyName: 'Ray' }, token, 'PATCH');
  const acme = await call('/organisations', { name: 'Acme' }, token);
  const website = await call(`/organisations/${acme.id}/projects`, { name: 'Website' }, token);
  const invitation = {
    email: 'kim@example.com',
    role: 'MEMBER',
    projects: [{ projectId: website.id, role: 'EDITOR' }],
    message: 'Glad to have you with us!',
  };
  await call(`/organisations/${acme.id}/invitations`, invitation, token);
  await delay(1000);
  const mailbox = await fetch(`${address}/mailbox`, { headers: { Accept: 'application/json' } });
  const [mail] = (await mailbox.json()).data;
  const [, secret] = /#token=([\w-]+)/.exec(mail.text);

  await picture('mail', `${address}/mailbox/${mail.id}`, { width: 420, height: 640 });
  await picture('join-page', `${address}/join#token=${secret}`, {
    width: 420,
    height: 900,
    prepare: (page) => page.getByRole('button', { name: 'Accept and join' }).waitFor(),
  });
  await picture('swagger-ui', `${address}/docs`, {
    width: 1100,
    height: 1100,
    prepare: async (page) => {
      await page.locator('#operations-tag-invitations').click();
      await page.locator('.opblock').first().waitFor();
      await page.evaluate('scrollTo(0, 0)');
    },
  });
} finally {
  await browser.close();
  await stop();
}
