import { newAddress, type Organisation, PASSWORD } from './support/factories.js';
import type { Counted, CountedWorld } from './support/counted-world.js';

/** What is asked, what is answered, and how it is made ready. */
export type Way = [what: string, status: number, prepare: (world: CountedWorld) => Promise<Counted>];

const ROLE = { role: 'MEMBER' };
const fresh = (fields: object = ROLE): object => ({ email: newAddress(), ...fields });
const at = ({ id }: { id: string }): string => `/organisations/${id}`;
const within = ({ id }: { id: string }): string => `/projects/${id}`;

/** In an organisation of its own, by one of its ADMINs. */
const inOrganisation =
  (
    body: (world: CountedWorld, organisation: Organisation) => Promise<object> | object,
    before?: (world: CountedWorld, organisation: Organisation) => Promise<unknown>,
  ) =>
  async (world: CountedWorld): Promise<Counted> => {
    const organisation = await world.organisation();
    const admin = await world.member(organisation);
    await before?.(world, organisation);
    return { send: ['POST', `${at(organisation)}/invitations`, await body(world, organisation)], as: admin };
  };

/** Something done with an invitation that exists, by an ADMIN. */
const onInvitation =
  (
    send: (id: string, token: string) => Counted['send'],
    before?: (world: CountedWorld, id: string) => Promise<unknown>,
  ) =>
  async (world: CountedWorld): Promise<Counted> => {
    const organisation = await world.organisation();
    const admin = await world.member(organisation);
    const { id, token } = await world.invitation(at(organisation), ROLE);
    await before?.(world, id);
    return { send: send(id, token), as: admin };
  };

/** An acceptance by somebody with an account. */
const accepting =
  (fields: (world: CountedWorld, organisation: Organisation) => Promise<object> | object, isMember = false) =>
  async (world: CountedWorld): Promise<Counted> => {
    const organisation = await world.organisation();
    const person = isMember ? await world.member(organisation, 'MEMBER') : await world.person();
    const { token } = await world.invitation(at(organisation), {
      email: person.email,
      ...(await fields(world, organisation)),
    });
    return { send: ['POST', '/invitations/accept', { token }], as: person };
  };

const projects = async (world: CountedWorld, organisation: Organisation): Promise<object[]> => {
  const some = [await world.project(organisation), await world.project(organisation)];
  return some.map(({ id }) => ({ projectId: id, role: 'VIEWER' }));
};

export const ONE: Way[] = [
  ['invite to an organisation', 201, inOrganisation(() => fresh())],
  [
    'invite to an organisation with a seat limit',
    201,
    inOrganisation(
      () => fresh(),
      (world, organisation) => world.plan(organisation, { seatLimit: 100 }),
    ),
  ],
  [
    'invite to an organisation and two projects',
    201,
    inOrganisation(async (world, organisation) => fresh({ ...ROLE, projects: await projects(world, organisation) })),
  ],
  ['invite without a mail', 201, inOrganisation(() => fresh({ ...ROLE, sendEmail: false }))],
  [
    'invite over a lapsed invitation',
    201,
    async (world) => {
      const organisation = await world.organisation();
      const { id, email } = await world.invitation(at(organisation), ROLE);
      await world.lapse(id);
      return { send: ['POST', `${at(organisation)}/invitations`, { email, ...ROLE }], as: world.root };
    },
  ],
  [
    'invite by an API key',
    201,
    async (world) => {
      const organisation = await world.organisation();
      return { send: ['POST', `${at(organisation)}/invitations`, fresh()], as: await world.key(organisation) };
    },
  ],
  [
    'invite to a project',
    201,
    async (world) => {
      const organisation = await world.organisation();
      const project = await world.project(organisation);
      const body = fresh({ role: 'EDITOR' });
      return { send: ['POST', `${within(project)}/invitations`, body], as: await world.member(organisation) };
    },
  ],
  [
    'invite to the platform',
    201,
    async (world) => ({ send: ['POST', '/platform/invitations', fresh({ platformRole: 'OPERATOR' })], as: world.root }),
  ],
  ['send again', 200, onInvitation((id) => ['POST', `/invitations/${id}/resend`, {}])],
  [
    'send a lapsed one again',
    200,
    onInvitation(
      (id) => ['POST', `/invitations/${id}/resend`, { sendEmail: true }],
      (world, id) => world.lapse(id),
    ),
  ],
  ['change the message', 200, onInvitation((id) => ['PATCH', `/invitations/${id}`, { message: 'Welcome' }])],
  ['change what is granted', 200, onInvitation((id) => ['PATCH', `/invitations/${id}`, { role: 'ADMIN' }])],
  ['revoke', 204, onInvitation((id) => ['DELETE', `/invitations/${id}`])],
  [
    'decline by the link',
    204,
    async (world) => {
      const { token } = await world.invitation(at(await world.organisation()), ROLE);
      return { send: ['POST', '/invitations/decline', { token }] };
    },
  ],
  [
    'decline one of mine',
    204,
    async (world) => {
      const person = await world.person();
      const { id } = await world.invitation(at(await world.organisation()), { ...ROLE, email: person.email });
      return { send: ['POST', `/me/invitations/${id}/decline`], as: person };
    },
  ],
  ['accept', 200, accepting(() => ROLE)],
  ['accept with projects', 200, accepting(async (...where) => ({ ...ROLE, projects: await projects(...where) }))],
  ['accept as a member who gets more', 200, accepting(() => ({ role: 'ADMIN' }), true)],
  [
    'accept one of mine',
    200,
    async (world) => {
      const person = await world.person();
      const { id } = await world.invitation(at(await world.organisation()), { ...ROLE, email: person.email });
      return { send: ['POST', `/me/invitations/${id}/accept`], as: person };
    },
  ],
  [
    'accept an invitation to the platform',
    200,
    async (world) => {
      const person = await world.person();
      const { token } = await world.invitation('/platform', { email: person.email, platformRole: 'OPERATOR' });
      return { send: ['POST', '/invitations/accept', { token }], as: person };
    },
  ],
  [
    'accept once more',
    200,
    async (world) => {
      const { send, as } = await accepting(() => ROLE)(world);
      const [, path, body] = send;
      await world.app.api.post(path, body, { as });
      return { send, as };
    },
  ],
];

