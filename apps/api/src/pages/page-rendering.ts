import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { Language } from '../languages/languages.js';

const handlebars = Handlebars.create();
handlebars.registerPartial('layout', read('layout'));

/** The pages that are written in the reader's language. */
export const TEMPLATES = { join: compile('join'), reset: compile('reset'), 'opt-out': compile('opt-out') };

/** Languages whose names begin with the family's. */
const FAMILY_NAME_FIRST = ['ja'];

export type PageName = keyof typeof TEMPLATES;

/** The page in that language. Throws when a text is missing. */
export function renderPage(page: PageName, { tag, direction, formats, texts: { pages, roles } }: Language): string {
  const groups = pages as Record<string, object>; // as: the test of complete texts checks it
  const texts = { ...groups.every, ...groups[page] };
  const words = dataBlock({ texts, roles, formats });
  const isFamilyNameFirst = FAMILY_NAME_FIRST.includes(tag);
  return TEMPLATES[page]({ page, language: tag, direction, isFamilyNameFirst, texts, words });
}

/** JSON for a `<script>` that is data; nothing in it can end the element. */
const dataBlock = (data: object): Handlebars.SafeString =>
  new Handlebars.SafeString(JSON.stringify(data).replaceAll('<', '\\u003c'));

function compile(name: string): Handlebars.TemplateDelegate {
  return handlebars.compile(read(name), { strict: true });
}

function read(name: string): string {
  return readFileSync(new URL(`./templates/${name}.html.hbs`, import.meta.url), 'utf8');
}
