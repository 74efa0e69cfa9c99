import { acceptedLanguage, languageFor, type Texts, TEXTS } from './languages.js';

const PLURAL = /_(zero|one|two|few|many|other)$/;
const PLACEHOLDER = /\{\{\w+\}\}/g;

/** Every text by its path, such as `mails.invitation.heading`. */
function flat(texts: object, path = ''): Map<string, string> {
  const entries = Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as const] : [...flat(value as object, `${path}${key}.`)],
  );
  return new Map(entries);
}

const english = flat(TEXTS.get('en') as Texts);

/** The keys that a language needs: of each counted text one for each of its plural forms. */
function wantedKeys(tag: string): string[] {
  const forms = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
  const keys = [...english.keys()].flatMap((key) =>
    PLURAL.test(key) ? forms.map((form) => key.replace(PLURAL, `_${form}`)) : [key],
  );
  return [...new Set(keys)].sort();
}

const placeholders = (text: string): string[] => [...new Set(text.match(PLACEHOLDER) ?? [])].sort();

describe('languages', () => {
  it('has the six that are promised', () => {
    expect([...TEXTS.keys()].sort()).toEqual(['ar', 'de', 'en', 'es', 'fr', 'ja']);
  });

  describe.each([...TEXTS])('%s', (tag, texts) => {
    const own = flat(texts);

    it('has every text, in every plural form of the language, and no other', () => {
      expect([...own.keys()].sort()).toEqual(wantedKeys(tag));
    });

    it('says something everywhere, with the placeholders of the English text', () => {
      for (const [key, text] of own) {
        expect(text.trim()).not.toBe('');
        const inEnglish = english.get(key) ?? english.get(key.replace(PLURAL, '_other')) ?? '';
        // Words such as "one minute" may stand for the number.
        const spoken = placeholders(text).concat(PLURAL.test(key) ? ['{{count}}'] : []);
        expect({ key, placeholders: [...new Set(spoken)].sort() }).toEqual({
          key,
          placeholders: placeholders(inEnglish),
        });
      }
    });

    it('writes dates in a form that its readers know, with the time zone', () => {
      const written = languageFor(tag).moment(new Date('2026-11-20T14:05:00Z'));
      expect(written).toMatch(/UTC|غرينتش/);
      expect(Intl.getCanonicalLocales(texts.formats)).toHaveLength(1);
    });
  });

  it('counts by the rules of the language', () => {
    const minutes = (tag: string, count: number) => languageFor(tag).say('mails.passwordReset.validity', { count });
    expect(minutes('en', 1)).toContain('1 minute.');
    expect(minutes('en', 30)).toContain('30 minutes.');
    expect(minutes('ar', 2)).toContain('دقيقتين');
    expect(minutes('ar', 5)).toContain('5 دقائق');
  });

  it('serves a region by its language, keeps the region for dates, and falls back to what is wanted next', () => {
    const at = new Date('2026-11-20T14:05:00Z');
    expect(languageFor('de-AT').tag).toBe('de');
    expect(languageFor('en-US').moment(at)).toBe('November 20, 2026 at 02:05 PM UTC');
    expect(languageFor('en').moment(at)).toBe('20 November 2026 at 14:05 UTC');
    expect(languageFor('pt-BR', 'fr').tag).toBe('fr');
    expect(languageFor('xx', null, undefined).tag).toBe('en');
    expect(languageFor('en-aaaaaaaaa', 'es').tag).toBe('es');
  });

  it('finds the reader’s favourite among what browsers send', () => {
    expect(acceptedLanguage('pt-BR,pt;q=0.9,de-CH;q=0.8,en;q=0.7')).toBe('de-CH');
    expect(acceptedLanguage('en;q=0.5,ja')).toBe('ja');
    expect(acceptedLanguage('fr;q=0,*')).toBeNull();
    expect(acceptedLanguage('pt')).toBeNull();
    expect(acceptedLanguage(undefined)).toBeNull();
    expect(acceptedLanguage(';;q=,\u0000')).toBeNull();
    expect(acceptedLanguage(`${'x-y,'.repeat(1_000)}de`)).toBeNull();
    expect(acceptedLanguage(`de,${'x-y,'.repeat(1_000)}`)).toBe('de');
  });

  it('never reads what people typed as a placeholder', () => {
    const hostile = '{{place}} $t(mails.fallback) {{token}}';
    const heading = languageFor('en').say('mails.invitation.headingFrom', { inviter: hostile, place: 'Acme' });
    expect(heading).toBe(`${hostile} invited you to Acme`);
  });

  it('keeps names of the other direction in their place', () => {
    const inEnglish = languageFor('en').say('mails.invitation.heading', { place: 'شركة' });
    expect(inEnglish).toBe("You've been invited to \u2068شركة\u2069");
    expect(languageFor('ar').say('mails.invitation.heading', { place: 'Acme' })).toContain('\u2068Acme\u2069');
    expect(languageFor('en').list(['a', 'b', 'c'])).toBe('a, b and c');
  });

  it('translates the built-in roles, and leaves own ones as they are called', () => {
    expect(languageFor('de').role('Member')).toBe('Mitglied');
    expect(languageFor('de').role('Kassenwart')).toBe('Kassenwart');
    expect(languageFor('de').role('constructor')).toBe('constructor');
  });
});
