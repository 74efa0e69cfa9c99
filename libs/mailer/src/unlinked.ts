const WORD_JOINER = '\u2060';
/** Where mail clients see a web or mail address: a dot (of any script) or at sign before more text, and the slashes behind a scheme. */
const LINKABLE = /[.@\u3002\uFF0E\uFF61](?=\S)|:(?=[/\\])/gu;
/** As many digits as telephone numbers have, with what people write between them. */
const NUMBER = /\p{Nd}(?:[\s()./\p{Pd}]*\p{Nd}){6,}/gu;
const GROUP_OF_DIGITS = /\p{Nd}{3}(?=\p{Nd})|\p{Nd}(?=\P{Nd})/gu;

/** Looks the same, but no mail client makes a link of it. */
export const unlinked = (text: string): string =>
  text
    .replace(NUMBER, (number) => number.replace(GROUP_OF_DIGITS, `$&${WORD_JOINER}`))
    .replace(LINKABLE, `$&${WORD_JOINER}`);
