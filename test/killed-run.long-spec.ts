import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { eventually } from './support/eventually.js';
import { isAlive } from './support/is-alive.mjs';
import { describeOnServer } from './support/races.js';

const JEST = ['node_modules/jest/bin/jest.js', '--config', 'test/killed-run/jest.config.js'];
/** This run has a folder of its own in it. */
const FOLDERS = dirname(tmpdir());
/** No process has such a number. */
const DEAD = 'usher_test_99999999_1500000000';

describeOnServer('a run of tests that ends in the middle', () => {
  const sql = new pg.Client({ connectionString: process.env.TEST_SERVER });
  let jest: ChildProcess;
  let output = '';

  beforeAll(() => sql.connect());
  beforeEach(() => {
    output = '';
  });
  afterEach(async () => {
    jest.kill('SIGKILL');
    await eventually(() => expect(folders()).toEqual([]));
  });
  afterAll(() => sql.end());

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('by %s leaves no server, database or folder', async (signal) => {
    // Leave out end-of-run.mjs, end-with-parent.mjs, or the look at the parent in environment.mjs.
    const started = await startRun();
    expect(started.filter(isAlive)).toEqual(started);
    expect((await databases()).length).toBeGreaterThan(4);
    expect(folders()).toHaveLength(1);

    jest.kill(signal);
    await eventually(async () => {
      expect(started.filter(isAlive)).toEqual([]);
      expect(await databases()).toEqual([]);
      expect(folders()).toEqual([]);
    });
  });

  it('together with what would tidy up is tidied up after by the next one, which lets those be that run', async () => {
    await sql.query(`CREATE DATABASE ${DEAD}`);
    mkdirSync(join(FOLDERS, DEAD));
    await startRun();
    expect(await databases(DEAD)).toEqual([]);
    expect(folders(DEAD)).toEqual([]);
    const mine = String(process.env.TEST_TEMPLATE);
    expect(await databases(mine)).toContain(mine);
    expect(folders(mine)).toEqual([mine]);
  });

  /** Answers the ids of its servers and workers, once all run. */
  function startRun(): Promise<number[]> {
    const env = { ...process.env, TMPDIR: FOLDERS };
    jest = spawn(process.execPath, JEST, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    jest.stderr?.on('data', (text) => (output += String(text)));
    return eventually(() => {
      const ids = [...output.matchAll(/started (\d+) of (\d+)/g)].flatMap(([, ...both]) => both.map(Number));
      if (ids.length < 4) throw new Error(`Not all has started:\n${output}`);
      return ids;
    });
  }

  const name = (): string => `usher_test_${jest.pid}_`;
  const folders = (of = name()): string[] => readdirSync(FOLDERS).filter((folder) => folder.startsWith(of));
  const databases = async (of = name()): Promise<string[]> => {
    const statement = 'SELECT datname FROM pg_database WHERE starts_with(datname, $1)';
    const { rows } = await sql.query<{ datname: string }>(statement, [of]);
    return rows.map(({ datname }) => datname);
  };
});
