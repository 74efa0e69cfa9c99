// What the pages share: the secret of the link, requests to the API, and telling people where they are.

/** The element with this id. */
export const element = (id) => document.getElementById(id);

/** Takes the secret out of the address bar and the history; it lives in memory from then on. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  return token;
}

/** Posts JSON; answers status and body. Throws when the server cannot be reached. */
export async function post(path, body, session) {
  const response = await fetch(`/api/v1${path}`, {
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

/** Runs `work` when the form is sent, once at a time; `work` answers what went wrong, or nothing. */
export function onSubmit(form, work) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void once(form, async () => {
      const wrong = missingField(form) ?? (await work(Object.fromEntries(new FormData(form))));
      if (wrong) explain(form, wrong);
    });
  });
}

/** Keeps the buttons from being pressed twice while `work` runs, and says so when the server cannot be reached. */
export async function once(form, work) {
  const buttons = form.querySelectorAll('button');
  explain(form, null);
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch {
    explain(form, { text: 'The server cannot be reached. Check your connection, and try again.' });
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** A problem of the API in words for the person; `field` is the input that it is about. */
export function wordsFor({ status, body }) {
  if (status === 429) return { text: 'That was tried too often. Wait a few minutes, and try again.' };
  const [invalid] = body.errors ?? [];
  if (!invalid) return { text: body.detail ?? 'Something went wrong. Try again.' };
  const field = invalid.pointer.replace('#/', '');
  return { field, text: field === 'password' ? wordsForPassword(invalid.detail) : invalid.detail };
}

/** Of the wrong length, or too easy to guess. */
function wordsForPassword(detail) {
  if (detail.startsWith('password must')) return 'Choose a password of 8 to 128 characters.';
  return detail.charAt(0).toUpperCase() + detail.slice(1);
}

function missingField(form) {
  for (const input of form.querySelectorAll('input[required]')) {
    if (!input.value)
      return { field: input.name, text: `${form.querySelector(`label[for=${input.id}]`).textContent} is missing.` };
  }
  return null;
}

function explain(form, wrong) {
  const alert = form.querySelector('[role=alert]');
  for (const input of form.querySelectorAll('input')) input.removeAttribute('aria-invalid');
  if (alert) {
    alert.hidden = !wrong;
    alert.textContent = wrong?.text ?? '';
  }
  const input = wrong?.field && form.querySelector(`input[name=${wrong.field}]`);
  if (!input) return;
  input.setAttribute('aria-invalid', 'true');
  input.focus();
}
