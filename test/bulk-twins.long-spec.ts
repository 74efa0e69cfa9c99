import { HttpException } from '@nestjs/common';
import { RequestValidation } from '@usher/http';
import fc from 'fast-check';
import { organisationPlace } from '../apps/api/src/invitations/grants.js';
import { IssueInvitations } from '../apps/api/src/invitations/issue/issue-invitations.js';
import { inviteRequest, InviteToOrganisationDto } from '../apps/api/src/invitations/invite.dto.js';
import { startApp, type TestApp } from './support/app.js';
import { buildOrganisation, buildProject, newAddress, type Organisation, type Person } from './support/factories.js';
import { signInAdmin } from './support/factories.js';
import { builtIn, insertMember, insertPerson } from './support/sql-factories.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- a test names the fields that it expects */
const SEED = Number(process.env.TEST_SEED ?? 20_261_120);
const RUNS = 12;

/** What a row leads to, whoever asks for it. */
interface End {
  outcome: string;
  code?: string;
  hasLink: boolean;
}

/** One of two organisations that are alike but for their names and those who run them. */
interface Twin {
  organisation: Organisation;
  /** An ADMIN, who invites. */
  caller: Person;
  projects: { id: string }[];
}

/** People and addresses that a row may name: of both twins they know the same. */
const PEOPLE = [
  'a stranger',
  'another stranger',
  'a third',
  'a member',
  'an admin',
  'somebody suspended',
  'invited as MEMBER',
  'invited as OWNER',
  'invited to a project',
  'invited twice just now',
  'invited without a mail',
  'invited long ago',
  'no address',
] as const;
type Somebody = (typeof PEOPLE)[number];

const seldom = <T>(wrong: T) => ({ weight: 1, arbitrary: fc.constant(wrong) });
const mostly = <T>(...right: T[]) => ({ weight: 12, arbitrary: fc.constantFrom(...right) });

interface Row {
  who: Somebody;
  role: string;
  /** Of two projects; the third is none. */
  projects?: { project: number; role: string }[];
  sendEmail?: boolean;
}

const row: fc.Arbitrary<Row> = fc.record(
  {
    who: fc.constantFrom(...PEOPLE),
    role: fc.constantFrom('MEMBER', 'MEMBER', 'member', 'ADMIN', 'ADMIN', 'OWNER', 'NOBODY'),
    projects: fc.uniqueArray(
      fc.record({ project: fc.oneof(mostly(0, 1), seldom(2)), role: fc.constantFrom('VIEWER', 'EDITOR', 'NOBODY') }),
      { maxLength: 2, selector: ({ project }) => project },
    ),
    givenName: fc.oneof(mostly('Kim', 'Zoë'), seldom('see www.example.com')),
    message: fc.oneof(mostly('Welcome', 'Hello'), seldom('two\nlines')),
    locale: fc.constantFrom('de', 'pt-BR'),
    expiresInHours: fc.oneof(mostly(1, 48), seldom(0)),
    redirectUrl: fc.oneof(mostly('https://app.example.com/in'), seldom('https://elsewhere.example.com')),
    metadata: fc.constantFrom({ number: 1 }, {}),
    sendEmail: fc.boolean(),
  },
  { requiredKeys: ['who', 'role'] },
);

/** Everybody once, and what goes wrong with a single row. */
const EVERYBODY: Row[] = [
  ...PEOPLE.map((who) => ({ who, role: 'MEMBER', givenName: 'Kim' })),
  ...PEOPLE.map((who) => ({ who, role: 'ADMIN', sendEmail: false })),
];
const STRANGERS: Row[] = [
  { who: 'a stranger', role: 'NOBODY' },
  { who: 'invited as MEMBER', role: 'ADMIN' },
  { who: 'a third', role: 'MEMBER', projects: [{ project: 2, role: 'VIEWER' }] },
  { who: 'another stranger', role: 'OWNER' },
  { who: 'invited to a project', role: 'MEMBER', projects: [{ project: 1, role: 'VIEWER' }] },
  { who: 'invited long ago', role: 'MEMBER' },
  { who: 'a stranger', role: 'MEMBER' },
  { who: 'invited twice just now', role: 'ADMIN' },
  { who: 'invited without a mail', role: 'ADMIN' },
];

