import { literal, unlinked } from './unlinked.js';

const visible = (text: string): string => text.replaceAll('\u2060', '|');

describe('text that people typed', () => {
  it.each([
    ['evil.example', 'evil.|example'],
    ['me@evil.example', 'me@|evil.|example'],
    ['https://evil.example', 'https:|/|/evil.|example'],
    ['//evil.example', '/|/evil.|example'],
    ['mailto:me@evil.example', 'mailto:|me@|evil.|example'],
    ['evil。example', 'evil。|example'],
    ['+49 170 1234567', '+49| 170| 123|456|7'],
    ['01701234567', '017|012|345|67'],
    ['(030) 555-1234', '(030|) 555|-123|4'],
    ['030/5551234', '030|/555|123|4'],
    ['٠١٧٠ ١٢٣٤٥٦٧', '٠١٧|٠| ١٢٣|٤٥٦|٧'],
    ['1.800.555.1234', '1|.|800|.|555|.|123|4'],
  ])('such as %j is left without anything to link', (text, expected) => {
    expect(visible(unlinked(text))).toBe(expected);
  });

  it('is no encoded word in a header', () => {
    expect(visible(literal('=?utf-8?Q?=E2=80=AE?='))).toBe('=|?utf-8?Q?=E2=80=AE?=');
  });

  it.each([
    'Hello. See you.',
    'on 20 November 2026 at 14:05 UTC',
    'Room 4711',
    '€ 100 000',
    'Q3/2026',
    '2026年11月20日',
  ])('such as %j stays as it is', (text) => {
    expect(unlinked(text)).toBe(text);
  });
});
