import { randomUUID } from 'node:crypto';
import type { TestApp } from './app.js';
import type { Answer } from './client.js';
import { buildOrganisation, buildProject, newAddress, PASSWORD, type Person as Account } from './factories.js';
import { type Actor, type Grants, LifeCycle, type Person } from './life-cycle.model.js';
import { builtIn, insertMember, insertPerson } from './sql-factories.js';

/** Numbers choose among what there is at that moment, so that any sequence of steps can be walked. */
export interface Step {
  kind: (typeof KINDS)[number];
  actor: Actor;
  address: number;
  pick: number;
  grants: Grants;
  /** Of what may be left out or taken instead, which. */
  coin: number;
}

export const KINDS = [
  'invite',
  'resend',
  'change',
  'revoke',
  'lookup',
  'decline',
  'declineMine',
  'accept',
  'acceptMine',
  'mine',
  'lapse',
  'setRole',
  'setStatus',
  'removeActor',
  'readmit',
  'removePerson',
] as const;

/** Addresses: with a proven account, with an unproven one, and without any. */
const ADDRESSES: readonly Omit<Person, 'role' | 'project'>[] = [
  { hasAccount: true, isVerified: true },
  { hasAccount: true, isVerified: true },
  { hasAccount: true, isVerified: false },
  { hasAccount: false, isVerified: false },
  { hasAccount: false, isVerified: false },
];
/** The newest are chosen from: older ones have seen everything. */
const CHOICE = 8;
const chosen = <T>(all: readonly T[], pick: number): T | undefined =>
  all.slice(-CHOICE)[pick % Math.min(all.length, CHOICE)];

/** An organisation with a project, an owner and two inviters; every step is taken here over HTTP and in the model. */
export class World {
  private readonly model = new LifeCycle(ADDRESSES.map((person) => ({ ...person, role: null, project: null })));
  private readonly ids: string[] = [];
  private readonly secrets: string[] = [];
  private readonly emails: string[] = ADDRESSES.map(() => newAddress());
  private readonly accounts: (Account | null)[] = [];
  private actors: Record<Actor, Account>;
  private organisationId: string;
  private projectId: string;

  constructor(private readonly app: TestApp) {}

  async open(root: Account): Promise<this> {
    const { dataSource } = this.app;
    const acme = await buildOrganisation(this.app, root);
    this.organisationId = acme.id;
    const [owner, ann, bob] = await Promise.all(['OWNER', 'ADMIN', 'ADMIN'].map(async (role) => this.member(role)));
    this.actors = { owner, ann, bob };
    this.projectId = (await buildProject(this.app, owner, acme)).id;
    for (const [index, { hasAccount, isVerified }] of ADDRESSES.entries()) {
      const email = this.emails[index];
      this.accounts.push(hasAccount ? await insertPerson(dataSource, { email, isVerified }) : null);
    }
    return this;
  }

  /** Throws when the server answers or shows something else than the model says. */
  async walk(step: Step): Promise<void> {
    const before = this.model.invitations.map((invitation) => JSON.stringify(invitation));
    const said = await this[step.kind](step);
    if (said) expect([step.kind, told(said[1])]).toEqual([step.kind, said[0]]);
    const changed = this.model.invitations.flatMap((now, id) => (before[id] === JSON.stringify(now) ? [] : id));
    for (const id of changed) await this.compare(id);
  }

  /** All invitations as the list shows them, newest first. */
  async compareAll(): Promise<void> {
    const { body } = await this.api.get(`${this.organisation}/invitations?limit=100`, this.as('owner'));
    const newest = [...this.ids.keys()].slice(-100).reverse();
    expect(body.data.map(this.seen)).toEqual(newest.map((id) => this.expected(id)));
  }

  private get api() {
    return this.app.api;
  }

  private get organisation(): string {
    return `/organisations/${this.organisationId}`;
  }

  private as = (actor: Actor) => ({ as: this.actors[actor] });

  private picked = ({ pick }: Step): number[] => {
    const id = chosen([...this.ids.keys()], pick);
    return id === undefined ? [] : [id];
  };

  private async invite({ actor, address, grants }: Step): Promise<Said> {
    const email = this.emails[address];
    const says = this.model.invite(actor, address, grants);
    const path = grants.role ? this.organisation : `/projects/${this.projectId}`;
    const body = { email, sendEmail: false, ...this.named(grants) };
    const answer = await this.api.post(`${path}/invitations`, body, this.as(actor));
    if (answer.status === 201) this.ids.push(answer.body.id);
    this.keepLink(answer);
    return [says, answer];
  }

