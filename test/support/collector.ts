import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** As OTLP writes it in JSON. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
  status: { code?: number };
}

interface Export {
  resourceSpans: { resource: { attributes: ReceivedSpan['attributes'] }; scopeSpans: { spans: ReceivedSpan[] }[] }[];
}

/** Takes spans by OTLP over HTTP, on loopback. */
export class Collector {
  readonly spans: ReceivedSpan[] = [];
  readonly services = new Set<string>();
  /** All that arrived, as it was written. */
  received = '';
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      void this.take(request).then(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}'));
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo; // as: it listens on TCP
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage): Promise<void> {
    const body = await text(request);
    if (request.url !== '/v1/traces') return;
    this.received += body;
    for (const { resource, scopeSpans } of (JSON.parse(body) as Export).resourceSpans) {
      // as: OTLP's JSON
      this.services.add(factsOf(resource)['service.name'] as string); // as: a name
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans));
    }
  }
}

/** The attributes by name. */
export const factsOf = ({
  attributes,
}: Pick<ReceivedSpan, 'attributes'>): Record<string, string | number | undefined> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
