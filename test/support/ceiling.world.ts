import { randomUUID } from 'node:crypto';
import { ORGANISATION_PERMISSIONS, PROJECT_PERMISSIONS } from '../../apps/api/src/access/permissions.js';
import type { TestApp } from './app.js';
import { conjured, exceeds, type Grant, type Place, type Shown } from './ceiling.model.js';
import type { Answer } from './client.js';
import { buildOrganisation, buildProject, type Person } from './factories.js';
import { insertMember, insertPerson } from './sql-factories.js';

export const KINDS = [
  'invite',
  'inviteToProject',
  'change',
  'resend',
  'revoke',
  'accept',
  'changeRole',
  'changeProjectRole',
  'addToProject',
  'removeMember',
  'removeFromProject',

  'createKey',
  'createRole',
  'editRole',
] as const;

/** Numbers choose among what there is at that moment. */
export interface Action {
  kind: (typeof KINDS)[number];
  actor: number;
  target: number;
  project: number;
  role: number;
  projectRole: number;
  permissions: string[];
}

/** Roles and people as they are before anybody grants anything. */
export interface Seed {
  organisationRoles: string[][];
  projectRoles: string[][];
  /** For each member which role, in the organisation and in either project; null: not in it. */
  members: { role: number; projects: (number | null)[] }[];
}

/** Nobody but an OWNER holds it. */
export const GIVEABLE = [...ORGANISATION_PERMISSIONS, ...PROJECT_PERMISSIONS].filter(
  (each) => each !== 'organisation:own',
);
export { PROJECT_PERMISSIONS };

interface Role {
  id: string;
  key: string;
  scope: string;
  projectKind: string | null;
  permissions: string[];
}

interface Invitation {
  id: string;
  email: string;
  type: string;
  role: { id: string } | null;
  projects: { projectId: string; role: { id: string } }[];
  invitedBy: { id: string };
}

interface Attempt {
  answer: Answer;
  /** What it gives, takes or touches. */
  grants: Grant[];
  giver: string;
  /** What was shown just before it, when something else came first. */
  before?: Shown;
}

const OUTSIDERS = 2;
const chosen = <T>(all: readonly T[], pick: number): T => all[pick % all.length];

/** An organisation of people with random roles who grant one another what they can; every action is judged by the model. */
export class CeilingWorld {
  readonly tally = { granted: 0, refused: 0, other: 0 };
  private readonly people: Person[] = [];
  private readonly keys: Person[] = [];
  private readonly projects: string[] = [];
  private organisationId: string;
  private organisationRoles: string[];
  private projectRoles: string[];
  /** Of both scopes, without the built-in ones, which nobody may edit. */
  private ownRoles: string[];

  constructor(
    private readonly app: TestApp,
    private readonly root: Person,
  ) {}

  async open({ organisationRoles, projectRoles, members }: Seed): Promise<this> {
    const { app, root } = this;
    const { dataSource } = app;
    const acme = await buildOrganisation(app, root);
    this.organisationId = acme.id;
    for (let index = 0; index < 2; index += 1) this.projects.push((await buildProject(app, root, acme)).id);
    for (const permissions of organisationRoles) await this.insertRole('ORGANISATION', permissions);
    for (const permissions of projectRoles) await this.insertRole('PROJECT', permissions);
    await this.readRoles();
    for (const { role, projects } of members) {
      const person = await insertPerson(dataSource);
      this.people.push(person);
      await insertMember(dataSource, acme.id, person.id, chosen(this.organisationRoles, role));
      for (const [index, projectRole] of projects.entries()) {
        if (projectRole === null) continue;
        await dataSource.query(
          'INSERT INTO project_memberships (organisation_id, project_id, user_id, role_id) VALUES ($1, $2, $3, $4)',
          [acme.id, this.projects[index], person.id, chosen(this.projectRoles, projectRole)],
        );
      }
    }
    for (let index = 0; index < OUTSIDERS; index += 1) this.people.push(await insertPerson(dataSource));
    return this;
  }

