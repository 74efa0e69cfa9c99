import { InvitationRemindersService } from '../../apps/api/src/invitations/email/invitation-reminders.service.js';
import { MailDispatcher } from '../../libs/mailer/src/mail-dispatcher.js';
import { startApp, startInstance, type TestApp } from './app.js';
import { type Asked, CountedDatabase } from './counted-database.js';
import {
  buildOrganisation,
  buildProject,
  newAddress,
  type Organisation,
  type Person,
  signInAdmin,
} from './factories.js';
import { builtIn, insertMember, insertPerson } from './sql-factories.js';

/** A request, with the path behind `/api/v1`, or behind the root if it begins with `~`. */
export interface Counted {
  send: [method: string, path: string, body?: unknown];
  as?: string | { token: string };
  headers?: Record<string, string>;
}

/** Two servers on one database: one makes what a request needs, the other answers it, and what it asks of the database is counted. */
export class CountedWorld {
  private constructor(
    readonly app: TestApp,
    readonly root: Person,
    private readonly database: CountedDatabase,
    private readonly counted: Awaited<ReturnType<typeof startInstance>>,
  ) {}

  static async open(): Promise<CountedWorld> {
    const app = await startApp({}, { replay: false });
    const database = await CountedDatabase.open(app.environment.DATABASE_URL);
    const counted = await startInstance({ ...app.environment, DATABASE_URL: database.url });
    // What they ask belongs to no request.
    await counted.nest.get(MailDispatcher).onModuleDestroy();
    await counted.nest.get(InvitationRemindersService).onModuleDestroy();
    const root = await signInAdmin(app);
    const limits = { invitationsPerInviterPerDay: 100_000, invitationsPerOrganisationPerDay: 100_000 };
    const redirectOrigins = ['https://app.example.com'];
    await app.api.patch('/platform', { limits, redirectOrigins }, { as: root });
    return new CountedWorld(app, root, database, counted);
  }

  async close(): Promise<void> {
    await this.counted.nest.close();
    this.database.close();
    await this.app.stop();
  }

  /** Answers the status as well; that the credential is used is written down before. */
  async count({ send: [method, path, body], as, headers }: Counted): Promise<Asked & { status: number }> {
    if (as) await this.app.api.get('/permissions', { as });
    const { api, root } = this.counted;
    let status = 0;
    const asked = await this.database.during(async () => {
      const client = path.startsWith('~') ? root : api;
      ({ status } = await client.send(method, path.replace('~', ''), body, { as, headers }));
    });
    return { ...asked, status };
  }

  /** Without counting. */
  async ask({ send: [method, path, body], as }: Counted): Promise<void> {
    const client = path.startsWith('~') ? this.app.root : this.app.api;
    const { status } = await client.send(method, path.replace('~', ''), body, { as });
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}`);
  }

  organisation(): Promise<Organisation> {
    return buildOrganisation(this.app, this.root);
  }

  project(organisation: Organisation, fields: object = {}) {
    return buildProject(this.app, this.root, organisation, fields);
  }

  async member(organisation: Organisation, role = 'ADMIN'): Promise<Person> {
    const person = await insertPerson(this.app.dataSource);
    await insertMember(this.app.dataSource, organisation.id, person.id, builtIn('ORGANISATION', role));
    return person;
  }

  person(): Promise<Person> {
    return insertPerson(this.app.dataSource);
  }

  plan(organisation: Organisation, plan: object) {
    const path = `/organisations/${organisation.id}/plan`;
    return this.app.api.put(path, { invitationsEnabled: true, seatLimit: null, ...plan }, { as: this.root });
  }

  async key(organisation: Organisation, role = 'ADMIN'): Promise<string> {
    const path = `/organisations/${organisation.id}/api-keys`;
    return (await this.app.api.post(path, { name: 'Key', role }, { as: this.root })).body.key as string;
  }

  /** An open invitation, with its token: it is shown, as no mail takes it. */
  async invitation(
    at: string,
    fields: object = {},
  ): Promise<{ id: string; token: string; email: string; inviteeId: string }> {
    const request = { email: newAddress(), sendEmail: false, ...fields };
    const { status, body } = await this.app.api.post(`${at}/invitations`, request, { as: this.root });
    if (status !== 201) throw new Error(`No invitation: ${JSON.stringify(body)}`);
    const [, token = ''] = String(body.link).split('#token=');
    return { id: body.id, token, email: body.email, inviteeId: body.inviteeId };
  }

  lapse(id: string): Promise<unknown> {
    return this.app.dataSource.query(`UPDATE invitations SET expires_at = now() - interval '1 day' WHERE id = $1`, [
      id,
    ]);
  }

  /** Sent twice just now: the cool-down runs. */
  sentTwice(id: string): Promise<unknown> {
    return this.app.dataSource.query('UPDATE invitations SET send_count = 2, last_sent_at = now() WHERE id = $1', [id]);
  }
}
