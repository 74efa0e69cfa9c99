import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';

const MEDIA_TYPE = 'application/problem+json; charset=utf-8';
/** As every answer of a route has them. */
const PROTECTIVE = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
};
const CLIENT_ERRORS: Record<string, { status: number; code: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'headers_too_large', detail: 'The headers are too large. Send less.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout', detail: 'The request took too long to arrive.' },
};
const UNREADABLE = { status: 400, code: 'bad_request', detail: 'The request cannot be read.' };

/** For an address that cannot be decoded, or one that is too long: no route, and so no filter, is reached. */
export function answerUnroutable(error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  const body = problemBody({ ...UNREADABLE, status, detail: 'The address cannot be read.' }, request.id);
  const headers = { 'X-Request-Id': request.id, ...PROTECTIVE };
  void reply.status(status).headers(headers).type(MEDIA_TYPE).send(body);
}

/** Before anything is spent on the request. */
export function answerOverloaded(request: FastifyRequest, reply: FastifyReply, detail: string): void {
  const body = problemBody({ status: 503, code: 'overloaded', detail }, request.id);
  void reply.status(503).headers({ 'Retry-After': '1' }).type(MEDIA_TYPE).send(body);
}

/** For what is not even a request: the answer is written to the connection, which is closed. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const refusal = CLIENT_ERRORS[error.code ?? ''] ?? UNREADABLE;
  const body = problemBody(refusal, randomUUID());
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    `Content-Type: ${MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(PROTECTIVE).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

const problemBody = ({ status, code, detail }: typeof UNREADABLE, requestId: string): string =>
  JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, code, detail, requestId });