  private async resend(step: Step): Promise<Said | null> {
    const [id] = this.picked(step);
    if (id === undefined) return null;
    const says = this.model.resend(step.actor, id);
    const answer = await this.api.post(`/invitations/${this.ids[id]}/resend`, {}, this.as(step.actor));
    this.keepLink(answer);
    return [says, answer];
  }

  /** Words, the role, the project, or both. */
  private async change(step: Step): Promise<Said | null> {
    const [id] = this.picked(step);
    if (id === undefined) return null;
    const present = this.model.invitations[id].grants;
    const { role, project } = step.grants;
    const message = `Words ${step.pick}`;
    const grants = present.role ? { role: role ?? present.role, project } : { project: project ?? present.project };
    const change = [{ message }, grants, { ...grants, message }][step.coin % 3];
    const says = this.model.change(step.actor, id, change);
    const { role: _role, project: _project, ...words } = { role: null, project: null, ...change };
    const body = { ...words, ...('project' in change ? this.named({ ...present, ...grants }) : {}) };
    return [says, await this.api.patch(`/invitations/${this.ids[id]}`, body, this.as(step.actor))];
  }

  private async revoke(step: Step): Promise<Said | null> {
    const [id] = this.picked(step);
    if (id === undefined) return null;
    return [
      this.model.revoke(step.actor, id),
      await this.api.delete(`/invitations/${this.ids[id]}`, this.as(step.actor)),
    ];
  }

  private lookup = (step: Step) =>
    this.withLink(step, (link, token) => [this.model.lookup(link), this.api.post('/invitations/lookup', { token })]);

  private decline = (step: Step) =>
    this.withLink(step, (link, token) => [this.model.decline(link), this.api.post('/invitations/decline', { token })]);

  /** By whom it is for, by somebody else, or by nobody who is signed in. */
  private async accept(step: Step): Promise<Said | null> {
    const invited = this.model.invitations[this.model.links[this.linkOf(step) ?? 0]]?.address;
    const by = [invited, invited, step.address, null][step.coin % 4] ?? null;
    const account = by === null ? null : this.accounts[by];
    const said = await this.withLink(step, (link, token) => [
      this.model.accept(link, account ? by : null),
      this.api.post('/invitations/accept', { token, password: PASSWORD }, account ? { as: account } : {}),
    ]);
    const session = said?.[1].body.session;
    if (session) this.accounts[invited] = { ...session, id: (await this.api.get('/me', { as: session })).body.id };
    return said;
  }

  private declineMine = (step: Step) => this.withMine(step, 'decline');

  private acceptMine = (step: Step) => this.withMine(step, 'accept');

  private async mine({ address }: Step): Promise<null> {
    const account = this.accounts[address];
    if (!account) return null;
    const { body } = await this.api.get('/me/invitations?limit=100', { as: account });
    const shown: string[] = body.data.map(({ id }: { id: string }) => id);
    expect(shown.sort()).toEqual(
      this.model
        .mine(address)
        .map((id) => this.ids[id])
        .sort(),
    );
    return null;
  }

  private async lapse(step: Step): Promise<null> {
    const [id] = this.picked(step);
    if (id === undefined) return null;
    this.model.lapse(id);
    const statement = `UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1 AND status = 'PENDING'`;
    await this.app.dataSource.query(statement, [this.ids[id]]);
    return null;
  }

  private async setRole({ actor, coin }: Step): Promise<Said | null> {
    if (actor === 'owner') return null;
    const role = coin % 2 ? 'ADMIN' : 'MEMBER';
    const says = this.model.actors[actor].role ? '200' : '404 not_found';
    if (says === '200') this.model.setActor(actor, { role });
    return [says, await this.api.put(`${this.memberPath(actor)}/role`, { role }, this.as('owner'))];
  }

  private async setStatus({ actor, coin }: Step): Promise<Said | null> {
    if (actor === 'owner') return null;
    const isSuspended = coin % 2 === 0;
    const says = this.model.actors[actor].role ? '200' : '404 not_found';
    if (says === '200') this.model.setActor(actor, { isSuspended });
    const status = isSuspended ? 'SUSPENDED' : 'ACTIVE';
    return [says, await this.api.put(`${this.memberPath(actor)}/status`, { status }, this.as('owner'))];
  }