export const REFUSED: Way[] = [
  [
    'refused: another site',
    400,
    inOrganisation(() => fresh({ ...ROLE, redirectUrl: 'https://elsewhere.example.com' })),
  ],
  [
    'refused: not in the plan',
    402,
    inOrganisation(
      () => fresh(),
      (world, organisation) => world.plan(organisation, { invitationsEnabled: false }),
    ),
  ],
  ['refused: no such role', 404, inOrganisation(() => fresh({ role: 'NOBODY' }))],
  [
    'refused: an invitation is open',
    409,
    inOrganisation(async (world, organisation) => {
      const { email } = await world.invitation(at(organisation), ROLE);
      return { email, ...ROLE };
    }),
  ],
  [
    'refused: a member',
    409,
    inOrganisation(async (world, organisation) => ({ email: (await world.member(organisation)).email, ...ROLE })),
  ],
  [
    'refused: no seat left',
    402,
    inOrganisation(
      () => fresh(),
      (world, organisation) => world.plan(organisation, { seatLimit: 1 }),
    ),
  ],
  [
    'refused: sent a moment ago',
    429,
    onInvitation(
      (id) => ['POST', `/invitations/${id}/resend`, {}],
      (world, id) => world.sentTwice(id),
    ),
  ],
];

export const FORBIDDEN: Way[] = [
  ['refused: above the ceiling', 403, inOrganisation(() => fresh({ role: 'OWNER' }))],
  [
    'refused: no permission',
    403,
    async (world) => {
      const organisation = await world.organisation();
      const member = await world.member(organisation, 'MEMBER');
      return { send: ['POST', `${at(organisation)}/invitations`, fresh()], as: member };
    },
  ],
  [
    'refused: accepting as somebody else',
    403,
    async (world) => {
      const { token } = await world.invitation(at(await world.organisation()), ROLE);
      return { send: ['POST', '/invitations/accept', { token }], as: await world.person() };
    },
  ],
];

export const NEWCOMERS: Way[] = [
  [
    'accept without an account',
    200,
    async (world) => {
      const { token } = await world.invitation(at(await world.organisation()), ROLE);
      return { send: ['POST', '/invitations/accept', { token, givenName: 'Kim', password: PASSWORD }] };
    },
  ],
  [
    'accept without an account, by Activepieces',
    200,
    async (world) => {
      const project = await world.project(await world.organisation());
      const { token } = await world.invitation(within(project), { role: 'EDITOR' });
      return { send: ['POST', '~/v1/user-invitations/accept', { invitationToken: token }] };
    },
  ],
];

export const READING: Way[] = [
  [
    'look up a link',
    200,
    async (world) => {
      const { token } = await world.invitation(at(await world.organisation()), ROLE);
      return { send: ['POST', '/invitations/lookup', { token }] };
    },
  ],
  ['get an invitation', 200, onInvitation((id) => ['GET', `/invitations/${id}`])],
  [
    'list invitations',
    200,
    async (world) => ({ send: ['GET', `${at(await world.organisation())}/invitations`], as: world.root }),
  ],
  [
    'list members',
    200,
    async (world) => ({ send: ['GET', `${at(await world.organisation())}/members`], as: world.root }),
  ],
  ['list my memberships', 200, async (world) => ({ send: ['GET', '/me/memberships'], as: world.root })],
  ['list my invitations', 200, async (world) => ({ send: ['GET', '/me/invitations'], as: await world.person() })],
];

/** An organisation, and the invitation of its owner. */
export const WITH_OWNER: Way[] = [
  [
    'create an organisation with an owner to invite',
    201,
    async (world) => ({ send: ['POST', '/organisations', { name: 'Acme', ownerEmail: newAddress() }], as: world.root }),
  ],
];

/** The key is claimed before, used up in the transaction, and keeps the answer afterwards. */
export const WITH_KEY: Way[] = [
  [
    'invite with an Idempotency-Key',
    201,
    async (world) => {
      const counted = await inOrganisation(() => fresh())(world);
      return { ...counted, headers: { 'Idempotency-Key': 'once' } };
    },
  ],
];
