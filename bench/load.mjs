// The process that sends requests. It is told what to send, and answers what came of it.
import { Client } from 'undici';

process.on('message', async (task) => {
  const began = process.cpuUsage();
  const result = await send(task);
  const { user, system } = process.cpuUsage(began);
  process.send({ ...result, clientCpu: (user + system) / 1e6 });
});
process.on('disconnect', () => process.exit());

/** As many connections as wanted, each with one request at a time, until the time is over or the numbered requests are used up. */
async function send({ contestant, scenario, url, facts, from, to = Infinity, seconds, connections }) {
  const { requests } = await import(`./contestants/${contestant}.mjs`);
  const requestOf = requests[scenario];
  const latencies = [];
  const failures = new Map();
  let next = from;
  const began = performance.now();
  const end = began + seconds * 1_000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new Client(url, { pipelining: 1 });
      while (performance.now() < end && next < to) {
        const request = requestOf(next++, facts);
        const sent = performance.now();
        const outcome = await statusOf(client, request);
        if (outcome >= 200 && outcome < 300) latencies.push(performance.now() - sent);
        else failures.set(outcome, (failures.get(outcome) ?? 0) + 1);
      }
      await client.close();
    }),
  );
  const elapsed = (performance.now() - began) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null;
  return {
    count: latencies.length,
    elapsed,
    p50: at(0.5),
    p99: at(0.99),
    failures: Object.fromEntries(failures),
    next,
  };
}

/** Reads the whole answer without making anything of it: a client's own work must not be what is measured. */
const statusOf = (client, request) =>
  new Promise((resolve) => {
    let status = 0;
    client.dispatch(request, {
      onRequestStart() {},
      onResponseStart: (_controller, statusCode) => (status = statusCode),
      onResponseData() {},
      onResponseEnd: () => resolve(status),
      onResponseError: (_controller, error) => resolve(error.code ?? error.message),
    });
  });
