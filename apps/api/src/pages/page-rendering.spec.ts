import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { type Language, languageFor, TEXTS } from '../languages/languages.js';
import { type PageName, renderPage, TEMPLATES } from './page-rendering.js';

const PAGES = Object.keys(TEMPLATES) as PageName[];
const SHARED_SCRIPTS = ['page.js', 'words.js'];
/** Product names, and the example of an address. */
const SAME_EVERYWHERE = /JavaScript|kim@example\.com/g;

const source = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const scriptsOf = (page: string): string =>
  [`${page}.js`, ...SHARED_SCRIPTS].map((file) => source(`./assets/${file}`)).join('\n');

function wordsOf(html: string): { texts: Record<string, unknown>; formats: string } {
  const json = /<script type="application\/json" id="words">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  return JSON.parse(json) as { texts: Record<string, unknown>; formats: string };
}

/** What people read of the page, without tags and data. */
const prose = (html: string): string => html.replace(/<script.*?<\/script>/gs, '').replace(/<[^>]*>/g, ' ');

/** All that stands in a text or in a group of them. */
const saidIn = (text: unknown): string =>
  typeof text === 'string'
    ? text
    : Object.values(text as object)
        .map(saidIn)
        .join('\n');

describe.each(PAGES)('the page %s', (page) => {
  it.each([...TEXTS.keys()])('is written in %s, and says so', (tag) => {
    const language = languageFor(tag);
    const html = renderPage(page, language);
    expect(html).toContain(`<html lang="${tag}" dir="${language.direction}">`);
    expect(html).toContain(`<title>${Handlebars.escapeExpression(String(wordsOf(html).texts.title))}</title>`);
  });

  it.each(['ar', 'ja'])('says nothing in %s that is not among the texts', (tag) => {
    const html = renderPage(page, languageFor(tag));
    const said = prose(html) + saidIn(wordsOf(html).texts);
    expect(said.replace(/\{\{\w+\}\}/g, '').replace(SAME_EVERYWHERE, '')).not.toMatch(/[a-z]/i);
  });

  it('has every text that its script says, and none that is never said', () => {
    const { texts } = wordsOf(renderPage(page, languageFor('en')));
    const inScripts = [...scriptsOf(page).matchAll(/texts\.(\w+)/g)].map(([, key]) => key);
    expect(inScripts.filter((key) => !(key in texts))).toEqual([]);
    const written = source(`./templates/${page}.html.hbs`) + source('./templates/layout.html.hbs');
    const inTemplates = [...written.matchAll(/texts\.(\w+)/g)].map(([, key]) => key);
    const own = (TEXTS.get('en')?.pages as Record<string, object>)[page];
    expect(Object.keys(own).filter((key) => ![...inScripts, ...inTemplates].includes(key))).toEqual([]);
  });

  it('keeps its data from ending the element that holds it', () => {
    const language = languageFor('en');
    const hostile = { ...language, direction: language.direction, formats: '</script><b>' } as Language;
    const html = renderPage(page, hostile);
    expect(html).not.toContain('<b>');
    expect(wordsOf(html).formats).toBe('</script><b>');
  });
});
