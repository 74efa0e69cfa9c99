// Plays the README's tour against a throw-away server, with the typed client, and prints every answer: npm run demo
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ADMIN, startThrowAwayServer } from './throw-away-server.mjs';

execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'clients/typescript'], { stdio: 'inherit' });
const usher = await import('../clients/typescript/dist/index.js');

const { address, stop } = await startThrowAwayServer();
const { client } = usher;
client.setConfig({ baseUrl: address });

/** Calls an operation of the client, prints what it was answered, and hands that on. */
async function step(title, operation, options) {
  const { data, response } = await operation({ ...options, throwOnError: true });
  console.log(`\n── ${title}\n${response.status} ${JSON.stringify(data, null, 2)}`);
  return data;
}

try {
  const { token } = await step('Sign in as the first admin', usher.signIn, { body: ADMIN });
  client.setConfig({ auth: token });
  const acme = await step('Create an organisation', usher.createOrganisation, { body: { name: 'Acme' } });
  const path = { organisationId: acme.id };
  const website = await step('Create a project in it', usher.createProject, { path, body: { name: 'Website' } });
  const projects = [{ projectId: website.id, role: 'EDITOR' }];
  const invitation = {
    email: 'kim@example.com',
    role: 'MEMBER',
    expiresInHours: 48,
    message: 'Glad to have you with us!',
    projects,
  };
  await step('Invite Kim to both, for two days', usher.inviteToOrganisation, { path, body: invitation });

  const mail = await newestMail();
  console.log(`\n── Read the mail that Kim would get\n${mail.text}`);
  const [, secret] = /#token=([\w-]+)/.exec(mail.text);
  await step('What the link shows', usher.lookUpInvitation, { body: { token: secret } });
  client.setConfig({ auth: undefined });
  const acceptance = { token: secret, givenName: 'Kim', familyName: 'Lee', password: 'a password of Kim' };
  await step('Accept as Kim, by choosing a password', usher.acceptInvitation, { body: acceptance });
  client.setConfig({ auth: token });
  await step('See who is in', usher.listMembers, { path });
  await step('See what became of the invitation', usher.listOrganisationInvitations, {
    path,
    query: { email: 'kim@example.com' },
  });
} finally {
  await stop();
}

/** The mail leaves a moment after the invitation was answered. */
async function newestMail() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const response = await fetch(`${address}/mailbox`, { headers: { Accept: 'application/json' } });
    const { data } = await response.json();
    if (data.length > 0) return data[0];
    await delay(100);
  }
  throw new Error('No mail came within five seconds');
}
