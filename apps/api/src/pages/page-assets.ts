import { readdirSync, readFileSync } from 'node:fs';
import { StaticContent } from '@usher/http';

const FOLDER = new URL('./assets/', import.meta.url);
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** What the pages need; there is no way to ask for another file. */
export const PAGE_ASSETS: ReadonlyMap<string, StaticContent> = new Map(
  readdirSync(FOLDER).map((name) => [name, contentOf(name)]),
);

function contentOf(name: string): StaticContent {
  const [, extension] = name.split('.');
  return new StaticContent(TYPES[extension], () => readFileSync(new URL(name, FOLDER)));
}
