import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfiguration } from '@usher/config';
import { DataSource } from 'typeorm';
import { createApp } from '../../apps/api/src/app.setup.js';
import { Client } from './client.js';
import { createDatabase, onServer, type TestDatabase } from './database.js';
import { Inbox } from './inbox.js';
import { Replay } from './replay.js';
import { testLog } from './test-log.js';

export const ADMIN = { email: 'root@usher.test', password: 'first-admin-password' };

/** A whole Usher: its own database, its own SMTP server, listening on loopback. It does not stop in peace when its log holds a secret. */
export interface TestApp {
  api: Client;
  /** The server without `/api/v1`. */
  root: Client;
  inbox: Inbox;
  nest: NestFastifyApplication;
  dataSource: DataSource;
  database: TestDatabase;
  environment: Record<string, string>;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** Whether outsiders repeat what people do here: on a PostgreSQL server, as it costs the embedded database twice the time. Say why not. */
  replay?: boolean;
}

/** `environment` adds to, or with an empty string takes away from, what the server is started with. */
export async function startApp(
  environment: Record<string, string> = {},
  { replay = onServer() }: TestAppOptions = {},
): Promise<TestApp> {
  const database = await createDatabase();
  const inbox = await new Inbox().open();
  const settings = {
    NODE_ENV: 'test',
    PORT: '0',
    PUBLIC_URL: 'http://usher.test',
    APP_SECRET: 'a-secret-for-tests-that-is-long-enough-0123456789',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SMTP_URL: inbox.url,
    MAIL_FROM: 'Usher <usher@usher.test>',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'debug',
    DATABASE_POOL_SIZE: '10',
    ...database.environment,
    ...environment,
  };
  const started = await startInstance(settings);
  const outsiders = new Replay(started.dataSource, (exchange) => started.api.transmit(exchange));
  if (replay) started.api.watcher = outsiders;
  const stop = async (): Promise<void> => {
    try {
      await outsiders.finish();
    } finally {
      await started.nest.close();
      await inbox.close();
      await database.drop();
      testLog.expectNoSecret();
    }
  };
  return { ...started, inbox, database, environment: settings, stop };
}

/** Another server on the same database and SMTP server; the caller closes `nest`. */
export async function startInstance(environment: Record<string, string>) {
  const nest = await createApp(loadConfiguration(environment), testLog);
  await nest.listen(0, '127.0.0.1');
  const url = await nest.getUrl();
  return { nest, api: new Client(`${url}/api/v1`), root: new Client(url), dataSource: nest.get(DataSource) };
}
