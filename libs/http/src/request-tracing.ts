import { beginSpan, endSpan, inSpan, traceparentOf } from '@usher/config';
import type { FastifyInstance, FastifyRequest } from 'fastify';

type Span = ReturnType<typeof beginSpan>;

/** A span for each request, in the caller's trace if there is one: method, route and status, nothing of an address, a header or a body. */
export function traceRequests(server: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, NonNullable<Span>>();
  const spanOf = (request: FastifyRequest): Span => spans.get(request) ?? null;
  server.addHook('onRequest', (request, reply, done) => {
    const span = beginRequest(request);
    if (span) spans.set(request, span);
    void reply.header('traceresponse', traceparentOf(span) ?? undefined);
    done();
  });
  server.addHook('preValidation', (request, _reply, done) => inSpan(spanOf(request), done));
  server.addHook('onResponse', (request, { statusCode }, done) => {
    const error = statusCode >= 500 ? String(statusCode) : null;
    endSpan(spanOf(request), { 'http.response.status_code': statusCode }, error);
    done();
  });
}

function beginRequest({ method, id, routeOptions, headers }: FastifyRequest): Span {
  const route = routeOptions.url;
  const { traceparent = null } = headers;
  return beginSpan({
    name: route ? `${method} ${route}` : method,
    kind: 'SERVER',
    parent: typeof traceparent === 'string' ? traceparent : null,
    facts: { 'http.request.method': method, 'http.route': route, 'usher.request_id': id },
  });
}
