import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import type { Attributes, Span, SpanKind, Tracer } from '@opentelemetry/api';

export interface Work {
  name: string;
  kind: keyof typeof SpanKind;
  /** Names and numbers of ours, never what people typed. */
  facts: Attributes;
  /** A W3C `traceparent`; null or unreadable: a trace of its own. Default: the span that this is called in. */
  parent?: string | null;
}

type Library = Awaited<ReturnType<typeof load>>;
interface Tracing {
  library: Library;
  tracer: Tracer;
  stop: () => Promise<void>;
}

const current = new AsyncLocalStorage<Span>();
let tracing: Tracing | null = null;
const logger = new Logger('Tracing');

/** The collector is away, or does not like what it gets. The SDK hands over an error as JSON; it is no concern of the request that happens to be answered. */
const warn = AsyncResource.bind((text: string): void =>
  logger.warn(`Spans are lost: ${/"message":"([^"]*)"/.exec(text)?.[1] ?? text}`),
);

/** Sends spans by OTLP/HTTP to `endpoint` from now on. */
export async function startTracing(endpoint: string): Promise<void> {
  const library = await load();
  const { api, resources, sdk, exporter } = library;
  const quiet = (): void => undefined;
  api.diag.setLogger({ error: warn, warn, info: quiet, debug: quiet, verbose: quiet }, api.DiagLogLevel.WARN);
  const named = resources.resourceFromAttributes({ 'service.name': 'usher' });
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new sdk.BasicTracerProvider({
    resource: named.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter({ url }))],
  });
  tracing = { library, tracer: provider.getTracer('usher'), stop: () => provider.shutdown() };
}

/** Sends what has not been sent; does not fail when nobody takes it. */
export async function stopTracing(): Promise<void> {
  const stopped = tracing;
  tracing = null;
  await stopped?.stop().catch((error: unknown) => warn(String(error)));
}

/** Null while nothing is traced; whoever begins a span ends it. */
export function beginSpan({ name, kind, facts, parent }: Work): Span | null {
  if (!tracing) return null;
  const { api, core } = tracing.library;
  const around = parent === undefined ? current.getStore()?.spanContext() : core.parseTraceParent(parent ?? '');
  const context = around ? api.trace.setSpanContext(api.ROOT_CONTEXT, around) : api.ROOT_CONTEXT;
  return tracing.tracer.startSpan(name, { kind: api.SpanKind[kind], attributes: facts }, context);
}

export const inSpan = <T>(span: Span | null, work: () => T): T => (span ? current.run(span, work) : work());

/** `error` is a word such as a code; null when all went well. */
export function endSpan(span: Span | null, facts: Attributes, error: string | null = null): void {
  if (!span || !tracing) return;
  span.setAttributes(facts);
  if (error) span.setAttribute('error.type', error).setStatus({ code: tracing.library.api.SpanStatusCode.ERROR });
  span.end();
}

/** The span that this is called in. */
export const currentSpan = (): Span | null => current.getStore() ?? null;

/** As W3C writes it; null while nothing is traced. */
export function traceparentOf(span: Span | null): string | null {
  if (!span) return null;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** Imported here, so that whoever wants no traces pays nothing for them. */
async function load() {
  const [api, core, resources, sdk, exporter] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  return { api, core, resources, sdk, exporter };
}
