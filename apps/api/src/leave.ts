import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Connections } from '@usher/http';
import { MailDispatcher } from '@usher/mailer';
import type { FastifyInstance } from 'fastify';
import { Departure } from './health/departure.js';

/** So that load balancers see it, and clients let their connections go, before new ones are refused. */
const ANNOUNCED = 2_000;
/** Mails that the mail server has not asked for by then are given back; clients that have not sent their request or read their answer are cut off. */
const OTHERS_AT_MOST = 7_000;
const AT_MOST = 10_000;
const REAPED_EVERY = 100;

/**
 * Ends the process in good order: it is not ready any more; then it takes no connections, answers what it has begun, lets mails arrive.
 * What takes too long is cut off: a mail that may have left is sent again, with the same Message-ID, by who finds its lease over.
 */
export async function leave(app: NestFastifyApplication, signal: NodeJS.Signals): Promise<void> {
  const logger = new Logger('Stop');
  logger.log(`${signal}: stopping`);
  setTimeout(() => {
    logger.error(`Not everything was finished in ${AT_MOST / 1_000} s`);
    process.exit(1);
  }, AT_MOST);
  setTimeout(() => void letMailsGo(app, logger), OTHERS_AT_MOST);
  setTimeout(() => cutSlowClients(app), OTHERS_AT_MOST);
  app.get(Departure).hasBegun = true;
  if (signal === 'SIGTERM') await delay(ANNOUNCED);
  await stopListening(app.getHttpAdapter().getInstance());
  await app.close();
  process.exit(0);
}

const letMailsGo = (app: NestFastifyApplication, logger: Logger): Promise<void> =>
  app
    .get(MailDispatcher)
    .letGo()
    .catch((error: unknown) => logger.error(`Mails could not be given back: ${String(error)}`));

/** From now on: also those whose request was still under way. */
function cutSlowClients(app: NestFastifyApplication): void {
  const connections = app.get(Connections);
  setInterval(() => connections.cutSlow(), REAPED_EVERY);
}

/** Resolves when the last answer has left. */
async function stopListening(server: FastifyInstance): Promise<void> {
  // Answers that had begun before left their connections open.
  const reaping = setInterval(() => server.server.closeIdleConnections(), REAPED_EVERY);
  await server.close();
  clearInterval(reaping);
}
