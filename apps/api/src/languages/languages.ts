import { readdirSync, readFileSync } from 'node:fs';
import { createInstance } from 'i18next';
import { LRUCache } from 'lru-cache';
import Negotiator from 'negotiator';

/** What a file of `texts/` holds; its name is the language's tag. A new language is one more file. */
export interface Texts {
  /** Of the language, in the language. */
  name: string;
  direction: 'ltr' | 'rtl';
  /** BCP 47 tag by which dates, lists and numbers are written when no region is asked for. */
  formats: string;
  [group: string]: unknown;
}

const FOLDER = new URL('./texts/', import.meta.url);
const REFERENCE = 'en';
/** Browsers send a hundred characters; of more, only the beginning is read, as each tag costs time. */
const LONGEST_HEADER = 500;

/** Every language by its tag. */
export const TEXTS: ReadonlyMap<string, Texts> = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file.replace('.json', ''), read(file)]),
);

const translations = createInstance();
void translations.init({
  initAsync: false,
  lng: REFERENCE,
  fallbackLng: REFERENCE,
  resources: Object.fromEntries([...TEXTS].map(([tag, translation]) => [tag, { translation }])),
  interpolation: { escapeValue: false }, // HTML is escaped where it is made
});

/** The first of the wanted tags that there are texts for, without its region if need be (`de-AT` is served by `de`); English if there is none. */
export function languageFor(...wanted: (string | null | undefined)[]): Language {
  const tags = wanted.filter((tag) => typeof tag === 'string');
  for (const tag of tags) {
    const known = KEPT.get(tag) ?? made(tag);
    if (known) return known;
  }
  return languageFor(REFERENCE);
}

/** The reader's favourite among the languages that there are, by their browser's `Accept-Language`; null if there is none of it. */
export function acceptedLanguage(header: string | undefined): string | null {
  if (!header) return null;
  const read = header.slice(0, LONGEST_HEADER);
  const accepted = new Negotiator({ headers: { 'accept-language': read } }).languages();
  return accepted.find((tag) => knownTag(tag) !== null) ?? null;
}

const MOMENT = {
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
} as const;

/** Words, dates and lists in one language. Making one takes longer than writing a mail in it. */
export class Language {
  readonly texts: Texts;
  /** BCP 47 tag by which dates and lists are written, with the region that was asked for. */
  readonly formats: string;
  private readonly dates: Intl.DateTimeFormat;
  private readonly lists: Intl.ListFormat;

  constructor(
    readonly tag: string,
    wanted: string,
  ) {
    this.texts = TEXTS.get(tag) as Texts; // as: callers ask for known tags
    this.formats = wanted === tag ? this.texts.formats : wanted;
    this.dates = new Intl.DateTimeFormat(this.formats, MOMENT);
    this.lists = new Intl.ListFormat(this.formats, { type: 'conjunction' });
  }

  get direction(): Texts['direction'] {
    return this.texts.direction;
  }

  /** The text under `key`; `count` chooses the plural form. What stands in values is never read as a placeholder. */
  say(key: string, values: Record<string, string | number> = {}): string {
    const replace = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.isolated(value)]));
    const { count } = values;
    const plural = typeof count === 'number' ? { count } : {};
    return translations.t(key, { ...plural, lng: this.tag, replace: { ...replace, ...plural }, nest: false });
  }

  /** Built-in roles are translated; an organisation's own are called as it calls them. */
  role(name: string): string {
    const known = this.texts.roles as Record<string, string>; // as: the test of complete texts checks it
    return Object.hasOwn(known, name) ? known[name] : name;
  }

  /** Day, time and time zone, UTC. */
  moment(at: Date): string {
    return this.dates.format(at);
  }

  /** `a, b and c`. */
  list(items: string[]): string {
    return this.lists.format(items.map((item) => this.isolated(item)));
  }

  /** Names of the other direction keep their place in the sentence, and cannot turn it round. */
  private isolated<Value extends string | number>(value: Value): Value | string {
    if (typeof value !== 'string' || value.includes(ISOLATE)) return value;
    const isForeign = this.direction === 'rtl' ? LEFT_TO_RIGHT.test(value) : RIGHT_TO_LEFT.test(value);
    return isForeign ? `${ISOLATE}${value}${END_OF_ISOLATE}` : value;
  }
}

const ISOLATE = '\u2068';
const END_OF_ISOLATE = '\u2069';
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const LEFT_TO_RIGHT =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** By the tag that was asked for. Tags are people's own words, and there is no end of them: those in use are kept. */
const KEPT = new LRUCache<string, Language>({ max: 500 });

function made(wanted: string): Language | null {
  const known = knownTag(wanted);
  if (!known) return null;
  const language = new Language(known, wanted);
  KEPT.set(wanted, language);
  return language;
}

function knownTag(wanted: string): string | null {
  if (!isWellFormed(wanted)) return null;
  const { language, region } = new Intl.Locale(wanted);
  return [wanted, `${language}-${region}`, language].find((tag) => TEXTS.has(tag)) ?? null;
}

function isWellFormed(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function read(file: string): Texts {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Texts; // as: the test of complete texts checks them
}
