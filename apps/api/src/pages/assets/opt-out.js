import { attempt, element, post, show, takeToken } from './page.js';
import { fill, texts, wordsFor } from './words.js';

// Mail clients that show the address of their own button to people put the secret there.
const inQuery = new URLSearchParams(location.search).get('token');
const token = takeToken() ?? inQuery;
const { title } = texts;
let refused;
let place;

if (token) void look();
else show({ title, status: texts.noLink });

element('again').addEventListener('click', () => void look());
for (const scope of ['organisation', 'platform'])
  element(`${scope}-change`).addEventListener('click', () => void change(scope));

async function look() {
  try {
    const answer = await post('/invitations/refusals/lookup', { token });
    if (answer.status === 200) showChoice(answer.body);
    else if (answer.status === 410 || answer.status === 400) showClosed();
    else show({ title, status: wordsFor(answer).text, parts: ['retry'] });
  } catch {
    show({ title, status: texts.unreachable, parts: ['retry'] });
  }
}

function showChoice({ email, organisation, refused: present }) {
  refused = present;
  place = organisation?.name;
  element('organisation').hidden = !place;
  tell();
  show({ title, status: fill(texts.what, { email }), parts: ['choice'] });
}

function tell() {
  const { organisation, platform } = refused;
  element('organisation-now').textContent = inWords(
    organisation ? texts.organisationRefused : texts.organisationAllowed,
  );
  element('organisation-change').textContent = inWords(
    organisation ? texts.allowOrganisation : texts.refuseOrganisation,
  );
  element('platform-now').textContent = platform ? texts.platformRefused : texts.platformAllowed;
  element('platform-change').textContent = platform ? texts.allowPlatform : texts.refusePlatform;
}

const inWords = (text) => fill(text, { place: place ?? '' });

async function change(scope) {
  await attempt(element('choice'), async () => {
    const wish = !refused[scope];
    const answer = await post('/invitations/refusals', { token, [scope]: wish });
    if (answer.status === 410) return showClosed();
    if (answer.status !== 204) return wordsFor(answer);
    refused = { ...refused, [scope]: wish };
    tell();
    element('status').textContent = element(`${scope}-now`).textContent;
  });
  element(`${scope}-change`).focus(); // a button that was disabled meanwhile has lost it
}

function showClosed() {
  show({ title: texts.closedTitle, status: texts.closed });
}
