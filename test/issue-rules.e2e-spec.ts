import { readFileSync } from 'node:fs';
import { problem } from '@usher/http';
import { RULES, type Rule } from '../apps/api/src/invitations/issue/issue-rules.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import {
  buildOrganisation,
  buildProject,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './support/factories.js';

/** Operations that speak of invitations or of somebody's address, and invite nobody. */
const INVITES_NOBODY = [
  ...['acceptInvitation', 'acceptMyInvitation', 'activepiecesAccept', 'declineInvitation', 'declineMyInvitation'],
  ...['lookUpInvitation', 'requestInvitationRenewal'],
  // They are about mail that somebody does not want.
  ...['changeMailRefusals', 'lookUpMailRefusals'],
  // The address is of the person who asks.
  ...['signIn', 'requestPasswordReset'],
];

/** A rule of an installation that lets only its own people be invited. */
const onlyOurDomain: Rule = ({ email }) => {
  if (!email.endsWith('@ours.example')) throw problem(403, 'domain_not_allowed', 'Only our own people are invited.');
};

interface Place {
  root: Person;
  organisation: Organisation;
  projectId: string;
  /** Open invitations from before the rule. */
  invitationIds: string[];
  inviteeId: string;
  key: string;
}

type Ask = (app: TestApp, place: Place) => Promise<Answer>;

const at = ({ organisation }: Place): string => `/organisations/${organisation.id}`;
const MEMBER = { role: 'MEMBER' };

/** How each operation that invites is asked for somebody whom the rule refuses. */
const WAYS_IN: Record<string, Ask> = {
  inviteToPlatform: ({ api }, { root }) =>
    api.post('/platform/invitations', { email: newAddress(), platformRole: 'MEMBER' }, { as: root }),
  inviteToOrganisation: ({ api }, place) =>
    api.post(`${at(place)}/invitations`, { email: newAddress(), ...MEMBER }, { as: place.root }),
  inviteToProject: ({ api }, { root, projectId }) =>
    api.post(`/projects/${projectId}/invitations`, { email: newAddress(), role: 'VIEWER' }, { as: root }),
  inviteManyToOrganisation: ({ api }, place) =>
    api.post(
      `${at(place)}/invitations/bulk`,
      { invitations: [{ email: newAddress(), ...MEMBER }] },
      { as: place.root },
    ),
  resendInvitation: ({ api }, { root, invitationIds }) =>
    api.post(`/invitations/${invitationIds[0]}/resend`, {}, { as: root }),
  changeInvitation: ({ api }, { root, invitationIds }) =>
    api.patch(`/invitations/${invitationIds[1]}`, { message: 'Welcome' }, { as: root }),
  createOrganisation: ({ api }, { root }) =>
    api.post('/organisations', { name: 'Beta', ownerEmail: newAddress() }, { as: root }),
  activepiecesInvite: ({ root: api }, { root, projectId }) => {
    const body = { type: 'PROJECT', email: newAddress(), projectId, projectRole: 'Editor' };
    return api.post('/v1/user-invitations', body, { as: root });
  },
  deepsetInvite: ({ api }, { root, organisation }) => {
    const body = { email: newAddress(), given_name: 'Kim', family_name: 'Lee', role: 'Member', workspace_ids: [] };
    return api.post(`/organization/${organisation.id}/invitation`, body, { as: root });
  },
  gorulesInviteUsers: ({ root: api }, { key }) => api.post('/api/users', { emails: [newAddress()] }, { as: key }),
  gorulesSendInvitation: ({ root: api }, { key, inviteeId }) =>
    api.post(`/api/users/${inviteeId}/invitation`, undefined, { as: key }),
  wiremockInvite: ({ root: api }, { root, organisation }) => {
    const invitation = { recipientEmailAddress: newAddress(), role: 'organisation_member' };
    return api.post(`/v1/organisations/${organisation.id}/invitations`, { invitation }, { as: root });
  },
};

describe('a rule of inviting', () => {
  let app: TestApp;
  let place: Place;

  beforeAll(async () => {
    app = await startApp({}, { replay: false }); // the rule would refuse what others repeat
    const root = await signInAdmin(app);
    const organisation = await buildOrganisation(app, root);
    const { id: projectId } = await buildProject(app, root, organisation);
    const path = `/organisations/${organisation.id}`;
    const key = await app.api.post(`${path}/api-keys`, { name: 'Key', role: 'ADMIN' }, { as: root });
    const opened = await Promise.all(
      [0, 1, 2].map(() => app.api.post(`${path}/invitations`, { email: newAddress(), ...MEMBER }, { as: root })),
    );
    const [first, second, third] = opened.map(({ body }) => body as { id: string; inviteeId: string });
    const before = { invitationIds: [first.id, second.id], inviteeId: third.inviteeId };
    place = { root, organisation, projectId, key: key.body.key as string, ...before };
    RULES.push(onlyOurDomain);
  });
  afterAll(async () => {
    RULES.splice(RULES.indexOf(onlyOurDomain), 1);
    await app.stop();
  });

  it('is known by every operation of the API that invites', () => {
    const asked = [...Object.keys(WAYS_IN), ...INVITES_NOBODY].sort();
    expect(operationsThatMayInvite().sort()).toEqual(asked);
  });

  it.each(Object.entries(WAYS_IN))('refuses by %s, and nothing is written', async (_operation, ask) => {
    const before = await count();
    const { body } = await ask(app, place);
    expect(JSON.stringify(body)).toMatch(/domain_not_allowed|Only our own people/);
    expect(await count()).toEqual(before);
  });

  it('lets in whom it allows', async () => {
    const invitation = { email: 'kim@ours.example', ...MEMBER };
    expect((await app.api.post(`${at(place)}/invitations`, invitation, { as: place.root })).status).toBe(201);
  });

  const count = async (): Promise<unknown> =>
    (
      await app.dataSource.query(
        `SELECT (SELECT count(*) FROM invitations) AS invitations, (SELECT count(*) FROM organisations) AS organisations,
          (SELECT count(*) FROM mail_messages) AS mails, (SELECT sum(send_count) FROM invitations) AS sent`,
      )
    )[0];
});

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
}

interface Operation {
  operationId: string;
  requestBody?: { content?: Record<string, { schema?: Schema } | undefined> };
}

/** Those that write, and whose path names invitations or whose body has an address. */
function operationsThatMayInvite(): string[] {
  const { paths, components } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema> };
  };
  const namesAddress = (schema: Schema = {}): boolean => {
    const { properties = {}, items } = schema.$ref ? components.schemas[schema.$ref.split('/').at(-1) ?? ''] : schema;
    const isNamed = Object.keys(properties).some((field) => /email/i.test(field));
    return isNamed || Object.values(properties).some(namesAddress) || (items !== undefined && namesAddress(items));
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => ['post', 'put', 'patch'].includes(method))
      .map(([, operation]) => operation)
      .filter(({ requestBody }) => {
        const { schema } = requestBody?.content?.['application/json'] ?? {};
        return path.includes('invitation') || namesAddress(schema);
      })
      .map(({ operationId }) => operationId),
  );
}
