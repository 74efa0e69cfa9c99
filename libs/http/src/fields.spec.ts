import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { EmailAddress } from './email-address.js';
import { Optional, PlainLines, PlainText } from './fields.js';

class Form {
  @Optional()
  @EmailAddress()
  email?: unknown;

  @Optional()
  @PlainText(10, 2)
  name?: unknown;

  @Optional()
  @PlainLines(10)
  message?: unknown;
}

const read = (fields: object): { form: Form; isValid: boolean } => {
  const form = plainToInstance(Form, fields);
  return { form, isValid: validateSync(form).length === 0 };
};

const same = (text: string): [string, string] => [text, text];
const flagOf = (region: string): string =>
  `\u{1F3F4}${[...region].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}\u{E007F}`;

describe('an address', () => {
  it.each([
    ['kim@example.com', 'kim@example.com'],
    [' Kim.Lee+Tag@Example.COM ', 'kim.lee+tag@example.com'],
    ["o'hara_%x@sub.example.co.uk", "o'hara_%x@sub.example.co.uk"],
    ['kim@xn--bcher-kva.example', 'kim@xn--bcher-kva.example'],
    ['kim@b\u00FCcher.example', 'kim@xn--bcher-kva.example'],
    ['kim@B\u00DCCHER.Example', 'kim@xn--bcher-kva.example'],
    ['kim@bu\u0308cher.example', 'kim@xn--bcher-kva.example'],
    ['kim@stra\u00DFe.example', 'kim@xn--strae-oqa.example'],
    ['kim@example.com\u00A0', 'kim@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('is taken: %j', (given, kept) => {
    expect(read({ email: given })).toMatchObject({ isValid: true, form: { email: kept } });
  });

  it.each([
    'k\u0131m@example.com',
    '\u212Aim@example.com',
    'mi\u017Fs@example.com',
    '\uFF4Bim@example.com',
    'kim@\uFF45xample.com',
    'kim\u200B@example.com',
    'kim\u00AD@example.com',
    'kim@b\u00FC\u200Bcher.example',
    'kim@\u212Aelvin.example',
    'k\u00FCm@b\u00FCcher.example',
    `kim@${'b\u00FC.'.repeat(60)}example`,
    'a@x.co, b@y.co',
    'a@x.co b@y.co',
    'a@x.co;b@y.co',
    'a@x.co\r\nb@y.co',
    '"a b"@x.co',
    'Kim <kim@example.com>',
    '<kim@example.com>',
    'kim@[127.0.0.1]',
    'kim@localhost',
    'kim@@example.com',
    '.kim@example.com',
    'kim..lee@example.com',
    'kim@example..com',
    'kim@-example.com',
    `${'a'.repeat(65)}@example.com`,
    '',
    null,
    5,
    ['kim@example.com'],
    { toString: () => 'kim@example.com' },
  ])('is refused: %j', (email) => {
    expect(read({ email }).isValid).toBe(false);
  });
});

it.each([
  ['kim@example.com\u200B', 'email holds the invisible character U+200B behind the address. Remove it'],
  ['\u200Ekim@example.com', 'email holds the invisible character U+200E in front of the address. Remove it'],
  ['kim@exam\u00ADple.com', 'email holds the invisible character U+00AD in the address. Remove it'],
  ['k\u0131m@example.com', 'email holds \u0131 (U+0131); before the @ only ASCII characters are taken'],
  ['kim', 'email must be one plain e-mail address such as kim@example.com'],
])('what is wrong with the address %j is named', (email, detail) => {
  const [error] = validateSync(plainToInstance(Form, { email }));
  expect(error.constraints).toEqual({ isEmailAddress: detail });
});

describe('lines of text', () => {
  it.each([
    ['a\r\nb\rc\nd', 'a\nb\nc\nd'],
    ['\na\n\n\n\nb\n', 'a\n\nb'],
  ])('are taken: %j', (message, kept) => {
    expect(read({ message })).toMatchObject({ isValid: true, form: { message: kept } });
  });

  it.each(['a\u2028b', 'a\u202E\nb', 'a\n//\u0000', 'a\nftp://x', '\n', 'x\n'.repeat(6), 7])(
    'are refused: %j',
    (message) => {
      expect(read({ message }).isValid).toBe(false);
    },
  );
});

describe('one line of text', () => {
  it.each([
    ['Kim', 'Kim'],
    ['  Kim  ', 'Kim'],
    ["O'Hara-Lee", "O'Hara-Lee"],
    ['K\u00F6nig', 'K\u00F6nig'],
    ['\u7530\u4E2D', '\u7530\u4E2D'],
    ['\u0645\u0631\u064A\u0645', '\u0645\u0631\u064A\u0645'],
    ['x'.repeat(10), 'x'.repeat(10)],
    ['\u{1F600}'.repeat(10), '\u{1F600}'.repeat(10)],
    ['<b>Kim</b>', '<b>Kim</b>'],
    ...['42', '?!', '\u2764\uFE0F\u2764\uFE0F', '\u{1F468}\u200D\u{1F469}', 'e\u0301a', '\u0915\u094D', 'a\u2800b'].map(
      same,
    ),
    ...['gbeng', 'gbsct', 'gbwls'].map((region) => same(`${flagOf(region)} x`)),
  ])('is taken: %j', (given, kept) => {
    expect(read({ name: given })).toMatchObject({ isValid: true, form: { name: kept } });
  });

  it.each([
    'x',
    ' x ',
    'x'.repeat(11),
    '',
    'a\r\nb',
    'a\nb',
    'a\u2028b',
    'a\u0085b',
    'a\tb',
    'a\u0000b',
    'a\u200Bb',
    'a\u202Eb',
    'a\u2066b',
    'a\u061Cb',
    'a\uFEFFb',
    'http://x',
    'a HTTPS://x',
    'ftp://x',
    'www.x.co',
    '\u2800\u2800',
    '\uFFFC\uFFFC',
    '\u200D\u200D',
    '\u0301\u0301',
    '\uFE0F\u034F',
    '\u{1D159}\u{1D159}',
    flagOf('ustx'),
    flagOf('gbeng').replace('\u{1F3F4}', 'x'),
    'a WWW.x.co',
    null,
    7,
    ['Kim'],
    {},
  ])('is refused: %j', (name) => {
    expect(read({ name }).isValid).toBe(false);
  });
});

it('a field that may be left out may not be null', () => {
  expect(read({}).isValid).toBe(true);
  expect(read({ name: undefined }).isValid).toBe(true);
  expect(read({ name: null }).isValid).toBe(false);
});
