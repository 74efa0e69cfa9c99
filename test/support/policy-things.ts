import { randomBytes, randomUUID } from 'node:crypto';
import { Secrets } from '@usher/config';
import { hashOf, newSessionToken } from '../../apps/api/src/access/credential.js';
import { optOutToken } from '../../libs/mailer/src/opt-out-token.js';
import type { TestApp } from './app.js';
import type { Answer } from './client.js';
import { buildOrganisation, buildProject, newAddress, type Organisation, type Person } from './factories.js';

/** What there is before anybody asks for anything. */
interface Standing {
  /** The first platform admin, who makes everything. */
  root: Person;
  /** This organisation, and this project of it. */
  organisation: Organisation;
  project: { id: string };
  /** An account with the password of all, and nothing else. */
  bystander: Person;
  /** The ids of all the people of the table. */
  everybody: string[];
}

interface Account {
  id: string;
  email: string;
}

/** Makes a fresh thing for every cell, so that no cell depends on another. People are made by SQL: they are needed often and are not what is tested. */
export class PolicyThings {
  constructor(
    private readonly app: TestApp,
    readonly standing: Standing,
  ) {}

  query = (statement: string, parameters: unknown[]): Promise<unknown> =>
    this.app.dataSource.query(statement, parameters);

  async make(path: string, body: object, as: { token: string } = this.standing.root): Promise<Answer['body']> {
    const answer = await this.app.api.post(path, body, { as });
    if (answer.status >= 300) throw new Error(`POST ${path} answers ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Somebody with an account, with the password of all. */
  async user(): Promise<Account> {
    const [id, email] = [randomUUID(), newAddress('fresh')];
    await this.query(
      `INSERT INTO users (id, email, email_verified_at, password_hash, given_name)
       SELECT $1, $2, now(), password_hash, given_name FROM users WHERE id = $3`,
      [id, email, this.standing.bystander.id],
    );
    return { id, email };
  }

  async member(role = 'MEMBER'): Promise<Account> {
    const user = await this.user();
    await this.query(
      `INSERT INTO memberships (organisation_id, user_id, role_id)
       SELECT $1, $2, id FROM roles WHERE key = $3 AND scope = 'ORGANISATION' AND organisation_id IS NULL`,
      [this.standing.organisation.id, user.id, role],
    );
    return user;
  }

  async projectMember(): Promise<Account> {
    const { organisation, project } = this.standing;
    const user = await this.member();
    await this.query(
      `INSERT INTO project_memberships (organisation_id, project_id, user_id, role_id)
       SELECT $1, $2, $3, id FROM roles
       WHERE key = 'VIEWER' AND scope = 'PROJECT' AND project_kind IS NULL AND organisation_id IS NULL`,
      [organisation.id, project.id, user.id],
    );
    return user;
  }

  /** Another organisation where everybody is what they are in this one, and which may be deleted and left. */
  async organisationLikeThis(): Promise<Organisation> {
    const { root, organisation, everybody } = this.standing;
    const copy = await buildOrganisation(this.app, root);
    await this.query(
      `INSERT INTO memberships (organisation_id, user_id, role_id, status)
       SELECT $1, user_id, role_id, status FROM memberships WHERE organisation_id = $2 AND user_id = ANY($3)`,
      [copy.id, organisation.id, everybody],
    );
    return copy;
  }

  /** Another project of this organisation where everybody is what they are in this one. */
  async projectLikeThis(): Promise<{ id: string }> {
    const { root, organisation, project, everybody } = this.standing;
    const copy = await buildProject(this.app, root, organisation);
    await this.query(
      `INSERT INTO project_memberships (organisation_id, project_id, user_id, role_id)
       SELECT organisation_id, $1, user_id, role_id FROM project_memberships WHERE project_id = $2 AND user_id = ANY($3)`,
      [copy.id, project.id, everybody],
    );
    return copy;
  }

  /** A project of another kind. */
  team = (): Promise<{ id: string }> =>
    buildProject(this.app, this.standing.root, this.standing.organisation, { kind: 'team' });

  /** An open invitation to this organisation, whose link was handed over instead of mailed. */
  invitation = (role = 'MEMBER'): Promise<Invited> =>
    this.invite(`/organisations/${this.standing.organisation.id}/invitations`, { role });

  invitationToProject = (): Promise<Invited> =>
    this.invite(`/projects/${this.standing.project.id}/invitations`, { role: 'VIEWER' });

  invitationToPlatform = (): Promise<Invited> => this.invite('/platform/invitations', { platformRole: 'MEMBER' });

  /** To a project of an organisation that nobody is in yet. */
  async invitationToProjectFor(email: string): Promise<Invited> {
    const organisation = await buildOrganisation(this.app, this.standing.root);
    const { id } = await buildProject(this.app, this.standing.root, organisation);
    return this.invite(`/projects/${id}/invitations`, { email, role: 'VIEWER' });
  }

  /** To an organisation that nobody is in yet. */
  async invitationFor(email: string): Promise<Invited> {
    const { id } = await buildOrganisation(this.app, this.standing.root);
    return this.invite(`/organisations/${id}/invitations`, { email, role: 'MEMBER' });
  }

  /** An own role of this organisation. */
  async role(permissions: string[]): Promise<{ id: string }> {
    return this.make(`/organisations/${this.standing.organisation.id}/roles`, newRole(permissions));
  }

  /** Another session of somebody, by SQL: signing in is slow. */
  async session(userId: string): Promise<{ id: string; token: string }> {
    const [id, token] = [randomUUID(), newSessionToken()];
    await this.query(
      `INSERT INTO sessions (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '1 hour')`,
      [id, userId, hashOf(token)],
    );
    return { id, token };
  }

  /** Of a password reset, by SQL: a client may ask for few of them. */
  async resetToken(): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const { id } = await this.user();
    await this.query(
      `INSERT INTO password_resets (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '1 hour')`,
      [randomUUID(), id, hashOf(token)],
    );
    return token;
  }

  /** Of a mail from this organisation. */
  optOutToken = (): string =>
    optOutToken(this.app.nest.get(Secrets), { tenantId: this.standing.organisation.id, address: newAddress() });

  /** Of this organisation, of the platform, or of a person. */
  organisationKey = (role = 'MEMBER'): Promise<{ id: string }> =>
    this.make(`/organisations/${this.standing.organisation.id}/api-keys`, { name: 'Key', role });

  platformKey = (): Promise<{ id: string }> =>
    this.make('/platform/api-keys', { name: 'Key', platformRole: 'OPERATOR' });

  personalKey = (as: Person): Promise<{ id: string }> => this.make('/me/api-keys', { name: 'Key' }, as);

  private async invite(path: string, fields: object): Promise<Invited> {
    const { id, email, inviteeId, link } = await this.make(path, {
      email: newAddress('invited'),
      sendEmail: false,
      ...fields,
    });
    return { id, email, inviteeId, token: new URL(link).hash.replace('#token=', '') };
  }
}

/** The same, but makes each thing once: those who are refused leave it as it is. */
export function madeOnce(things: PolicyThings): PolicyThings {
  const made = new Map<string, unknown>();
  const get = (_: PolicyThings, name: string): unknown => {
    const member: unknown = Reflect.get(things, name);
    if (typeof member !== 'function') return member;
    return (...parameters: unknown[]): unknown => {
      const thing = `${name} ${JSON.stringify(parameters)}`;
      if (!made.has(thing)) made.set(thing, Reflect.apply(member, things, parameters));
      return made.get(thing);
    };
  };
  return new Proxy(things, { get });
}

export interface Invited {
  id: string;
  email: string;
  inviteeId: string;
  token: string;
}

export const newRole = (permissions: string[]) => ({
  key: `own-${randomBytes(6).toString('hex')}`,
  name: 'Own',
  scope: 'ORGANISATION',
  permissions,
});
