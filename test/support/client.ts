import { testLog } from './test-log.js';

/** An answer as a test looks at it. */
export interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test names the fields that it expects
  body: any;
}

export interface RequestOptions {
  /** The credential, or the headers that carry it. */
  as?: string | { token: string };
  headers?: Record<string, string>;
}

/** A request, before it is sent. */
export interface Exchange {
  method: string;
  path: string;
  body?: unknown;
  options: RequestOptions;
}

/** Is told of every request, and sees to it that it is sent. */
export interface Watcher {
  around(exchange: Exchange, send: () => Promise<Answer>): Promise<Answer>;
}

/** Speaks HTTP to a running server; paths are those behind `/api/v1` unless they begin with a word of their own. */
export class Client {
  watcher: Watcher | null = null;

  constructor(readonly baseUrl: string) {}

  get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send('GET', path, undefined, options);
  }

  post(path: string, body?: unknown, options?: RequestOptions): Promise<Answer> {
    return this.send('POST', path, body, options);
  }

  put(path: string, body?: unknown, options?: RequestOptions): Promise<Answer> {
    return this.send('PUT', path, body, options);
  }

  patch(path: string, body?: unknown, options?: RequestOptions): Promise<Answer> {
    return this.send('PATCH', path, body, options);
  }

  delete(path: string, options?: RequestOptions): Promise<Answer> {
    return this.send('DELETE', path, undefined, options);
  }

  /** `body` is sent as JSON; a string goes as it is. */
  send(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    const exchange = { method, path, body, options };
    return this.watcher?.around(exchange, () => this.transmit(exchange)) ?? this.transmit(exchange);
  }

  /** Past the watcher. */
  async transmit({ method, path, body, options: { as, headers = {} } }: Exchange): Promise<Answer> {
    const token = typeof as === 'object' ? as.token : as;
    testLog.remember([{ token }, headers, body]);
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    const answer = isJson ? JSON.parse(text) : text;
    testLog.remember(answer);
    return { status: response.status, headers: response.headers, body: answer };
  }
}
