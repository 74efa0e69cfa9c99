import { attempt, element, forgetToken, letPasswordsBeShown, onSubmit, post, show, takeOneTimeToken } from './page.js';
import { fill, list, moment, roleName, texts, wordsFor } from './words.js';

const token = takeOneTimeToken();
let title = texts.title;

if (token) void look();
else show({ title, status: texts.noLink });

element('again').addEventListener('click', () => void look());
for (const button of document.querySelectorAll('[data-decline]'))
  button.addEventListener('click', () => void decline(button.form));
element('renew').addEventListener('click', () => void askForFreshLink());
element('forgot').addEventListener('click', () => void mailNewPassword());
onSubmit(element('newcomer'), joinAsNewcomer);
onSubmit(element('member'), joinAsMember);
letPasswordsBeShown();

async function look() {
  try {
    const answer = await post('/invitations/lookup', { token });
    if (answer.status === 200) showInvitation(answer.body);
    else if (answer.status === 410) showClosed(answer.body);
    else show({ title, status: wordsFor(answer).text, parts: ['retry'] });
  } catch {
    show({ title, status: texts.unreachable, parts: ['retry'] });
  }
}

function showInvitation(invitation) {
  title = titleFor(invitation);
  element('email').textContent = invitation.email;
  fillIn(invitation);
  element('role').textContent = roleName(invitation.role ?? 'Member');
  element('projects').textContent = list(invitation.projects.map(grantInWords));
  element('projects-row').hidden = invitation.projects.length === 0;
  element('expires').textContent = moment(new Date(invitation.expiresAt));
  element('message').textContent = invitation.message ?? '';
  element('message').hidden = !invitation.message;
  const form = invitation.accountExists ? 'member' : 'newcomer';
  show({ title, status: texts.nothingYet, parts: ['invitation', form] });
}

/** What is known already, for people and for their password managers. */
function fillIn({ email, givenName, familyName }) {
  const isWhole = !email.includes('•');
  element('newUsername').value = isWhole ? email : '';
  element('signInEmail').value ||= isWhole ? email : '';
  element('givenName').value ||= givenName ?? '';
  element('familyName').value ||= familyName ?? '';
}

function titleFor({ organisation, invitedBy }) {
  const place = organisation?.name;
  const inviter = invitedBy?.name;
  if (place) return fill(inviter ? texts.invitedFrom : texts.invited, { inviter, place });
  return fill(inviter ? texts.invitedHereFrom : texts.invitedHere, { inviter });
}

const grantInWords = ({ name, role }) => fill(texts.grant, { project: name, role: roleName(role) });

async function joinAsNewcomer({ givenName, familyName, password }) {
  const names = Object.fromEntries(Object.entries({ givenName, familyName }).filter(([, name]) => name.trim()));
  const answer = await post('/invitations/accept', { token, password, ...names });
  if (answer.status === 200) return welcome(answer.body, answer.body.session.token);
  if (answer.status === 410 || answer.body.code === 'sign_in_required') return look();
  return wordsFor(answer);
}

async function joinAsMember({ email, password }) {
  const signedIn = await post('/auth/sign-in', { email, password });
  if (signedIn.status !== 200) return wordsFor(signedIn);
  const session = signedIn.body.token;
  const answer = await post('/invitations/accept', { token }, session);
  if (answer.status === 200) return welcome(answer.body, session);
  await signOut(session);
  if (answer.status === 410) return look();
  if (answer.body.code !== 'wrong_account') return wordsFor(answer);
  return { field: 'email', text: fill(texts.wrongAccount, { invited: answer.body.email, email }) };
}

async function welcome({ redirectUrl, memberships }, session) {
  forgetToken();
  await signOut(session);
  if (redirectUrl) return location.assign(redirectUrl);
  const place = memberships[0]?.organisation.name;
  show({ title: texts.welcomeTitle, status: place ? fill(texts.welcome, { place }) : texts.welcomeHere });
}

/** The session was only for accepting: nobody else is to find it open. */
async function signOut(session) {
  await post('/auth/sign-out', {}, session).catch(() => undefined);
}

function decline(form) {
  return attempt(form, async () => {
    const answer = await post('/invitations/decline', { token });
    if (answer.status === 410) return look();
    if (answer.status !== 204) return wordsFor(answer);
    forgetToken();
    show({ title: texts.declinedTitle, status: texts.declined });
  });
}

/** Says what the API tells of its end: joined, expired, or no more than that it is closed. */
function showClosed({ reason, organisation, expiresAt }) {
  const place = organisation?.name;
  if (reason === 'accepted') {
    forgetToken();
    const joined = place ? fill(texts.joinedTitle, { place }) : texts.joinedHereTitle;
    return show({ title: joined, status: texts.joined });
  }
  const at = reason === 'expired' && moment(new Date(expiresAt));
  const status = at && (place ? fill(texts.expired, { place, moment: at }) : fill(texts.expiredHere, { moment: at }));
  element('closedWhy').hidden = Boolean(status);
  show({ title: status ? texts.expiredTitle : texts.closedTitle, status: status || '', parts: ['closed'] });
}

function askForFreshLink() {
  return attempt(element('closed'), async () => {
    const answer = await post('/invitations/renewal-requests', { token });
    if (answer.status !== 202) return wordsFor(answer);
    show({ title: texts.renewalTitle, status: texts.renewal });
  });
}

function mailNewPassword() {
  const email = element('signInEmail').value;
  return attempt(element('member'), async () => {
    if (!email) return { field: 'email', text: texts.emailFirst };
    const answer = await post('/auth/password-resets', { email });
    if (answer.status !== 202) return wordsFor(answer);
    element('resetSent').textContent = texts.resetOnItsWay;
  });
}
