import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import cors from '@fastify/cors';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type Configuration,
  createLogger,
  currentSpan,
  startTracing,
  stopTracing,
  StructuredLogger,
} from '@usher/config';
import {
  answerUnreadable,
  answerUnroutable,
  Connections,
  clientAddress,
  currentRequest,
  cutUnreadAnswers,
  limitRequestsUnderWay,
  readBodies,
  readForwardedAddresses,
  readLargeBodies,
  sendJsonAsItIs,
  startRequestContext,
  traceRequests,
} from '@usher/http';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { DestinationStream, Logger } from 'pino';
import { AccessRepository } from './access/access.repository.js';
import { askBeforeLargeBodies } from './access/large-bodies.js';
import { AppModule } from './app.module.js';
import { RefusedAttempts } from './audit-trail/refused-attempts.js';
import { Departure } from './health/departure.js';
import { Metrics } from './metrics/metrics.js';
import { serveApiDocs } from './openapi/api-docs.js';

const ONE_MEBIBYTE = 1_048_576;
const LARGEST_HEADERS = 16_384;
/** Of a connection whose answer is awaited: longer than anything here takes but erasing a person. */
const LONGEST_SILENCE = 120_000;
/** Those who watch over this process must see it when it has most to do. */
const ALWAYS_ANSWERED = ['/healthz', '/readyz', '/metrics'];
/** A credential that was sent there by mistake is no word. */
const REQUEST_ID = /^(?!us[hs]_)[\w.-]{1,64}$/;
/** To scripts of other origins. */
const EXPOSED_HEADERS = ['X-Request-Id', 'Idempotency-Replayed', 'Retry-After', 'Content-Disposition', 'Location'];
/** The paths of other wire formats are theirs. */
const OF_DIALECTS = ['v1/{*path}', 'api/users', 'api/users/{*path}', 'api/invitations'];
const WITHOUT_PREFIX = [
  ...OF_DIALECTS,
  'healthz',
  'readyz',
  'metrics',
  'join',
  'reset',
  'opt-out',
  'pages/:file',
  'mailbox',
  'mailbox/:id',
];

/** The whole application, ready to listen; the end-to-end tests start the same, and read its log. */
export async function createApp(
  configuration: Configuration,
  log?: DestinationStream,
): Promise<NestFastifyApplication> {
  const logger = createLogger(configuration.LOG_LEVEL, aboutRequest, log);
  if (configuration.OTEL_EXPORTER_OTLP_ENDPOINT) await startTracing(configuration.OTEL_EXPORTER_OTLP_ENDPOINT);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(configuration),
    adapterFor(configuration),
    {
      logger: new StructuredLogger(logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  app.setGlobalPrefix('api/v1', { exclude: WITHOUT_PREFIX });
  const server = app.getHttpAdapter().getInstance();
  readForwardedAddresses(server);
  readBodies(server);
  readLargeBodies(server);
  sendJsonAsItIs(server);
  if (configuration.OTEL_EXPORTER_OTLP_ENDPOINT) traceUntilClosed(server);
  askBeforeLargeBodies(server, app.get(AccessRepository));
  startRequestContext(server);
  logRequests(server, logger);
  countRequests(server, app.get(Metrics));
  letConnectionsGo(server, app.get(Departure));
  const refusedAttempts = app.get(RefusedAttempts);
  server.addHook('onSend', (request, reply) => refusedAttempts.record(request, reply));
  limitRequestsUnderWay(server, configuration.MAX_REQUESTS_UNDER_WAY, ALWAYS_ANSWERED);
  cutUnreadAnswers(server);
  app.get(Connections).watch(server);
  await secure(app, configuration);
  if (configuration.API_DOCS === 'on') serveApiDocs(app, configuration.publicUrl);
  return app;
}

/** Whoever writes a line while a request is answered need not name it. */
const aboutRequest = (): Record<string, unknown> => ({
  requestId: currentRequest()?.requestId,
  traceId: currentSpan()?.spanContext().traceId,
});

function traceUntilClosed(server: FastifyInstance): void {
  traceRequests(server);
  server.addHook('onClose', stopTracing);
}

function adapterFor(configuration: Configuration): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: ONE_MEBIBYTE,
    trustProxy: configuration.TRUST_PROXY.length > 0 ? configuration.TRUST_PROXY : false,
    requestTimeout: 30_000,
    connectionTimeout: LONGEST_SILENCE,
    // What comes on open connections while it stops is answered all the same.
    return503OnClosing: false,
    genReqId: requestIdOf,
    http: { maxHeaderSize: LARGEST_HEADERS, headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
  });
}

/** The caller's own `X-Request-Id` if it is a plain word, so that logs of both sides can be joined. */
function requestIdOf(request: { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

function logRequests(server: FastifyInstance, logger: Logger): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('X-Request-Id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const { method, id: requestId } = request;
    const ip = clientAddress(request);
    const route = request.routeOptions.url ?? 'unknown route';
    const milliseconds = Math.round(reply.elapsedTime);
    logger.info(
      { requestId, method, route, status: reply.statusCode, milliseconds, ip, caller: request.caller?.id },
      'request',
    );
    done();
  });
}

function countRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    metrics.answered(request, reply);
    done();
  });
}

/** Clients open the next connection to somebody else. */
function letConnectionsGo(server: FastifyInstance, departure: Departure): void {
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (departure.hasBegun) void reply.header('Connection', 'close');
    done();
  });
}

async function secure(app: NestFastifyApplication, configuration: Configuration): Promise<void> {
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    hsts: configuration.publicUrl.startsWith('https:'),
    referrerPolicy: { policy: 'no-referrer' },
  });
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, reply, done) => setHeaders(request.raw, reply.raw, () => done()));
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('Cache-Control')) void reply.header('Cache-Control', 'no-store');
    done(null, payload);
  });
  if (configuration.CORS_ORIGINS.length === 0) return;
  await app.register(cors, {
    origin: configuration.CORS_ORIGINS,
    credentials: false,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-Request-Id', 'traceparent', 'tracestate'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  });
}
