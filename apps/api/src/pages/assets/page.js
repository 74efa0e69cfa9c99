// What the pages share: the secret of the link, requests to the API, and telling people where they are.
import { fill, texts } from './words.js';

/** The element with this id. */
export const element = (id) => document.getElementById(id);

const TOKEN = `token of ${location.pathname}`;

/** Takes the secret out of the address bar and the history; it lives in memory from then on. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  return token;
}

/** Takes it, too; this tab keeps it for when the page is loaded again, until `forgetToken`. For secrets that work once. */
export function takeOneTimeToken() {
  const token = takeToken();
  return inThisTab((storage) => {
    if (token) storage.setItem(TOKEN, token);
    return token ?? storage.getItem(TOKEN);
  }, token);
}

/** It has been used, and opens nothing any more. */
export const forgetToken = () => inThisTab((storage) => storage.removeItem(TOKEN));

/** Browsers may be told to store nothing. */
function inThisTab(use, otherwise) {
  try {
    return use(sessionStorage);
  } catch {
    return otherwise;
  }
}

/** Shows what was typed as long as its box is ticked. */
export function letPasswordsBeShown() {
  for (const box of document.querySelectorAll('[data-shows]'))
    box.addEventListener('change', () => (element(box.dataset.shows).type = box.checked ? 'text' : 'password'));
}

/** Posts JSON; answers status and body. Throws when the server cannot be reached. */
export async function post(path, body, session) {
  const response = await fetch(new URL(`../api/v1${path}`, import.meta.url), {
    method: 'POST',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    headers: { 'Content-Type': 'application/json', ...(session ? { Authorization: `Bearer ${session}` } : {}) },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {} };
}

/** Shows the parts with these ids and hides the others; says what has happened, to eyes and screen readers alike. */
export function show({ title, status = '', parts = [] }) {
  for (const part of document.querySelectorAll('main > section, main > form')) part.hidden = !parts.includes(part.id);
  element('title').textContent = title;
  document.title = title;
  element('status').textContent = status;
  element('title').focus();
}

/** Runs `work` when the form is sent; it answers what went wrong, or nothing. */
export function onSubmit(form, work) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(form, () => missingField(form) ?? work(Object.fromEntries(new FormData(form))));
  });
}

/** Runs `work` once at a time, and says what it answers to be wrong, or that the server cannot be reached. */
export async function attempt(part, work) {
  const buttons = part.querySelectorAll('button');
  explain(part, null);
  for (const button of buttons) button.disabled = true;
  const wrong = await Promise.resolve()
    .then(work)
    .catch(() => ({ text: texts.unreachable }));
  for (const button of buttons) button.disabled = false;
  if (wrong) explain(part, wrong);
}

function missingField(form) {
  for (const input of form.querySelectorAll('input[required]')) {
    if (input.value) continue;
    const label = form.querySelector(`label[for=${input.id}]`).textContent;
    return { field: input.name, text: fill(texts.missing, { field: label }) };
  }
  return null;
}

function explain(part, wrong) {
  const alert = part.querySelector('[role=alert]');
  for (const input of part.querySelectorAll('input')) input.removeAttribute('aria-invalid');
  if (alert) {
    alert.hidden = !wrong;
    alert.textContent = wrong?.text ?? '';
  }
  const input = wrong?.field && part.querySelector(`input[name=${wrong.field}]`);
  if (!input) return;
  input.setAttribute('aria-invalid', 'true');
  input.focus();
}
