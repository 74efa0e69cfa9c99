const WORD_JOINER = '\u2060';
/** Where mail clients see a web or mail address: a dot (of any script) or at sign before more text, two slashes, and what is behind a scheme. */
const LINKABLE = /[.@\u3002\uFF0E\uFF61](?=\S)|[:/\\](?=[/\\])|(?<=\p{L}):(?=\S)/gu;
/** As many digits as telephone numbers have, with what people write between them. */
const NUMBER = /\p{Nd}(?:[\s()./\p{Pd}]*\p{Nd}){6,}/gu;
const GROUP_OF_DIGITS = /\p{Nd}{3}(?=\p{Nd})|\p{Nd}(?=\P{Nd})/gu;

/** In ASCII, mail programs read it as characters in another spelling, such as marks that no name may hold. */
const ENCODED_WORD = /=(?=\?)/g;

/** Looks the same, but no mail client makes a link of it. */
export const unlinked = (text: string): string =>
  text
    .replace(NUMBER, (number) => number.replace(GROUP_OF_DIGITS, `$&${WORD_JOINER}`))
    .replace(LINKABLE, `$&${WORD_JOINER}`);

/** For subjects and names in headers: looks the same, and is read as it is written. */
export const literal = (text: string): string => text.replace(ENCODED_WORD, `$&${WORD_JOINER}`);
