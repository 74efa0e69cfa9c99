// The layering of docs/architecture.md: a module imports those above it in app.module.ts, never those below.
const libs = ['config', 'database', 'http', 'audit', 'mailer'];
const modules = [
  'languages',
  'access',
  'platform',
  'users',
  'auth',
  'organisations',
  'projects',
  'keys',
  'plans',
  'unsubscribes',
  'invitations',
  'mail-events',
  'audit-trail',
  'pages',
  'dialects',
];

const downward = (root, names) =>
  names.slice(0, -1).map((name, index) => ({
    name: `${name}-imports-nothing-below-it`,
    severity: 'error',
    from: { path: `^${root}/${name}/` },
    to: { path: `^${root}/(${names.slice(index + 1).join('|')})/` },
  }));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'libs-know-no-product', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'libs-by-their-index',
      severity: 'error',
      from: { path: '^(apps|libs/([^/]+))/' },
      to: { path: '^libs/([^/]+)/src/(?!index)', pathNot: '^libs/$2/' },
    },
    ...downward('libs', libs),
    ...downward('apps/api/src', modules),
    {
      name: 'no-development-dependencies-in-the-product',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)dist/' },
  },
};
