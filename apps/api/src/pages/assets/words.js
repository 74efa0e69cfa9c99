// What the page says, in the reader's language: the server puts the words beside it.

const { texts, roles, formats } = JSON.parse(document.getElementById('words').textContent);

export { texts };

const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** The text with its values, put in at once: nothing that people typed is read as a placeholder. */
export const fill = (text, values) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => isolated(values[name]));

/** Built-in roles are translated; an organisation's own are called as it calls them. */
export const roleName = (name) => own(roles, name) ?? name;

/** `a, b and c`. */
export const list = (items) => new Intl.ListFormat(formats, { type: 'conjunction' }).format(items);

/** In the reader's own time zone, which is named. */
export function moment(at) {
  const day = { day: 'numeric', month: 'long', year: 'numeric' };
  const time = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  return new Intl.DateTimeFormat(formats, { ...day, ...time }).format(at);
}

/** A problem of the API in words for the person; `field` is the input that it is about. */
export function wordsFor({ status, body }) {
  const [invalid] = body.errors ?? [];
  if (invalid) return wordsForField(invalid);
  const code = status === 429 ? 'too_many_attempts' : body.code;
  return { text: own(texts.problems, code) ?? texts.problems.unknown };
}

function wordsForField({ pointer, detail }) {
  const field = pointer.replace('#/', '');
  const text = field === 'password' ? wordsForPassword(detail) : own(texts.fields, field);
  return { field, text: text ?? texts.problems.unknown };
}

/** The API says in English alone what is wrong with a password. */
function wordsForPassword(detail) {
  if (detail.startsWith('password must')) return texts.fields.passwordLength;
  if (detail.includes('most common')) return texts.fields.passwordCommon;
  if (detail.includes('your address')) return texts.fields.passwordOwn;
  return texts.fields.password;
}

const own = (words, name) => (Object.hasOwn(words, name) ? words[name] : undefined);

/** Names of the other direction keep their place in the sentence, and cannot turn it round. */
function isolated(value) {
  const mayTurn = document.dir === 'rtl' || RIGHT_TO_LEFT.test(value);
  return mayTurn ? `\u2068${value}\u2069` : value;
}
