import { OWNER_ROLE_ID } from '../../apps/api/src/access/permissions.js';
import type { Actor } from '../policy.table.js';
import { newAddress, PASSWORD, type Person } from './factories.js';
import { newRole, type PolicyThings } from './policy-things.js';

/** What a line of the policy table leaves open of a request. */
export interface Request {
  /** For the places in the path; this organisation and this project need not be named. */
  ids?: Readonly<Record<string, string>>;
  body?: object;
  /** Without its question mark. */
  query?: string;
  /** Another session of the same person. */
  as?: string;
}

export interface Call {
  actor: Actor;
  /** The person who calls, or for whom a key does; a bystander in place of those who are nobody. */
  self: Person;
  isPerson: boolean;
  things: PolicyThings;
}

type Build = (call: Call) => Request | Promise<Request>;
type Made = Promise<{ id: string }>;

const ABOVE_AN_ADMIN = ['organisation:read', 'organisation:delete'];
const RENAMED = { name: 'Renamed' };

const theInvitation = async (made: Made) => ({ invitation: (await made).id });
const theRole = async (made: Made) => ({ role: (await made).id });
const theKey = async (made: Made) => ({ key: (await made).id });
const theUser = async (made: Made) => ({ user: (await made).id });
const invite = (fields: object) => ({ body: { email: newAddress('invited'), ...fields } });

/** A copy to delete or to leave. Organisation keys exist in this organisation alone, and are refused there. */
const toEnd = async ({ actor, things }: Call): Made =>
  actor.startsWith('an organisation key') ? things.standing.organisation : things.organisationLikeThis();

const auth: Record<string, Build> = {
  'POST /auth/sign-in': async ({ things }) => ({ body: { email: (await things.user()).email, password: PASSWORD } }),
  'POST /auth/sign-out': async ({ self, isPerson, things }) =>
    isPerson ? { as: (await things.session(self.id)).token } : {},
  'DELETE /auth/sessions/{session}': async ({ self, things }) => ({
    ids: { session: (await things.session(self.id)).id },
  }),
  'POST /auth/password-resets': async ({ things }) => ({ body: { email: (await things.user()).email } }),
  'POST /auth/password-resets/confirm': async ({ things }) => ({
    body: { token: await things.resetToken(), password: PASSWORD },
  }),
};

const me: Record<string, Build> = {
  'PATCH /me': () => ({ body: { givenName: 'Robin' } }),
  'PUT /me/password': () => ({ body: { currentPassword: PASSWORD, newPassword: 'another horse battery' } }),
  'POST /me/invitations/{invitation}/accept': async ({ self, things }) => ({
    ids: await theInvitation(things.invitationFor(self.email)),
  }),
  'POST /me/invitations/{invitation}/decline': async ({ self, things }) => ({
    ids: await theInvitation(things.invitationFor(self.email)),
  }),
  'POST /me/api-keys': () => ({ body: { name: 'Key' } }),
  'DELETE /me/api-keys/{key}': async ({ self, things }) => ({ ids: await theKey(things.personalKey(self)) }),
};

const platform: Record<string, Build> = {
  'PATCH /platform': () => ({ body: RENAMED }),
  'POST /platform/invitations': () => invite({ platformRole: 'MEMBER' }),
  'POST /platform/api-keys': () => ({ body: { name: 'Key', platformRole: 'OPERATOR' } }),
  'DELETE /platform/api-keys/{key}': async ({ things }) => ({ ids: await theKey(things.platformKey()) }),
  'POST /organisations (naming its owner)': () => ({ body: { name: 'New', ownerEmail: newAddress('owner') } }),
  'POST /organisations (naming no owner)': () => ({ body: { name: 'New' } }),
  'GET /users/{user}': async ({ things }) => ({ ids: await theUser(things.user()) }),
  'PATCH /users/{user}': async ({ things }) => ({ ids: await theUser(things.user()), body: { givenName: 'Robin' } }),
  'DELETE /users/{user}': async ({ things }) => ({ ids: await theUser(things.user()) }),
};

const organisations: Record<string, Build> = {
  'PATCH /organisations/{org}': () => ({ body: RENAMED }),
  'POST /organisations/{org}/mail-preview': () => ({ body: { template: 'invitation' } }),
  'DELETE /organisations/{org}': async (call) => ({ ids: { org: (await toEnd(call)).id } }),
  'PUT /organisations/{org}/plan': () => ({ body: { invitationsEnabled: true, seatLimit: null } }),
  'PUT /organisations/{org}/status': () => ({ body: { status: 'ACTIVE' } }),
  'POST /organisations/{org}/api-keys': () => ({ body: { name: 'Key', role: 'MEMBER' } }),
  'POST /organisations/{org}/api-keys (of an OWNER)': () => ({ body: { name: 'Key', role: 'OWNER' } }),
  'DELETE /organisations/{org}/api-keys/{key}': async ({ things }) => ({ ids: await theKey(things.organisationKey()) }),
  'DELETE /organisations/{org}/api-keys/{key} (of an OWNER)': async ({ things }) => ({
    ids: await theKey(things.organisationKey('OWNER')),
  }),
};

