import type { Actor } from '../policy.table.js';
import type { TestApp } from './app.js';
import { buildMember, buildOrganisation, buildProject, buildUser, type Person, signInAdmin } from './factories.js';
import { PolicyThings } from './policy-things.js';

/** Where somebody is invited to, and as what. */
type Place = 'here' | 'elsewhere' | 'this project' | 'another project';

const MEMBERS: readonly [Actor, Place, string][] = [
  ['an owner', 'here', 'OWNER'],
  ['an admin', 'here', 'ADMIN'],
  ['a member', 'here', 'MEMBER'],
  ['a suspended member', 'here', 'OWNER'],
  ['a person suspended on the platform', 'here', 'OWNER'],
  ['an owner elsewhere', 'elsewhere', 'OWNER'],
  ['an admin elsewhere', 'elsewhere', 'ADMIN'],
  ['a member elsewhere', 'elsewhere', 'MEMBER'],
  ["this project's admin", 'this project', 'ADMIN'],
  ["this project's editor", 'this project', 'EDITOR'],
  ["this project's viewer", 'this project', 'VIEWER'],
  ["another project's admin", 'another project', 'ADMIN'],
  ["another project's editor", 'another project', 'EDITOR'],
  ["another project's viewer", 'another project', 'VIEWER'],
];

/** Everybody of the policy table, with their credentials. */
export class PolicyWorld {
  /** What they act on. */
  things: PolicyThings;
  private root: Person;
  private keyOwner: Person;
  private readonly people = new Map<Actor, Person>();
  private readonly keys = new Map<Actor, string>();

  constructor(readonly app: TestApp) {}

  async build(): Promise<this> {
    this.root = await signInAdmin(this.app);
    const here = await buildOrganisation(this.app, this.root);
    const elsewhere = await buildOrganisation(this.app, this.root);
    const project = await buildProject(this.app, this.root, here);
    const another = await buildProject(this.app, this.root, here);
    const projects = { 'this project': project, 'another project': another };
    const bring = async ([actor, place, role]: (typeof MEMBERS)[number]): Promise<void> => {
      const isProject = place === 'this project' || place === 'another project';
      const grants = isProject ? { projects: [{ projectId: projects[place].id, role }] } : { role };
      const organisation = place === 'elsewhere' ? elsewhere : here;
      this.people.set(actor, await buildMember(this.app, this.root, organisation, grants));
    };
    await Promise.all(MEMBERS.map(bring));
    this.people.set('a platform ADMIN', await buildUser(this.app, this.root, 'ADMIN'));
    this.people.set('a platform OPERATOR', await buildUser(this.app, this.root, 'OPERATOR'));
    this.keyOwner = await buildMember(this.app, this.root, here, { role: 'ADMIN' });
    const bystander = await buildUser(this.app, this.root);
    const everybody = [...this.people.values(), this.keyOwner].map(({ id }) => id);
    this.things = new PolicyThings(this.app, { root: this.root, organisation: here, project, bystander, everybody });
    await this.suspend(here.id);
    await this.makeKeys(here.id, elsewhere.id);
    return this;
  }

  /** Undefined for those who send none. */
  credential = (actor: Actor): string | undefined => this.people.get(actor)?.token ?? this.keys.get(actor);

  /** The person who calls, or for whom a personal key does; a bystander in place of those who are nobody. */
  self(actor: Actor): Person {
    if (actor === "an admin's personal key") return this.keyOwner;
    return this.isPerson(actor) ? this.people.get(actor)! : this.things.standing.bystander;
  }

  /** Whether the actor has a session. */
  isPerson = (actor: Actor): boolean => this.people.has(actor) && actor !== 'a person suspended on the platform';

  private async suspend(organisationId: string): Promise<void> {
    const { id } = this.people.get('a suspended member')!;
    const body = { status: 'SUSPENDED' };
    const path = `/organisations/${organisationId}/members/${id}/status`;
    const member = await this.app.api.put(path, body, { as: this.root });
    const suspended = this.people.get('a person suspended on the platform')!;
    const person = await this.app.api.patch(`/users/${suspended.id}`, body, { as: this.root });
    expect([member.status, person.status]).toEqual([200, 200]);
  }

  private async makeKeys(here: string, elsewhere: string): Promise<void> {
    const make = async (actor: Actor, path: string, role: object, as = this.root): Promise<string> => {
      const { id, key } = await this.things.make(path, { name: actor, ...role }, as);
      this.keys.set(actor, key);
      return id;
    };
    const inOrganisation = (id: string) => `/organisations/${id}/api-keys`;
    await make('an organisation key, MEMBER', inOrganisation(here), { role: 'MEMBER' });
    await make('an organisation key, ADMIN', inOrganisation(here), { role: 'ADMIN' });
    await make('an organisation key elsewhere, ADMIN', inOrganisation(elsewhere), { role: 'ADMIN' });
    await make("an admin's personal key", '/me/api-keys', {}, this.keyOwner);
    await make('a platform key, OPERATOR', '/platform/api-keys', { platformRole: 'OPERATOR' });
    await make('a platform key, ADMIN', '/platform/api-keys', { platformRole: 'ADMIN' });
    const revoked = await make('a revoked key', inOrganisation(here), { role: 'ADMIN' });
    const expired = await make('an expired key', inOrganisation(here), { role: 'ADMIN' });
    const used = [...this.keys.values()].map((key) => this.app.api.get('/organisations', { as: key }));
    expect((await Promise.all(used)).map(({ status }) => status)).toEqual(used.map(() => 200));
    const ended = await this.app.api.delete(`${inOrganisation(here)}/${revoked}`, { as: this.root });
    expect(ended.status).toBe(204);
    await this.things.query(`UPDATE api_keys SET expires_at = now() - interval '1 minute' WHERE id = $1`, [expired]);
  }
}