  /** Throws when somebody got what nobody could give, when a refusal was wrong, or when a refusal changed something. */
  async take(action: Action): Promise<void> {
    const shown = await this.look();
    const attempt = await this[action.kind](action, shown);
    if (!attempt) return;
    const { answer, grants, giver, before = shown } = attempt;
    const after = await this.look();
    const isAbove = exceeds(before, giver, grants);
    const said = `${action.kind} ${answer.status} ${answer.body.code ?? ''}`;
    if (answer.status < 300) {
      this.tally.granted += 1;
      expect([said, 'above', isAbove]).toEqual([said, 'above', false]);
      expect([said, conjured(before, after, giver)]).toEqual([said, []]);
      return;
    }
    expect([said, after]).toEqual([said, before]);
    if (answer.body.code === 'above_ceiling') expect([said, 'above', isAbove]).toEqual([said, 'above', true]);
    this.tally[answer.body.code === 'above_ceiling' ? 'refused' : 'other'] += 1;
  }

  private async invite({ actor, target, role, project, projectRole }: Action, shown: Shown): Promise<Attempt> {
    const grants = this.named(role, project, projectRole);
    const by = this.actor(actor);
    const body = { email: chosen(this.people, target).email, sendEmail: false, ...grants };
    const answer = await this.app.api.post(`${this.organisation}/invitations`, body, { as: by });
    return { answer, grants: grantsOf(shown, grants.role, grants.projects), giver: by.id };
  }

  private async inviteToProject({ actor, target, project, projectRole }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const projectId = chosen(this.projects, project);
    const role = chosen(this.projectRoles, projectRole);
    const body = { email: chosen(this.people, target).email, sendEmail: false, role };
    const answer = await this.app.api.post(`/projects/${projectId}/invitations`, body, { as: by });
    return { answer, grants: grantsOf(shown, this.memberRole, [{ projectId, role }]), giver: by.id };
  }

  private async change(action: Action, shown: Shown): Promise<Attempt | null> {
    const invitation = await this.openInvitation(action.target);
    if (!invitation) return null;
    const by = this.actor(action.actor);
    const { role, projects } = this.named(action.role, action.project, action.projectRole);
    const isInProject = invitation.type === 'PROJECT';
    const [{ projectId }] = isInProject ? invitation.projects : projects;
    const body = isInProject ? { role: projects[0].role } : { role, projects };
    const after = isInProject
      ? grantsOf(shown, this.memberRole, [{ projectId, role: projects[0].role }])
      : grantsOf(shown, role, projects);
    const answer = await this.app.api.patch(`/invitations/${invitation.id}`, body, { as: by });
    return { answer, grants: [...this.grantsIn(shown, invitation), ...after], giver: by.id };
  }

  private resend = (action: Action, shown: Shown) =>
    this.touch(action, shown, (path, as) => this.app.api.post(`${path}/resend`, {}, { as }));

  private revoke = (action: Action, shown: Shown) =>
    this.touch(action, shown, (path, as) => this.app.api.delete(path, { as }));

  private async touch(
    { actor, target }: Action,
    shown: Shown,
    send: (path: string, as: Person) => Promise<Answer>,
  ): Promise<Attempt | null> {
    const invitation = await this.openInvitation(target);
    if (!invitation) return null;
    const by = this.actor(actor);
    const answer = await send(`/invitations/${invitation.id}`, by);
    return { answer, grants: this.grantsIn(shown, invitation), giver: by.id };
  }

  /** Whoever answers for it must hold at this moment all that it gives: often a role that it stands on was edited just before. */
  private async accept({ target, role, permissions }: Action, shown: Shown): Promise<Attempt | null> {
    const invitation = await this.openInvitation(target);
    const invited = this.people.find(({ email }) => email === invitation?.email);
    if (!invitation || !invited) return null;
    const [edited] = role % 4 ? this.rolesBehind(invitation, shown) : [];
    if (edited) {
      const present = shown.roles.get(edited) ?? [];
      const isInvitersOwn = edited === shown.holders.get(invitation.invitedBy.id)?.get(null);
      const narrower = present.filter((each) => !permissions.includes(each));
      const wanted = isInvitersOwn ? narrower : [...new Set([...present, ...permissions])];
      const after = this.projectRoles.includes(edited) ? wanted.filter(isOfProjects) : wanted;
      await this.app.api.patch(`/roles/${edited}`, { permissions: after }, { as: this.root });
    }
    const before = await this.look();
    const answer = await this.app.api.post(`/me/invitations/${invitation.id}/accept`, undefined, { as: invited });
    return { answer, grants: this.grantsIn(before, invitation), giver: invitation.invitedBy.id, before };
  }