const member: Build = async ({ things }) => ({ ids: await theUser(things.member()) });
const owner: Build = async ({ things }) => ({ ids: await theUser(things.member('OWNER')) });
const oneself: Build = async (call) => ({ ids: { org: (await toEnd(call)).id, user: call.self.id } });
const saying =
  (build: Build, body: object): Build =>
  async (call) => ({ ...(await build(call)), body });

const members: Record<string, Build> = {
  'GET /organisations/{org}/members/{user}': member,
  'GET /organisations/{org}/members/{user}/access': member,
  'DELETE /organisations/{org}/members/{user}': member,
  'DELETE /organisations/{org}/members/{user} (an owner)': owner,
  'DELETE /organisations/{org}/members/{user} (oneself)': oneself,
  'PUT /organisations/{org}/members/{user}/role': saying(member, { role: 'ADMIN' }),
  'PUT /organisations/{org}/members/{user}/role (to OWNER)': saying(member, { role: 'OWNER' }),
  'PUT /organisations/{org}/members/{user}/role (of an owner)': saying(owner, { role: 'MEMBER' }),
  'PUT /organisations/{org}/members/{user}/role (oneself)': saying(oneself, { role: 'ADMIN' }),
  'PUT /organisations/{org}/members/{user}/status': saying(member, { status: 'SUSPENDED' }),
  'PUT /organisations/{org}/members/{user}/status (an owner)': saying(owner, { status: 'SUSPENDED' }),
};

const ownRole: Build = async ({ things }) => ({ ids: await theRole(things.role(['organisation:read'])) });
const highRole: Build = async ({ things }) => ({ ids: await theRole(things.role(ABOVE_AN_ADMIN)) });
const builtIn: Build = () => ({ ids: { role: OWNER_ROLE_ID } });

const roles: Record<string, Build> = {
  'POST /organisations/{org}/roles': () => ({ body: newRole(['organisation:read']) }),
  'POST /organisations/{org}/roles (above an admin)': () => ({ body: newRole(ABOVE_AN_ADMIN) }),
  'PATCH /roles/{role}': saying(ownRole, RENAMED),
  'PATCH /roles/{role} (above an admin)': saying(highRole, RENAMED),
  'PATCH /roles/{role} (built in)': saying(builtIn, RENAMED),
  'DELETE /roles/{role}': ownRole,
  'DELETE /roles/{role} (above an admin)': highRole,
  'DELETE /roles/{role} (built in)': builtIn,
};

const projectMember: Build = async ({ things }) => ({ ids: await theUser(things.projectMember()) });

const projects: Record<string, Build> = {
  'POST /organisations/{org}/projects': () => ({ body: { name: 'New' } }),
  'PATCH /projects/{project}': () => ({ body: RENAMED }),
  'DELETE /projects/{project}': async ({ things }) => ({ ids: { project: (await things.projectLikeThis()).id } }),
  'POST /projects/{project}/members': async ({ things }) => ({
    body: { userId: (await things.member()).id, role: 'VIEWER' },
  }),
  'PUT /projects/{project}/members/{user}/role': saying(projectMember, { role: 'EDITOR' }),
  'DELETE /projects/{project}/members/{user}': projectMember,
  'DELETE /projects/{project}/members/{user} (oneself)': async ({ self, things }) => ({
    ids: { project: (await things.projectLikeThis()).id, user: self.id },
  }),
};

/** What may be done to an invitation, by the case that tells where it leads. */
const onInvitations = (made: (things: PolicyThings) => Made, suffix = ''): Record<string, Build> => {
  const fresh: Build = async ({ things }) => ({ ids: await theInvitation(made(things)) });
  const name = `/invitations/{invitation}`;
  return {
    [`GET ${name}${suffix}`]: fresh,
    [`PATCH ${name}${suffix}`]: saying(fresh, { message: 'Welcome' }),
    [`DELETE ${name}${suffix}`]: fresh,
    [`POST ${name}/resend${suffix}`]: saying(fresh, {}),
  };
};

const invitations: Record<string, Build> = {
  'POST /organisations/{org}/invitations': () => invite({ role: 'ADMIN' }),
  'POST /organisations/{org}/invitations (as OWNER)': () => invite({ role: 'OWNER' }),
  'POST /organisations/{org}/invitations/bulk': () => ({
    body: { invitations: [{ email: newAddress('invited'), role: 'ADMIN' }] },
  }),
  'POST /projects/{project}/invitations': () => invite({ role: 'ADMIN' }),
  ...onInvitations((things) => things.invitation()),
  ...onInvitations((things) => things.invitation('OWNER'), ' (as OWNER)'),
  ...onInvitations((things) => things.invitationToProject(), ' (in a project)'),
  ...onInvitations((things) => things.invitationToPlatform(), ' (to the platform)'),
};

