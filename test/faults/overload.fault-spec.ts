import { connect } from 'node:net';
import { eventually } from '../support/eventually.js';
import { newAddress } from '../support/factories.js';
import type { ServerProcess } from '../support/server-process.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';

const MOST = 16;
/** What is promised, in milliseconds: headers within 15 s, a whole request within 30 s, looked at every 5 s. */
const HEADERS_WITHIN = 20_000;
const REQUEST_WITHIN = 35_000;

describe('too much', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await new Cluster().open();
  });
  afterEach(() => cluster.close());

  it('at once: what could only wait is refused at once, those who watch are answered, the rest is done', async () => {
    // Do not count in limitRequestsUnderWay: nothing is refused, all wait.
    const server = await cluster.start({
      MAX_REQUESTS_UNDER_WAY: String(MOST),
      TRUST_PROXY: '127.0.0.1',
      DATABASE_POOL_SIZE: String(MOST + 4),
      DATABASE_TIMEOUT_SECONDS: '60',
    });
    await cluster.signIn(server);
    const list = (from: string) =>
      server.api.get('/organisations', { as: cluster.token, headers: { 'X-Forwarded-For': from } });
    const letGo = await cluster.lockTable('organisations');
    // Two clients: one may have half of the places.
    const all = Array.from({ length: 10 * MOST }, (_, index) => list(`203.0.113.${index % 2}`));
    const refused = await Promise.any(all);
    const watched = await Promise.all(
      ['/healthz', '/readyz', '/metrics'].map((path) => server.root.get(path, { as: 'a-token-for-prometheus' })),
    );
    await letGo();

    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded', status: 503 } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(watched.map(({ status }) => status)).toEqual([200, 200, 200]);
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(MOST);
    expect(statuses.filter((status) => status === 503)).toHaveLength(9 * MOST);
    expect((await list('203.0.113.0')).status).toBe(200);
  });

  it('of people who sign in: everybody else is answered meanwhile', async () => {
    const server = await cluster.start({ TRUST_PROXY: '127.0.0.1' });
    await cluster.signIn(server);
    const quiet = await timesOf(server, cluster.token, 50);
    let floods = true;
    const counts = { tried: 0, refused: 0 };
    const flood = async (): Promise<void> => {
      while (floods) {
        const answer = await server.api.post('/auth/sign-in', { email: newAddress(), password: 'guess' });
        counts.tried += 1;
        if (answer.status !== 401) counts.refused += 1;
      }
    };
    const flooding = Array.from({ length: 200 }, flood);
    await eventually(() => expect(counts.refused).toBeGreaterThan(0));
    const flooded = await timesOf(server, cluster.token, 50);
    floods = false;
    await Promise.all(flooding);
    note('200 sign-ins at a time, without pause', {
      'sign-ins': counts.tried,
      'refused at once': counts.refused,
      'GET /me, median before (ms)': median(quiet),
      'GET /me, median meanwhile (ms)': median(flooded),
    });
  });

  it("patience asked of the server: who sends slowly is cut off, and takes nobody's place", async () => {
    const server = await cluster.start({ MAX_REQUESTS_UNDER_WAY: String(MOST) });
    await cluster.signIn(server);
    const port = Number(new URL(server.root.baseUrl).port);
    const head = 'POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: usher.test\r\nContent-Type: application/json\r\n';
    const inHeaders = Array.from({ length: 2 * MOST }, () => drip(port, head));
    const inBody = Array.from({ length: 2 * MOST }, () => drip(port, `${head}Content-Length: 10000\r\n\r\n{`));
    expect((await server.api.get('/me', { as: cluster.token })).status).toBe(200);
    const [headers, bodies] = await Promise.all([Promise.all(inHeaders), Promise.all(inBody)]);
    for (const { answer } of [...headers, ...bodies]) expect(answer).toContain('request_timeout');
    const longest = { headers: longestOf(headers), bodies: longestOf(bodies) };
    expect(longest.headers).toBeLessThan(10 * HEADERS_WITHIN);
    expect(longest.bodies).toBeLessThan(10 * REQUEST_WITHIN);
    note('clients that send a byte a second', {
      'headers cut off after (ms)': longest.headers,
      'bodies cut off after (ms)': longest.bodies,
    });
  });
});

/** Not from where the flood comes. */
const ELSEWHERE = { 'X-Forwarded-For': '203.0.113.7' };

/** All of them answered 200; milliseconds, in order. */
async function timesOf({ api }: ServerProcess, as: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    expect((await api.get('/me', { as, headers: ELSEWHERE })).status).toBe(200);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

const median = (sorted: number[]): number => Math.round(sorted[Math.floor(sorted.length / 2)]);

interface Cut {
  answer: string;
  milliseconds: number;
}

const longestOf = (cuts: Cut[]): number => Math.round(Math.max(...cuts.map(({ milliseconds }) => milliseconds)));

/** Sends a space a second after `beginning`, until the connection is closed. */
function drip(port: number, beginning: string): Promise<Cut> {
  return new Promise((resolve) => {
    const began = performance.now();
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(beginning));
    const timer = setInterval(() => socket.write(beginning.endsWith('{') ? ' ' : 'x'), 1_000);
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ answer, milliseconds: performance.now() - began });
    });
  });
}
