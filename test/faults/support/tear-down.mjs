export default function tearDown() {
  for (const server of globalThis.ownPostgres) server.remove();
}
