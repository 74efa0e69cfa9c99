import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('./assets/', import.meta.url);
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

export type PageAsset = { type: string; content: string };

/** What the pages need, read once; there is no way to ask for another file. */
export const PAGE_ASSETS: ReadonlyMap<string, PageAsset> = new Map(
  readdirSync(FOLDER).map((name) => [name, read(name)]),
);

function read(name: string): PageAsset {
  const [, extension] = name.split('.');
  return { type: TYPES[extension], content: readFileSync(new URL(name, FOLDER), 'utf8') };
}
