import { randomBytes } from 'node:crypto';
import { ADMIN, type TestApp } from './app.js';

export const PASSWORD = 'correct horse battery';

let counter = 0;
const unique = (word: string): string => `${word}-${(counter += 1)}-${randomBytes(3).toString('hex')}`;

export const newAddress = (name = 'person'): string => `${unique(name)}@example.com`;

/** A person with an account, signed in. */
export interface Person {
  id: string;
  email: string;
  token: string;
}

export interface Organisation {
  id: string;
  shortId: string;
  name: string;
}

export async function signIn({ api }: TestApp, email: string, password = PASSWORD): Promise<Person> {
  const { status, body } = await api.post('/auth/sign-in', { email, password });
  if (status !== 200) throw new Error(`${email} cannot sign in: ${JSON.stringify(body)}`);
  return { id: body.user.id, email, token: body.token };
}

export const signInAdmin = (app: TestApp): Promise<Person> => signIn(app, ADMIN.email, ADMIN.password);

/** An organisation whose only owner is the platform admin who made it. */
export async function buildOrganisation(app: TestApp, admin: Person, name = unique('Acme')): Promise<Organisation> {
  const { status, body } = await app.api.post('/organisations', { name }, { as: admin });
  if (status !== 201) throw new Error(`No organisation: ${JSON.stringify(body)}`);
  return { id: body.id, shortId: body.shortId, name };
}

export async function buildProject(app: TestApp, owner: Person, organisation: Organisation, fields: object = {}) {
  const { status, body } = await app.api.post(
    `/organisations/${organisation.id}/projects`,
    { name: unique('Project'), ...fields },
    { as: owner },
  );
  if (status !== 201) throw new Error(`No project: ${JSON.stringify(body)}`);
  return body as { id: string; name: string; kind: string };
}

/** Comes in the way everybody does: by the link of a mail. */
export async function join(app: TestApp, email: string, mails = app.inbox.to(email).length + 1): Promise<Person> {
  const token = await app.inbox.token(email, mails);
  const { status, body } = await app.api.post('/invitations/accept', {
    token,
    givenName: 'Kim',
    familyName: 'Lee',
    password: PASSWORD,
  });
  if (status !== 200) throw new Error(`${email} cannot join: ${JSON.stringify(body)}`);
  const me = await app.api.get('/me', { as: body.session });
  return { id: me.body.id, email, token: body.session.token };
}

/** A member of the organisation, invited by `inviter`. */
export async function buildMember(
  app: TestApp,
  inviter: Person,
  organisation: Organisation,
  fields: object = {},
): Promise<Person> {
  const email = newAddress();
  const invitation = { email, role: 'MEMBER', ...fields };
  const { status, body } = await app.api.post(`/organisations/${organisation.id}/invitations`, invitation, {
    as: inviter,
  });
  if (status !== 201) throw new Error(`No invitation: ${JSON.stringify(body)}`);
  return join(app, email, 1);
}

/** A person with an account and no organisation. */
export async function buildUser(app: TestApp, admin: Person, platformRole = 'MEMBER'): Promise<Person> {
  const email = newAddress();
  const { status, body } = await app.api.post('/platform/invitations', { email, platformRole }, { as: admin });
  if (status !== 201) throw new Error(`No invitation: ${JSON.stringify(body)}`);
  return join(app, email, 1);
}
