import { element, forgetToken, letPasswordsBeShown, onSubmit, post, show, takeOneTimeToken } from './page.js';
import { texts, wordsFor } from './words.js';

const token = takeOneTimeToken();

if (token) show({ title: texts.title, parts: ['password'] });
else show({ title: texts.title, status: texts.noLink, parts: ['request'] });
letPasswordsBeShown();

onSubmit(element('password'), async ({ password }) => {
  const answer = await post('/auth/password-resets/confirm', { token, password });
  if (answer.status === 204 || answer.status === 410) forgetToken();
  if (answer.status === 204) return show({ title: texts.doneTitle, status: texts.done });
  if (answer.status === 410) return show({ title: texts.closedTitle, status: texts.closed, parts: ['request'] });
  return wordsFor(answer);
});

onSubmit(element('request'), async ({ email }) => {
  const answer = await post('/auth/password-resets', { email });
  if (answer.status !== 202) return wordsFor(answer);
  show({ title: texts.sentTitle, status: texts.resetOnItsWay });
});
