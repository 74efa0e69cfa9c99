import { readFileSync } from 'node:fs';

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const FILES = [
  'join.html',
  'reset.html',
  'mailbox.html',
  'page.js',
  'join.js',
  'reset.js',
  'mailbox.js',
  'style.css',
] as const;

export type PageAsset = { type: string; content: string };

/** The pages and what they need, read once; there is no way to ask for another file. */
export const PAGE_ASSETS: ReadonlyMap<string, PageAsset> = new Map(FILES.map((name) => [name, read(name)]));

function read(name: (typeof FILES)[number]): PageAsset {
  const extension = name.split('.')[1] as keyof typeof TYPES; // as: the names above end so
  return { type: TYPES[extension], content: readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8') };
}
