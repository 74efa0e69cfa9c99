import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';
import { PATIENCE } from './patience.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `describe` where there is a browser; elsewhere the tests are skipped with a reason. Where all checks run there must be one. */
export function describeInBrowser(name: string, tests: () => void): void {
  const isThere = existsSync(CHROMIUM);
  if (!isThere && process.env.CI) throw new Error(`There is no Chromium at ${CHROMIUM}, which the checks need`);
  if (!isThere)
    console.log(`Skipped "${name}": there is no Chromium at ${CHROMIUM}; CHROMIUM=/path/to/it names another.`);
  (isThere ? describe : describe.skip)(name, tests);
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: QUIET, timeout: PATIENCE });

/** A window of its own, with a record of every request that left it. */
export interface Window {
  page: Page;
  context: BrowserContext;
  requests: Request[];
}

export interface WindowOptions {
  width?: number;
  dark?: boolean;
  /** What the reader's browser asks for by `Accept-Language`. */
  locale?: string;
  /** Where the reader is, such as `Asia/Tokyo`. */
  timezoneId?: string;
}

export async function openWindow(
  browser: Browser,
  { width = 800, dark = false, ...reader }: WindowOptions = {},
): Promise<Window> {
  const viewport = { width, height: 900 };
  const context = await browser.newContext({ viewport, colorScheme: dark ? 'dark' : 'light', ...reader });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const requests: Request[] = [];
  page.on('request', (request) => requests.push(request));
  return { page, context, requests };
}
