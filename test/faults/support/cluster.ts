import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ADMIN } from '../../support/app.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { Inbox } from '../../support/inbox.js';
import { freePort, ServerProcess } from '../../support/server-process.js';
import './worker-server.js';

/** Processes of the production build on one database and one mail server, and what looks at them from outside. */
export class Cluster {
  readonly servers: ServerProcess[] = [];
  inbox: Inbox;
  /** Past Usher. */
  sql: pg.Pool;
  token = '';
  organisationId = '';
  private database: TestDatabase;
  private turn = 0;

  async open({ empty = false } = {}): Promise<this> {
    this.inbox = await new Inbox().open();
    this.database = await createDatabase({ empty });
    this.look(this.databaseUrl);
    return this;
  }

  /** From now on `sql` asks there. */
  look(at: URL): void {
    const before = this.sql;
    this.sql = new pg.Pool({ connectionString: at.href, max: 2, application_name: 'test' });
    this.sql.on('error', () => undefined); // its server may be stopped
    void before?.end();
  }

  get databaseUrl(): URL {
    return new URL(this.database.environment.DATABASE_URL);
  }

  /** Not up yet. */
  async spawn(settings: Record<string, string> = {}): Promise<ServerProcess> {
    const server = new ServerProcess({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PUBLIC_URL: 'https://usher.test',
      PORT: await freePort(),
      APP_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      SMTP_URL: this.inbox.url,
      MAIL_FROM: 'Usher <usher@usher.test>',
      METRICS_TOKEN: 'a-token-for-prometheus',
      LOG_LEVEL: 'info',
      ...this.database.environment,
      ...settings,
    });
    this.servers.push(server);
    return server;
  }

  async start(settings: Record<string, string> = {}): Promise<ServerProcess> {
    return (await this.spawn(settings)).untilUp();
  }

  /** The admin, and an organisation to invite to. */
  async signIn(server: ServerProcess): Promise<void> {
    this.token = (await server.api.post('/auth/sign-in', ADMIN)).body.token;
    await this.beginAnew(server);
  }

  /** Another organisation to invite to. */
  async beginAnew({ api }: ServerProcess): Promise<void> {
    this.organisationId = (await api.post('/organisations', { name: 'Acme' }, { as: this.token })).body.id;
  }

  invite({ api }: ServerProcess, email: string) {
    return api.post(`/organisations/${this.organisationId}/invitations`, { email, role: 'MEMBER' }, { as: this.token });
  }

  /** Those that run. */
  get alive(): ServerProcess[] {
    return this.servers.filter((server) => server.isAlive);
  }

  /** One after the other of those that run, as a load balancer does. */
  next(): ServerProcess | undefined {
    this.turn += 1;
    return this.alive[this.turn % this.alive.length];
  }

  /** Of mails whose senders died, or lost their connection; without this a test would wait for a minute. */
  async endLeases(): Promise<void> {
    await delay(1_000); // for those that are just being sent
    await this.sql.query(`UPDATE mail_messages SET next_attempt_at = now() WHERE status = 'SENDING'`);
  }

  /** Who reads or writes it waits until the answer is called. */
  async lockTable(name: string): Promise<() => Promise<void>> {
    const holder = await this.sql.connect();
    await holder.query('BEGIN');
    await holder.query(`LOCK TABLE ${name}`);
    return async () => {
      await holder.query('COMMIT');
      holder.release();
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.alive.map((server) => server.kill()));
    await this.sql.end();
    await this.inbox.close();
    await this.database.drop();
  }
}