  /** The roles that may be edited among those that it gives and those that its inviter has. */
  private rolesBehind({ role, projects, invitedBy }: Invitation, { holders }: Shown): string[] {
    const inviter = holders.get(invitedBy.id);
    const all = [role?.id, ...projects.map((grant) => grant.role.id), inviter?.get(null)];
    return all.filter((id) => id !== undefined).filter((id) => this.ownRoles.includes(id));
  }

  private async changeRole({ actor, target, role }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const { id } = chosen(this.people, target);
    const roleId = chosen(this.organisationRoles, role);
    const answer = await this.app.api.put(`${this.organisation}/members/${id}/role`, { role: roleId }, { as: by });
    return { answer, grants: [...present(shown, id, null), ...grantsOf(shown, roleId)], giver: by.id };
  }

  private async changeProjectRole({ actor, target, project, projectRole }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const { id } = chosen(this.people, target);
    const projectId = chosen(this.projects, project);
    const role = chosen(this.projectRoles, projectRole);
    const answer = await this.app.api.put(`/projects/${projectId}/members/${id}/role`, { role }, { as: by });
    return {
      answer,
      grants: [...present(shown, id, projectId), ...grantsOf(shown, null, [{ projectId, role }])],
      giver: by.id,
    };
  }

  private async addToProject({ actor, target, project, projectRole }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const { id: userId } = chosen(this.people, target);
    const projectId = chosen(this.projects, project);
    const role = chosen(this.projectRoles, projectRole);
    const answer = await this.app.api.post(`/projects/${projectId}/members`, { userId, role }, { as: by });
    return { answer, grants: grantsOf(shown, null, [{ projectId, role }]), giver: by.id };
  }

  /** Anyone may leave, whatever they hold. */
  private async removeMember({ actor, target }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const { id } = chosen(this.people, target);
    const answer = await this.app.api.delete(`${this.organisation}/members/${id}`, { as: by });
    return { answer, grants: id === by.id ? [] : present(shown, id, null), giver: by.id };
  }

  private async removeFromProject({ actor, target, project }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const { id } = chosen(this.people, target);
    const projectId = chosen(this.projects, project);
    const answer = await this.app.api.delete(`/projects/${projectId}/members/${id}`, { as: by });
    return { answer, grants: id === by.id ? [] : present(shown, id, projectId), giver: by.id };
  }

  private async createRole({ actor, target, permissions }: Action): Promise<Attempt> {
    const by = this.actor(actor);
    const isInProjects = target % 2 === 0;
    const wanted = isInProjects ? permissions.filter(isOfProjects) : permissions;
    const fields = { key: `r-${randomUUID()}`, name: 'New', scope: isInProjects ? 'PROJECT' : 'ORGANISATION' };
    const body = { ...fields, permissions: wanted };
    const answer = await this.app.api.post(`${this.organisation}/roles`, body, { as: by });
    if (answer.status === 201) await this.readRoles();
    return { answer, grants: [{ place: null, permissions: wanted }], giver: by.id };
  }

  private async editRole({ actor, role, permissions }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const id = chosen(this.ownRoles, role);
    const isInProjects = this.projectRoles.includes(id);
    const wanted = isInProjects ? permissions.filter(isOfProjects) : permissions;
    const answer = await this.app.api.patch(`/roles/${id}`, { permissions: wanted }, { as: by });
    return { answer, grants: [...grantsOf(shown, id), { place: null, permissions: wanted }], giver: by.id };
  }

  private async createKey({ actor, role: pick }: Action, shown: Shown): Promise<Attempt> {
    const by = this.actor(actor);
    const role = chosen(this.organisationRoles, pick);
    const answer = await this.app.api.post(`${this.organisation}/api-keys`, { name: 'Key', role }, { as: by });
    if (answer.status === 201) this.keys.push({ id: answer.body.id, email: '', token: answer.body.key });
    return { answer, grants: grantsOf(shown, role), giver: by.id };
  }

