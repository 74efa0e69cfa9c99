const element = (id) => document.getElementById(id);

element('refresh').addEventListener('click', () => void load());
element('as-html').addEventListener('click', () => showAs('html'));
element('as-text').addEventListener('click', () => showAs('text'));
void load();

async function load() {
  const response = await fetch(new URL('../mailbox', import.meta.url), { headers: { Accept: 'application/json' } });
  const { data } = await response.json();
  element('status').textContent = data.length === 0 ? 'No mail yet.' : `${data.length} mails, newest first.`;
  element('mails').replaceChildren(...data.map(row));
}

function row(mail) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet';
  button.textContent = mail.subject;
  button.addEventListener('click', () => open(mail));
  const about = document.createElement('p');
  about.className = 'hint';
  about.textContent = `To ${mail.to}, ${new Date(mail.at).toLocaleString('en-GB')}`;
  item.append(button, about);
  return item;
}

function open(mail) {
  element('subject').textContent = mail.subject;
  element('html').src = new URL(`../mailbox/${mail.id}`, import.meta.url).href;
  element('text').textContent = mail.text;
  element('reader').hidden = false;
  element('subject').focus();
}

function showAs(format) {
  for (const each of ['html', 'text']) {
    element(each).hidden = each !== format;
    element(`as-${each}`).setAttribute('aria-pressed', String(each === format));
  }
}