const newcomers: Build = async ({ things }) => ({ body: { token: (await things.invitation()).token } });

const invitee: Record<string, Build> = {
  'POST /invitations/lookup': newcomers,
  'POST /invitations/renewal-requests': newcomers,
  'POST /invitations/accept (for a new address)': async ({ things }) => ({
    body: { token: (await things.invitation()).token, givenName: 'Kim', familyName: 'Lee', password: PASSWORD },
  }),
  'POST /invitations/accept (for one with an account)': async ({ self, things }) => ({
    body: { token: (await things.invitationFor(self.email)).token },
  }),
  'POST /invitations/decline': newcomers,
  'POST /invitations/refusals/lookup': ({ things }) => ({ body: { token: things.optOutToken() } }),
  'POST /invitations/refusals': ({ things }) => ({ body: { token: things.optOutToken(), organisation: true } }),
};

const inWiremocksWords = (fields: object) => ({
  body: { invitation: { recipientEmailAddress: newAddress('invited'), ...fields } },
});

const wiremock: Record<string, Build> = {
  'POST /v1/organisations/{org}/invitations': () => inWiremocksWords({ role: 'organisation_admin' }),
  'POST /v1/organisations/{org}/invitations (to a project)': async ({ things }) =>
    inWiremocksWords({ role: 'team_admin', aclObjectId: (await things.team()).id }),
  'GET /v1/organisations/{org}/invitations/{invitation}': async ({ things }) => ({
    ids: await theInvitation(things.invitation()),
  }),
  'DELETE /v1/organisations/{org}/invitations/{invitation}': async ({ things }) => ({
    ids: await theInvitation(things.invitation()),
  }),
  'DELETE /v1/organisations/{org}/invitations/{invitation} (as OWNER)': async ({ things }) => ({
    ids: await theInvitation(things.invitation('OWNER')),
  }),
};

const ofActivepieces = '/v1/user-invitations';
const byToken = async (made: Promise<{ token: string }>) => ({ body: { invitationToken: (await made).token } });

const activepieces: Record<string, Build> = {
  [`POST ${ofActivepieces} (to a project)`]: ({ things }) =>
    invite({ type: 'PROJECT', projectId: things.standing.project.id, projectRole: 'Viewer' }),
  [`POST ${ofActivepieces} (to the platform)`]: () => invite({ type: 'PLATFORM', platformRole: 'MEMBER' }),
  [`DELETE ${ofActivepieces}/{invitation}`]: async ({ things }) => ({
    ids: await theInvitation(things.invitationToProject()),
  }),
  [`DELETE ${ofActivepieces}/{invitation} (to the platform)`]: async ({ things }) => ({
    ids: await theInvitation(things.invitationToPlatform()),
  }),
  [`GET ${ofActivepieces} (of a project)`]: ({ things }) => ({
    query: `type=PROJECT&projectId=${things.standing.project.id}`,
  }),
  [`GET ${ofActivepieces} (to the platform)`]: () => ({ query: 'type=PLATFORM' }),
  [`POST ${ofActivepieces}/accept (for a new address)`]: ({ things }) => byToken(things.invitationToProject()),
  [`POST ${ofActivepieces}/accept (for one with an account)`]: ({ self, things }) =>
    byToken(things.invitationToProjectFor(self.email)),
};

const here = ({ things }: Call) => ({ query: `organisationId=${things.standing.organisation.shortId}` });
const emails = () => ({ body: { emails: [newAddress('invited')] } });
const again =
  (role?: string): Build =>
  async (call) => ({ ...here(call), ids: { invitee: (await call.things.invitation(role)).inviteeId } });

const gorules: Record<string, Build> = {
  'GET /api/users': here,
  'GET /api/invitations': here,
  'POST /api/users': (call) => ({ ...here(call), ...emails() }),
  'POST /api/users (invited as OWNER)': async (call) => ({
    ...here(call),
    body: { emails: [(await call.things.invitation('OWNER')).email] },
  }),
  'POST /api/users/{invitee}/invitation': again(),
  'POST /api/users/{invitee}/invitation (as OWNER)': again('OWNER'),
};

const inDeepsetsWords = (role: string) => ({
  body: { given_name: 'Kim', family_name: 'Lee', email: newAddress('invited'), role },
});

const deepset: Record<string, Build> = {
  'POST /organization/{org}/invitation': () => inDeepsetsWords('Admin'),
  'POST /organization/{org}/invitation (as OWNER)': () => inDeepsetsWords('Owner'),
};

/** By line of the table. Each body is valid, each thing exists. What is not here needs neither. */
export const REQUESTS: Readonly<Record<string, Build>> = {
  ...{ ...auth, ...me, ...platform, ...organisations, ...members },
  ...{ ...roles, ...projects, ...invitations, ...invitee },
  ...{ ...activepieces, ...deepset, ...gorules, ...wiremock },
};