  private get organisation(): string {
    return `/organisations/${this.organisationId}`;
  }

  private get memberRole(): string {
    return this.organisationRoles[0];
  }

  private actor = (pick: number): Person => chosen([this.root, ...this.people, ...this.keys], pick);

  private named(role: number, project: number, projectRole: number) {
    const grant = { projectId: chosen(this.projects, project), role: chosen(this.projectRoles, projectRole) };
    return { role: chosen(this.organisationRoles, role), projects: [grant] };
  }

  private async list(path: string) {
    const { status, body } = await this.app.api.get(`${path}?limit=100`, { as: this.root });
    if (status !== 200 || body.nextCursor) throw new Error(`${path}: ${status}, more than a page`);
    return body.data;
  }

  private async openInvitation(pick: number): Promise<Invitation | null> {
    const invitations: (Invitation & { status: string })[] = await this.list(`${this.organisation}/invitations`);
    const open = invitations.filter(({ status }) => status === 'PENDING');
    return open.length > 0 ? chosen(open, pick) : null;
  }

  private grantsIn(shown: Shown, { role, projects }: Invitation): Grant[] {
    const grants = projects.map((each) => ({ projectId: each.projectId, role: each.role.id }));
    return grantsOf(shown, role?.id ?? this.memberRole, grants);
  }

  private async look(): Promise<Shown> {
    const holders = new Map<string, Map<Place, string>>();
    const note = (principal: string, place: Place, role: string) =>
      holders.set(principal, (holders.get(principal) ?? new Map<Place, string>()).set(place, role));
    for (const { user, role } of await this.list(`${this.organisation}/members`)) note(user.id, null, role.id);
    for (const { id, role } of await this.list(`${this.organisation}/api-keys`)) note(id, null, role.id);
    for (const id of this.projects) {
      for (const { user, role } of await this.list(`/projects/${id}/members`)) note(user.id, id, role.id);
    }
    const roles = await this.allRoles();
    return { roles: new Map(roles.map(({ id, permissions }) => [id, permissions])), projects: this.projects, holders };
  }

  /** MEMBER is the first. */
  private async readRoles(): Promise<void> {
    const roles = await this.allRoles();
    this.ownRoles = roles.filter(({ key }) => /^[cr]-/.test(key)).map(({ id }) => id);
    const inOrganisation = roles.filter(({ scope }) => scope === 'ORGANISATION');
    this.organisationRoles = inOrganisation.sort((a) => (a.key === 'MEMBER' ? -1 : 0)).map(({ id }) => id);
    this.projectRoles = roles
      .filter(({ scope, projectKind }) => scope === 'PROJECT' && !projectKind)
      .map(({ id }) => id);
  }

  private allRoles(): Promise<Role[]> {
    return this.list(`${this.organisation}/roles`);
  }

  private async insertRole(scope: string, permissions: string[]): Promise<void> {
    const statement = `INSERT INTO roles (id, organisation_id, scope, key, name, permissions) VALUES ($1, $2, $3, $4, 'Custom', $5)`;
    await this.app.dataSource.query(statement, [
      randomUUID(),
      this.organisationId,
      scope,
      `c-${randomUUID()}`,
      permissions,
    ]);
  }
}

const isOfProjects = (permission: string): boolean => (PROJECT_PERMISSIONS as readonly string[]).includes(permission);

const grantsOf = (
  { roles }: Shown,
  role: string | null,
  projects: readonly { projectId: string; role: string }[] = [],
): Grant[] => [
  ...(role ? [{ place: null, permissions: roles.get(role) ?? [] }] : []),
  ...projects.map((grant) => ({ place: grant.projectId, permissions: roles.get(grant.role) ?? [] })),
];

/** What somebody's present role gives them at a place. */
const present = ({ roles, holders }: Shown, id: string, place: Place): Grant[] => [
  { place, permissions: roles.get(holders.get(id)?.get(place) ?? '') ?? [] },
];
