import { element, onSubmit, once, post, show, takeToken, wordsFor } from './page.js';

const token = takeToken();
let title = 'Your invitation';

if (token) void look();
else show({ title, status: 'There is no invitation in this address. Open the link in your mail again.' });

element('again').addEventListener('click', () => void look());
for (const button of document.querySelectorAll('[data-decline]'))
  button.addEventListener('click', () => void decline(button.form));
element('renew').addEventListener('click', () => void askForFreshLink());
element('forgot').addEventListener('click', () => void mailNewPassword());
onSubmit(element('newcomer'), joinAsNewcomer);
onSubmit(element('member'), joinAsMember);

async function look() {
  try {
    const answer = await post('/invitations/lookup', { token });
    if (answer.status === 200) showInvitation(answer.body);
    else if (answer.status === 410) showClosed();
    else show({ title, status: wordsFor(answer).text, parts: ['retry'] });
  } catch {
    show({ title, status: 'The server cannot be reached. Check your connection.', parts: ['retry'] });
  }
}

function showInvitation(invitation) {
  const place = invitation.organisation?.name ?? 'this platform';
  title = invitation.invitedBy ? `${invitation.invitedBy.name} invites you to ${place}` : `You are invited to ${place}`;
  element('email').textContent = invitation.email;
  element('role').textContent = invitation.role ?? 'Member';
  element('projects').textContent = invitation.projects.map(({ name, role }) => `${name} (${role})`).join(', ');
  element('projects-row').hidden = invitation.projects.length === 0;
  element('expires').textContent = inWords(new Date(invitation.expiresAt));
  element('message').textContent = invitation.message ?? '';
  element('message').hidden = !invitation.message;
  const form = invitation.accountExists ? 'member' : 'newcomer';
  show({ title, status: 'Nothing happens until you accept.', parts: ['invitation', form] });
}

async function joinAsNewcomer({ givenName, familyName, password }) {
  const names = Object.fromEntries(Object.entries({ givenName, familyName }).filter(([, name]) => name.trim()));
  const answer = await post('/invitations/accept', { token, password, ...names });
  if (answer.status === 200) return welcome(answer.body, answer.body.session.token);
  if (answer.status === 410) return showClosed();
  if (answer.body.code === 'sign_in_required') return look();
  return wordsFor(answer);
}

async function joinAsMember({ email, password }) {
  const signedIn = await post('/auth/sign-in', { email, password });
  if (signedIn.status !== 200) return wordsFor(signedIn);
  const session = signedIn.body.token;
  const answer = await post('/invitations/accept', { token }, session);
  if (answer.status === 200) return welcome(answer.body, session);
  await signOut(session);
  if (answer.status === 410) return showClosed();
  if (answer.body.code !== 'wrong_account') return wordsFor(answer);
  const text = `This invitation is for ${answer.body.email}, and you signed in as ${email}. Sign in with the other address, or ask for an invitation to this one.`;
  return { field: 'email', text };
}

async function welcome({ redirectUrl, memberships }, session) {
  await signOut(session);
  if (redirectUrl) return location.assign(redirectUrl);
  const place = memberships[0]?.organisation.name;
  show({ title: "You're in", status: `You are a member${place ? ` of ${place}` : ''} now. You can close this page.` });
}

/** The session was only for accepting: nobody else is to find it open. */
async function signOut(session) {
  await post('/auth/sign-out', {}, session).catch(() => undefined);
}

function decline(form) {
  return once(form, async () => {
    const answer = await post('/invitations/decline', { token });
    if (answer.status !== 204) return showClosed();
    show({ title: 'You declined', status: 'Nothing was made of this invitation. You can close this page.' });
  });
}

function showClosed() {
  show({ title: 'This invitation is no longer open', parts: ['closed'] });
}

async function askForFreshLink() {
  try {
    await post('/invitations/renewal-requests', { token });
    show({
      title: 'We passed it on',
      status: 'If the invitation can be renewed, you will get a new mail. You can close this page.',
    });
  } catch {
    element('status').textContent = 'The server cannot be reached. Check your connection, and press again.';
  }
}

function mailNewPassword() {
  const form = element('member');
  const email = element('signInEmail').value;
  return once(form, async () => {
    if (!email) {
      element('status').textContent = 'Type your e-mail address first.';
      return element('signInEmail').focus();
    }
    await post('/auth/password-resets', { email });
    element('status').textContent =
      'If there is an account for this address, a mail to set a new password is on its way.';
  });
}

/** In the reader's own time zone, which is named. */
function inWords(moment) {
  const day = { day: 'numeric', month: 'long', year: 'numeric' };
  const time = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  return new Intl.DateTimeFormat('en-GB', { ...day, ...time }).format(moment);
}
