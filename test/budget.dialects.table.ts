import { newAddress, type Organisation } from './support/factories.js';
import type { Counted, CountedWorld } from './support/counted-world.js';
import type { Way } from './budget.table.js';

const wiremock = ({ id }: Organisation, rest = ''): string => `~/v1/organisations/${id}/invitations${rest}`;
const deepset = ({ id }: Organisation): string => `/organization/${id}/invitation`;

/** In an organisation with a project, by one of its ADMINs. `isRepeated`: the same was asked before. */
const by =
  (
    send: (organisation: Organisation, projectId: string) => Counted['send'],
    { isRepeated = false, kind = 'project' } = {},
  ) =>
  async (world: CountedWorld): Promise<Counted> => {
    const organisation = await world.organisation();
    const project = await world.project(organisation, { kind });
    const request = { send: send(organisation, project.id), as: await world.member(organisation) };
    if (isRepeated) await world.ask(request);
    return request;
  };

const toProject = (_: Organisation, projectId: string): Counted['send'] => [
  'POST',
  '~/v1/user-invitations',
  { type: 'PROJECT', email: newAddress(), projectId, projectRole: 'Editor' },
];
const toWiremock = (organisation: Organisation): Counted['send'] => [
  'POST',
  wiremock(organisation),
  { invitation: { recipientEmailAddress: newAddress(), role: 'organisation_member' } },
];
const toMockApi = (organisation: Organisation, aclObjectId: string): Counted['send'] => [
  'POST',
  wiremock(organisation),
  { invitation: { recipientEmailAddress: newAddress(), role: 'mock_api_editor', aclObjectId } },
];
const toWorkspace = (organisation: Organisation, projectId: string): Counted['send'] => [
  'POST',
  deepset(organisation),
  { email: newAddress(), given_name: 'Kim', family_name: 'Lee', role: 'Editor', workspace_ids: [projectId] },
];

export const OF_DIALECTS: Way[] = [
  ['Activepieces: invite to a project', 201, by(toProject)],
  ['Activepieces: invite to a project again', 201, by(toProject, { isRepeated: true })],
  [
    'Activepieces: invite to the platform',
    201,
    async ({ root }) => {
      const body = { type: 'PLATFORM', email: newAddress(), platformRole: 'OPERATOR' };
      return { send: ['POST', '~/v1/user-invitations', body], as: root };
    },
  ],
  [
    'Activepieces: revoke',
    204,
    async (world) => {
      const project = await world.project(await world.organisation());
      const { id } = await world.invitation(`/projects/${project.id}`, { role: 'EDITOR' });
      return { send: ['DELETE', `~/v1/user-invitations/${id}`], as: world.root };
    },
  ],
  [
    'Activepieces: accept with an account',
    200,
    async (world) => {
      const person = await world.person();
      const project = await world.project(await world.organisation());
      const { token } = await world.invitation(`/projects/${project.id}`, { role: 'EDITOR', email: person.email });
      return { send: ['POST', '~/v1/user-invitations/accept', { invitationToken: token }], as: person };
    },
  ],
  ['WireMock: invite to an organisation', 201, by(toWiremock)],
  ['WireMock: invite to an organisation again', 201, by(toWiremock, { isRepeated: true })],
  ['WireMock: invite to a project', 201, by(toMockApi, { kind: 'mock_api' })],
  ['WireMock: invite to a project again', 201, by(toMockApi, { kind: 'mock_api', isRepeated: true })],
  [
    'WireMock: revoke',
    204,
    async (world) => {
      const organisation = await world.organisation();
      const { id } = await world.invitation(`/organisations/${organisation.id}`, { role: 'MEMBER' });
      return { send: ['DELETE', wiremock(organisation, `/${id}`)], as: world.root };
    },
  ],
  ['deepset: invite', 201, by(toWorkspace)],
  ['deepset: invite again', 201, by(toWorkspace, { isRepeated: true })],
  [
    'GoRules: send again',
    200,
    async (world) => {
      const organisation = await world.organisation();
      const { inviteeId } = await world.invitation(`/organisations/${organisation.id}`, { role: 'MEMBER' });
      return { send: ['POST', `~/api/users/${inviteeId}/invitation`], as: await world.member(organisation) };
    },
  ],
];

export const READ_BY_DIALECTS: Way[] = [
  [
    'Activepieces: list',
    200,
    async (world) => {
      const project = await world.project(await world.organisation());
      const query = `type=PROJECT&projectId=${project.id}`;
      return { send: ['GET', `~/v1/user-invitations?${query}`], as: world.root };
    },
  ],
  ['WireMock: list', 200, async (world) => ({ send: ['GET', wiremock(await world.organisation())], as: world.root })],
  [
    'WireMock: get',
    200,
    async (world) => {
      const organisation = await world.organisation();
      const { id } = await world.invitation(`/organisations/${organisation.id}`, { role: 'MEMBER' });
      return { send: ['GET', wiremock(organisation, `/${id}`)], as: world.root };
    },
  ],
  [
    'GoRules: list people',
    200,
    async (world) => ({ send: ['GET', '~/api/users'], as: await world.key(await world.organisation()) }),
  ],
  [
    'GoRules: list invitations',
    200,
    async (world) => ({ send: ['GET', '~/api/invitations'], as: await world.key(await world.organisation()) }),
  ],
  [
    'deepset: list roles',
    200,
    async (world) => ({ send: ['GET', `/organization/${(await world.organisation()).id}/roles`], as: world.root }),
  ],
];

const rows = (count: number): object[] =>
  Array.from({ length: count }, () => ({ email: newAddress(), role: 'MEMBER', givenName: 'Kim' }));

const bulk =
  (body: (world: CountedWorld, organisation: Organisation) => Promise<object> | object) =>
  async (world: CountedWorld): Promise<Counted> => {
    const organisation = await world.organisation();
    const path = `/organisations/${organisation.id}/invitations/bulk`;
    return { send: ['POST', path, await body(world, organisation)], as: await world.member(organisation) };
  };

const gorules =
  (count: number) =>
  async (world: CountedWorld): Promise<Counted> => {
    const emails = Array.from({ length: count }, () => newAddress());
    return { send: ['POST', '~/api/users', { emails }], as: await world.key(await world.organisation()) };
  };

export const MANY: Way[] = [
  ['bulk of 10', 200, bulk(() => ({ invitations: rows(10) }))],
  ['bulk of 1,000', 200, bulk(() => ({ invitations: rows(1_000) }))],
  ['dry run of 1,000', 200, bulk(() => ({ invitations: rows(1_000), dryRun: true }))],
  [
    'bulk of rows that are created, sent again, skipped and refused',
    200,
    bulk(async (world, organisation) => {
      const at = `/organisations/${organisation.id}`;
      const [changed, same] = [
        await world.invitation(at, { role: 'MEMBER' }),
        await world.invitation(at, { role: 'MEMBER' }),
      ];
      const { email } = await world.member(organisation);
      const refused = { email: newAddress(), role: 'OWNER' };
      const again = { email: changed.email, role: 'ADMIN' };
      const named = [again, { email: same.email, role: 'MEMBER' }, { email, role: 'MEMBER' }, refused];
      return { invitations: [...rows(10), ...named] };
    }),
  ],
  ['GoRules: invite one', 200, gorules(1)],
  ['GoRules: invite ten', 200, gorules(10)],
];
