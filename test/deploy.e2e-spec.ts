import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Configuration, loadConfiguration } from '@usher/config';
import { parse, parseAllDocuments } from 'yaml';
import { startApp, type TestApp } from './support/app.js';
import { freePort } from './support/server-process.js';

const DOCKERFILE = readFileSync('Dockerfile', 'utf8');
const COMPOSE = parse(readFileSync('compose.yaml', 'utf8'));
const MANIFESTS = parseAllDocuments(readFileSync('deploy/kubernetes.yaml', 'utf8')).map((each) => each.toJS());
const [DEPLOYMENT, SERVICE, BUDGET, POLICY] = MANIFESTS;
const POD = DEPLOYMENT.spec.template.spec;
const [CONTAINER] = POD.containers;
const PACKAGE = JSON.parse(readFileSync('package.json', 'utf8'));
const SECRETS: Record<string, string> = {
  APP_SECRET: 'q8Zr2Lx0Vb7Nc5Md1Ks9Jh4Gf6Tp3Yw+/=eRtU',
  DATABASE_URL: 'postgres://usher:secret@db/usher',
  SMTP_URL: 'smtp://user:secret@mail:587',
  POSTGRES_PASSWORD: 'secret',
  METRICS_TOKEN: 'c1d0760f5a3e9b2847d6',
  ADMIN_EMAIL: 'admin@example.com',
  ADMIN_PASSWORD: 'a password of the admin',
};

/** What the image's own `ENV` sets. */
const imageEnvironment = (): Record<string, string> =>
  Object.fromEntries([...DOCKERFILE.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));

const withSecrets = (text: string): string => text.replace(/\$\{(\w+):\?[^}]*\}/g, (_, name) => SECRETS[name]);

const ofCompose = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries<string>(COMPOSE.services.usher.environment).map(([name, value]) => [name, withSecrets(value)]),
  );

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef: { name: string; key: string } };
}

const ofKubernetes = (): Record<string, string> =>
  Object.fromEntries(
    CONTAINER.env.map(({ name, value, valueFrom }: Variable) => [
      name,
      value ?? SECRETS[valueFrom?.secretKeyRef.key ?? ''],
    ]),
  );