interface World {
  rows: Row[];
  seatLimit: number | null;
  perInviter: number | null;
  perOrganisation: number | null;
  perRecipient: number | null;
}

const limitBetween = (min: number, max: number) => fc.option(fc.integer({ min, max }), { freq: 2 });
const world: fc.Arbitrary<World> = fc.record({
  rows: fc.array(row, { minLength: 10, maxLength: 30 }),
  // Nine have one already.
  seatLimit: limitBetween(8, 12),
  perInviter: limitBetween(1, 5),
  // Seven were sent already.
  perOrganisation: limitBetween(8, 12),
  perRecipient: fc.constantFrom(null, 1, 5),
});
const UNLIMITED = { seatLimit: null, perInviter: null, perOrganisation: null, perRecipient: null };
const EXAMPLES: World[] = [
  { rows: EVERYBODY, ...UNLIMITED },
  { rows: [...EVERYBODY].reverse(), ...UNLIMITED, seatLimit: 10 },
  { rows: STRANGERS, ...UNLIMITED, perRecipient: 1 },
  { rows: STRANGERS, ...UNLIMITED, perInviter: 2 },
  { rows: STRANGERS, ...UNLIMITED, perOrganisation: 9 },
];

describe('many rows at once', () => {
  let app: TestApp;
  let root: Person;

  beforeAll(async () => {
    // Everything is asked twice already, and of other suites by outsiders, too.
    app = await startApp({}, { replay: false });
    root = await signInAdmin(app);
    const redirectOrigins = ['https://app.example.com'];
    await app.api.patch('/platform', { redirectOrigins }, { as: root });
  });
  afterAll(() => app.stop());

  it('end as they do one by one, and leave the same behind', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(world, async ({ rows, seatLimit, perInviter, perOrganisation, perRecipient }) => {
        await limit({ perRecipient: null, perInviter: null, perOrganisation: null });
        const addresses = new Map<Somebody, string>(PEOPLE.map((who) => [who, newAddress()]));
        addresses.set('no address', 'nobody at example.com');
        const [many, single] = await buildTwins(addresses);
        for (const { organisation } of [many, single])
          await app.api.put(
            `/organisations/${organisation.id}/plan`,
            { invitationsEnabled: true, seatLimit },
            { as: root },
          );
        await limit({ perRecipient, perInviter, perOrganisation });
        const ends = await inviteAll(many, bodies(rows, addresses, many));
        expect(ends).toEqual(await inviteEach(single, bodies(rows, addresses, single)));
        expect(await leftBehind(many)).toEqual(await leftBehind(single));
        for (const { outcome, code = '' } of ends) seen.add(`${outcome} ${code}`);
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true, examples: EXAMPLES.map((example): [World] => [example]) },
    );
    expect([...seen].sort()).toEqual([
      'created ',
      'failed above_ceiling',
      'failed already_member',
      'failed duplicate_in_request',
      'failed project_not_found',
      'failed resend_cooldown',
      'failed role_not_found',
      'failed seat_limit_reached',
      'failed sending_limit_reached',
      'failed validation_failed',
      'skipped already_member',
      'skipped invitation_pending',
      'updated ',
    ]);
  });

  async function limit(limits: Omit<World, 'rows' | 'seatLimit'>): Promise<void> {
    const named = {
      mailsPerRecipientPerDay: limits.perRecipient,
      invitationsPerInviterPerDay: limits.perInviter,
      invitationsPerOrganisationPerDay: limits.perOrganisation,
    };
    expect(await app.api.patch('/platform', { limits: named }, { as: root })).toMatchObject({ status: 200 });
  }

  async function buildTwins(addresses: Map<Somebody, string>): Promise<Twin[]> {
    const people = await Promise.all(
      (['a member', 'an admin', 'somebody suspended'] as const).map(async (who) => ({
        who,
        ...(await insertPerson(app.dataSource, { email: addresses.get(who)! })),
      })),
    );
    const twins: Twin[] = [];
    for (const name of ['Invited at once', 'Invited one by one']) {
      const organisation = await buildOrganisation(app, root, name);
      const caller = await insertPerson(app.dataSource);
      await insertMember(app.dataSource, organisation.id, caller.id, builtIn('ORGANISATION', 'ADMIN'));
      for (const { who, id } of people) {
        const role = who === 'an admin' ? 'ADMIN' : 'MEMBER';
        await insertMember(app.dataSource, organisation.id, id, builtIn('ORGANISATION', role));
      }
      await app.dataSource.query(
        `UPDATE memberships SET status = 'SUSPENDED' WHERE organisation_id = $1 AND user_id = $2`,
        [organisation.id, people[2].id],
      );
      const projects = [await buildProject(app, root, organisation, { name: 'One' })];
      projects.push(await buildProject(app, root, organisation, { name: 'Two', kind: 'team' }));
      const twin = { organisation, caller, projects };
      await app.api.post(`/projects/${projects[0].id}/members`, { userId: people[0].id, role: 'EDITOR' }, { as: root });
      await inviteBefore(twin, addresses);
      twins.push(twin);
    }
    return twins;
  }

  async function inviteBefore({ organisation, projects }: Twin, addresses: Map<Somebody, string>): Promise<void> {
    const invite = async (who: Somebody, fields: object) => {
      const { body } = await app.api.post(
        `/organisations/${organisation.id}/invitations`,
        { email: addresses.get(who), ...fields },
        { as: root },
      );
      return body.id as string;
    };
    await invite('invited as MEMBER', { role: 'MEMBER', givenName: 'Lou', expiresInHours: 30, message: 'Hello' });
    await invite('invited as OWNER', { role: 'OWNER' });
    await invite('invited to a project', { role: 'MEMBER', projects: [{ projectId: projects[0].id, role: 'VIEWER' }] });
    await invite('invited without a mail', { role: 'MEMBER', sendEmail: false });
    const twice = await invite('invited twice just now', { role: 'MEMBER' });
    await app.api.post(`/invitations/${twice}/resend`, {}, { as: root });
    const lapsed = await invite('invited long ago', { role: 'MEMBER' });
    await app.dataSource.query(`UPDATE invitations SET expires_at = updated_at - interval '1 day' WHERE id = $1`, [
      lapsed,
    ]);
  }

  const bodies = (rows: Row[], addresses: Map<Somebody, string>, twin: Twin): object[] =>
    rows.map(({ who, projects, ...fields }) => ({
      email: addresses.get(who),
      ...fields,
      ...(projects ? { projects: projects.map((grant) => grantIn(twin, grant)) } : {}),
    }));

  const NOWHERE = '00000000-0000-4000-8000-000000000000';
  const grantIn = ({ projects }: Twin, { project, role }: { project: number; role: string }) => ({
    projectId: projects[project]?.id ?? NOWHERE,
    role,
  });

  async function inviteAll({ organisation, caller }: Twin, rows: object[]): Promise<End[]> {
    const path = `/organisations/${organisation.id}/invitations/bulk`;
    const { status, body } = await app.api.post(path, { invitations: rows }, { as: caller });
    expect(status).toBe(200);
    return body.results.map(({ outcome, problem, invitation }: any) => endOf(outcome, problem?.code, invitation?.link));
  }

  /** As a client would who has no other way: create; if there is an open one that grants something else, send it again. */
  async function inviteEach(twin: Twin, rows: any[]): Promise<End[]> {
    const ends: End[] = [];
    const known = new Set<string>();
    for (const each of rows) {
      const isDuplicate = known.has(each.email) && (await isReadable(each));
      ends.push(isDuplicate ? endOf('failed', 'duplicate_in_request') : await inviteOne(twin, each));
      if (await isReadable(each)) known.add(each.email);
    }
    return ends;
  }

  const isReadable = (each: object): Promise<boolean> =>
    new RequestValidation().transform(each, { type: 'body', metatype: InviteToOrganisationDto }).then(
      () => true,
      () => false,
    );

  async function inviteOne({ organisation, caller }: Twin, each: any): Promise<End> {
    const path = `/organisations/${organisation.id}/invitations`;
    const { status, body } = await app.api.post(path, each, { as: caller });
    if (status === 201) return endOf('created', undefined, body.link);
    if (body.code === 'already_member' && body.detail.includes('all of that')) return endOf('skipped', body.code);
    if (body.code !== 'invitation_pending') return endOf('failed', body.code);
    const { body: open } = await app.api.get(`/invitations/${body.invitationId}`, { as: caller });
    if (grantsIn(open) === grantsIn(each)) return endOf('skipped', body.code);
    try {
      const asCaller = {
        ...{ type: 'user' as const, id: caller.id, email: caller.email },
        ...{ sessionId: null, emailVerified: true, platformRole: 'MEMBER' as const },
      };
      const issue = app.nest.get(IssueInvitations);
      const asked = [asCaller, organisationPlace(organisation.id), inviteRequest(each)] as const;
      const { invitation } = await issue.issueOne(...asked, { whenPending: 'resend' });
      return endOf('updated', undefined, invitation.link);
    } catch (error) {
      if (error instanceof HttpException) return endOf('failed', error.errorCode);
      throw error;
    }
  }

  const endOf = (outcome: string, code?: string, link?: string): End => ({ outcome, code, hasLink: Boolean(link) });

  const keyOf = (role: any): string => String(role?.key ?? role).toUpperCase();
  const grantsIn = ({ role, projects = [] }: any): string =>
    JSON.stringify([keyOf(role), projects.map((grant: any) => [grant.projectId, keyOf(grant.role)]).sort()]);

  /** Everything that is written, in words that do not differ between twins. */
  async function leftBehind({ organisation, caller }: Twin): Promise<unknown> {
    const statement = `
      SELECT i.email, i.status, i.given_name, i.family_name, i.message, i.locale, i.redirect_url, i.metadata, i.send_email,
        i.send_count, i.expiry_hours, i.link_shown, i.role_id, i.invited_by_id = $2 AS "isCallers", i.invited_by_type,
        i.previous_token_hash IS NOT NULL AS "isRotated", i.invitee_id = v.id AS "isInvitee",
        extract(epoch FROM i.expires_at - i.updated_at)::int / 3600 AS hours,
        (SELECT jsonb_agg(jsonb_build_array(p.name, g.role_id) ORDER BY p.name) FROM invitation_grants g
         JOIN projects p ON p.id = g.project_id WHERE g.invitation_id = i.id) AS grants,
        (SELECT jsonb_agg(jsonb_build_array(m.to_address, m.to_name, m.content #- '{closing}' #>> '{}',
           m.recipient_limit, m.id = i.mail_message_id, m.send_before = i.expires_at) ORDER BY m.created_at)
         FROM mail_messages m WHERE m.subject_id = i.id) AS mails,
        (SELECT jsonb_agg(jsonb_build_array(a.action, a.before - 'projects', a.after - 'projects') ORDER BY a.action, a.after::text)
         FROM audit_events a WHERE a.subject_id = i.id::text) AS events
      FROM invitations i JOIN invitees v ON v.organisation_id = i.organisation_id AND v.email = i.email
      WHERE i.organisation_id = $1 ORDER BY i.email, i.status`;
    const invitations: any[] = await app.dataSource.query(statement, [organisation.id, caller.id]);
    const { body: seats } = await app.api.get(`/organisations/${organisation.id}/seats`, { as: root });
    const counters = `
      SELECT coalesce(sum(hits), 0)::int AS hits FROM sending_counters
      WHERE subject = encode(sha256(convert_to($1, 'UTF8')), 'hex')`;
    const counted = await Promise.all(
      [`by ${caller.id}`, `by organisation ${organisation.id}`, ...PEOPLE_COUNTED(organisation.id, invitations)].map(
        async (subject) => (await app.dataSource.query(counters, [subject]))[0].hits,
      ),
    );
    const text = JSON.stringify({ invitations, seats, counted });
    const own = [organisation.name, organisation.id, caller.email];
    return JSON.parse(own.reduce((said, word) => said.replaceAll(word, 'twin'), text));
  }

  const PEOPLE_COUNTED = (organisationId: string, invitations: { email: string }[]): string[] =>
    [...new Set(invitations.map(({ email }) => email))].map((email) => `mails from ${organisationId} to ${email}`);
});
