export default function tearDown() {
  globalThis.ownPostgres.remove();
}