describe('the image', () => {
  it('runs on a Node that package.json allows', () => {
    const versions = [...DOCKERFILE.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
    expect(new Set(versions).size).toBe(1);
    const [, least] = /^>=([\d.]+)$/.exec(PACKAGE.engines.node) ?? [];
    expect(versions[0].localeCompare(least, undefined, { numeric: true })).toBeGreaterThanOrEqual(0);
  });

  it('is made of files that are there and not ignored', () => {
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    const copied = [...DOCKERFILE.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, sources]) => sources.split(' '));
    expect(copied.length).toBeGreaterThan(5);
    for (const name of copied) {
      expect(existsSync(name)).toBe(true);
      expect(ignored).toContain(`!${name}`);
    }
  });

  it('lets nothing else of the folder in', () => {
    const lines = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(lines.filter((line) => line && !/^[!#]/.test(line))).toEqual(['*', '**/*.spec.ts']);
  });

  it('starts what `npm run start:prod` starts, as nobody special', () => {
    const command = /^CMD (.+)$/m.exec(DOCKERFILE)?.[1] ?? '';
    expect(JSON.parse(command).join(' ')).toBe(PACKAGE.scripts['start:prod']);
    expect(existsSync(JSON.parse(command)[1])).toBe(true);
    expect(DOCKERFILE).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });

  it('is named after the version everywhere', () => {
    expect(DOCKERFILE).toContain(`image.version="${PACKAGE.version}"`);
    expect(COMPOSE.services.usher.image).toBe(`usher:${PACKAGE.version}`);
    expect(CONTAINER.image).toMatch(new RegExp(`/usher:${PACKAGE.version}$`));
  });
});

describe('settings', () => {
  it.each([
    ['compose.yaml', ofCompose()],
    ['deploy/kubernetes.yaml', ofKubernetes()],
  ])('of %s are known, and all that production needs', (_file, environment) => {
    const given = { ...imageEnvironment(), ...environment };
    const known = readFileSync('libs/config/src/configuration.ts', 'utf8');
    for (const name of Object.keys(given)) expect(known).toContain(`readonly ${name}`);
    expect(loadConfiguration(given)).toMatchObject({ isProduction: true, mailChannel: 'smtp', PORT: 3000 });
  });

  it('that are secret are nowhere in the files', () => {
    for (const { name, value, valueFrom } of CONTAINER.env as Variable[]) {
      if (name in SECRETS)
        expect([value, valueFrom?.secretKeyRef]).toMatchObject([undefined, { name: 'usher', key: name }]);
    }
    const { DATABASE_URL, APP_SECRET, ADMIN_PASSWORD } = COMPOSE.services.usher.environment;
    for (const value of [DATABASE_URL, APP_SECRET, ADMIN_PASSWORD]) expect(value).toMatch(/\$\{\w+:\?/);
  });

  it('agree on the port', () => {
    const port = new Configuration().PORT;
    expect(DOCKERFILE).toMatch(new RegExp(`^EXPOSE ${port}$`, 'm'));
    expect(COMPOSE.services.usher.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(CONTAINER.ports).toEqual([{ name: 'http', containerPort: port }]);
    expect(SERVICE.spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
  });

  it('name images by a full version', () => {
    const images = Object.values<{ image: string }>(COMPOSE.services).map(({ image }) => image);
    for (const image of [...images, CONTAINER.image]) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
  });
});

describe('a health check', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  it.each(['startupProbe', 'livenessProbe', 'readinessProbe'])('such as the %s is answered', async (name) => {
    const { path, port } = CONTAINER[name].httpGet;
    expect(port).toBe('http');
    expect((await app.root.get(path)).status).toBe(200);
  });

  it('of the image passes while Usher answers, and fails when nothing does', async () => {
    const [, command] = /^HEALTHCHECK .*\\\n +CMD (.+)$/m.exec(DOCKERFILE) ?? [];
    const [node, ...rest] = JSON.parse(command);
    expect(node).toBe('node');
    const check = (port: string) => promisify(execFile)(process.execPath, rest, { env: { PORT: port } });
    await check(new URL(await app.nest.getUrl()).port);
    await expect(check(await freePort())).rejects.toMatchObject({ code: 1 });
  });
});

describe('the Kubernetes manifests', () => {
  it('keep a replica in service through updates and drained nodes', () => {
    expect(DEPLOYMENT.spec.replicas).toBeGreaterThanOrEqual(2);
    expect(DEPLOYMENT.spec.strategy.rollingUpdate).toMatchObject({ maxUnavailable: 0 });
    expect(BUDGET.spec.maxUnavailable).toBeLessThan(DEPLOYMENT.spec.replicas);
  });

  it('speak of the same pods', () => {
    const { labels } = DEPLOYMENT.spec.template.metadata;
    const selectors = [DEPLOYMENT.spec.selector, BUDGET.spec.selector, POLICY.spec.podSelector];
    for (const { matchLabels } of [...selectors, POD.topologySpreadConstraints[0].labelSelector])
      expect(matchLabels).toEqual(labels);
    expect(SERVICE.spec.selector).toEqual(labels);
  });

  it('give the process nothing that it does not need', () => {
    expect(POD.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(`${POD.securityContext.runAsUser}:${POD.securityContext.runAsGroup}`).toBe(
      /^USER (.+)$/m.exec(DOCKERFILE)?.[1],
    );
    expect(CONTAINER.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('leave time to end in good order', () => {
    const [, end] = /AT_MOST = ([\d_]+)/.exec(readFileSync('apps/api/src/leave.ts', 'utf8')) ?? [];
    const [, wait] = /setTimeout\(.*, (\d+)\)/.exec(CONTAINER.lifecycle.preStop.exec.command[2]) ?? [];
    const needed = (Number(end.replace('_', '')) + Number(wait)) / 1_000;
    expect(needed).toBeGreaterThan(10);
    expect(POD.terminationGracePeriodSeconds).toBeGreaterThan(needed);
    expect(parseInt(COMPOSE.services.usher.stop_grace_period)).toBeGreaterThan(Number(end.replace('_', '')) / 1_000);
  });
});
