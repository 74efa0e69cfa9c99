import { element, onSubmit, post, show, takeToken, wordsFor } from './page.js';

const token = takeToken();

if (token) show({ title: 'Set a new password', parts: ['password'] });
else
  show({
    title: 'Set a new password',
    status: 'There is no link in this address. Ask for a new one.',
    parts: ['request'],
  });

onSubmit(element('password'), async ({ password }) => {
  const answer = await post('/auth/password-resets/confirm', { token, password });
  if (answer.status === 204)
    return show({ title: 'Your password is set', status: 'You can sign in with it now, and close this page.' });
  if (answer.status === 410)
    return show({ title: 'This link is no longer open', status: 'Ask for a new one.', parts: ['request'] });
  return wordsFor(answer);
});

onSubmit(element('request'), async ({ email }) => {
  const answer = await post('/auth/password-resets', { email });
  if (answer.status !== 202) return wordsFor(answer);
  show({
    title: 'Look into your mail',
    status: 'If there is an account for this address, a mail to set a new password is on its way.',
  });
});
