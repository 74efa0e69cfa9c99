import { readFileSync } from 'node:fs';
import { ACTORS, type Actor, POLICY } from './policy.table.js';
import { expectation, IS_NOT_TRIED, isRefused, type Line, placeless } from './policy/notation.js';
import { startApp, type TestApp } from './support/app.js';
import type { Answer } from './support/client.js';
import { REQUESTS } from './support/policy-requests.js';
import { madeOnce, type PolicyThings } from './support/policy-things.js';
import { PolicyWorld } from './support/policy-world.js';

const LINES = POLICY.flatMap(({ lines }) => lines);

/** `docs/openapi.json` is what the server says: openapi.e2e-spec.ts sees to it. */
function documented(): string[] {
  const { paths }: { paths: Record<string, object> } = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => placeless(`${method.toUpperCase()} ${path.replace('/api/v1', '')}`)),
  );
}

describe('the policy table', () => {
  it('has every operation of the API, and no other', () => {
    const inTable = new Set(LINES.map(({ operation }) => placeless(operation)));
    expect([...inTable].sort()).toEqual(documented().sort());
  });

  it('has everybody in one column of each table', () => {
    for (const { title, actors } of POLICY)
      expect([title, ...[...actors].sort()]).toEqual([title, ...[...ACTORS].sort()]);
  });

  it('has no line twice, and no request that is on no line', () => {
    const names = LINES.map(({ name }) => name);
    expect(names).toHaveLength(new Set(names).size);
    expect(Object.keys(REQUESTS).filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('who may do what', () => {
  let app: TestApp;
  let world: PolicyWorld;

  beforeAll(async () => {
    // Strangers have columns of their own here, and people come by SQL at the same time.
    app = await startApp({}, { replay: false });
    world = await new PolicyWorld(app).build();
  });
  afterAll(() => app.stop());

  describe.each(POLICY)('$title', ({ lines, namesNoCodes }) => {
    const compared = (answer: string): string => (namesNoCodes ? answer.slice(0, 3) : answer);

    it.each(lines)('$name', async (line) => {
      const shared = madeOnce(world.things);
      const tried = [...line.cells].filter(([, cell]) => cell !== IS_NOT_TRIED);
      const expected = tried.map(([actor, cell]) => [actor, compared(expectation(cell))]);
      const answers = await Promise.all(
        tried.map(async ([actor, cell]) => {
          const things = isRefused(cell) ? shared : world.things;
          return [actor, compared(told(await ask(line, actor, things)))];
        }),
      );
      expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(expected));
    });
  });

  async function ask({ name, operation }: Line, actor: Actor, things: PolicyThings): Promise<Answer> {
    const call = { actor, things, self: world.self(actor), isPerson: world.isPerson(actor) };
    const { ids, body, as, query } = (await REQUESTS[name]?.(call)) ?? {};
    const { organisation, project } = things.standing;
    const known: Record<string, string> = { org: organisation.id, project: project.id, ...ids };
    const [method, path] = operation.split(' ');
    const url = path.replace(/\{(\w+)\}/g, (_, place: string) => known[place] ?? `no-${place}-to-ask-for`);
    const server = /^\/(healthz|readyz|metrics|v1\/|api\/)/.test(path) ? app.root : app.api;
    return server.send(method, query ? `${url}?${query}` : url, body, { as: as ?? world.credential(actor) });
  }
});

/** The status, and of a refusal its reason. */
const told = ({ status, body }: Answer): string => (status < 300 ? String(status) : `${status} ${body.code}`);