  private async removeActor({ actor }: Step): Promise<Said | null> {
    if (actor === 'owner') return null;
    const says = this.model.actors[actor].role ? '204' : '404 not_found';
    this.model.setActor(actor, { role: null, isSuspended: false });
    return [says, await this.api.delete(this.memberPath(actor), this.as('owner'))];
  }

  private async readmit({ actor }: Step): Promise<null> {
    if (this.model.actors[actor].role) return null;
    this.model.setActor(actor, { role: 'ADMIN' });
    await insertMember(
      this.app.dataSource,
      this.organisationId,
      this.actors[actor].id,
      builtIn('ORGANISATION', 'ADMIN'),
    );
    return null;
  }

  private async removePerson({ address, coin }: Step): Promise<Said | null> {
    const account = this.accounts[address];
    if (!account) return null;
    const from = coin % 2 ? 'organisation' : 'project';
    const path = from === 'organisation' ? this.organisation : `/projects/${this.projectId}`;
    const says = this.model.removePerson(address, from);
    return [says, await this.api.delete(`${path}/members/${account.id}`, this.as('owner'))];
  }

  private async withLink(
    step: Step,
    take: (link: number, token: string) => [string, Promise<Answer>],
  ): Promise<Said | null> {
    const link = this.linkOf(step);
    if (link === null) return null;
    const [says, asked] = take(link, this.secrets[link]);
    const answer = await asked;
    // Wrong tokens are limited by the minute; guessing is not what is played here.
    if (answer.status === 410) await this.app.dataSource.query('DELETE FROM throttles');
    return [says, answer];
  }

  /** Mostly the link that works, sometimes any. */
  private linkOf(step: Step): number | null {
    const [id] = this.picked(step);
    if (id === undefined) return null;
    const anyLink = chosen([...this.secrets.keys()], step.pick) ?? null;
    return step.coin % 5 ? (this.model.invitations[id].link ?? anyLink) : anyLink;
  }

  private async withMine(step: Step, verb: 'accept' | 'decline'): Promise<Said | null> {
    const [id] = this.picked(step);
    if (id === undefined) return null;
    const by = step.coin % 4 ? this.model.invitations[id].address : step.address;
    const account = this.accounts[by];
    if (!account) return null;
    const says = verb === 'accept' ? this.model.acceptMine(by, id) : this.model.declineMine(by, id);
    return [says, await this.api.post(`/me/invitations/${this.ids[id]}/${verb}`, undefined, { as: account })];
  }

  private async compare(id: number): Promise<void> {
    const { body } = await this.api.get(`/invitations/${this.ids[id]}`, this.as('owner'));
    expect(this.seen(body)).toEqual(this.expected(id));
  }

  private expected(id: number) {
    const { address, grants, status, reason, message, answersFor } = this.model.invitations[id];
    const shown = { id: this.ids[id], email: this.emails[address], type: grants.role ? 'ORGANISATION' : 'PROJECT' };
    return {
      ...shown,
      grants,
      status: status === 'LAPSED' ? 'EXPIRED' : status,
      reason,
      message,
      invitedBy: this.actors[answersFor].id,
    };
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer's body
  private seen = ({ id, email, type, role, projects, status, revokedReason: reason, message, invitedBy }: any) => {
    const grants = { role: role?.key ?? null, project: projects[0]?.role.key ?? null };
    return { id, email, type, grants, status, reason, message, invitedBy: invitedBy.id };
  };

  private named({ role, project }: Grants): object {
    if (!role) return { role: project };
    return { role, projects: project ? [{ projectId: this.projectId, role: project }] : [] };
  }

  private keepLink({ body }: Answer): void {
    if (body.link) this.secrets.push(body.link.split('#token=')[1]);
  }

  private memberPath = (actor: Actor): string => `${this.organisation}/members/${this.actors[actor].id}`;

  private async member(role: string): Promise<Account> {
    const person = await insertPerson(this.app.dataSource, { email: `${randomUUID()}@example.com` });
    await insertMember(this.app.dataSource, this.organisationId, person.id, builtIn('ORGANISATION', role));
    return person;
  }
}

/** What the model says, and what the server answered. */
type Said = [string, Answer];

const told = ({ status, body }: Answer): string => (status < 300 ? String(status) : `${status} ${body.code}`);
