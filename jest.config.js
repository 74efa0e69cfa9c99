import { TEST_TIMEOUT } from './test/support/patience.mjs';

// Everything, ESM-only packages too, is transpiled to CommonJS by SWC: Jest runs ES modules only with an experimental flag of Node.
const common = {
  swcrc: false,
  module: { type: 'commonjs', ignoreDynamic: false, importInterop: 'swc', exportInteropAnnotation: true },
  sourceMaps: 'inline',
};
const typescript = {
  ...common,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
};
const javascript = { ...common, jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } } };
const esmOnly =
  '@nestjs/|@electric-sql/|@fastify/|file-type|strtok3|token-types|uint8array-extras|@tokenizer|@borewit|load-esm|uuid|content-disposition|p-limit|yocto-queue';
// CommonJS, but with an `import()`, which Jest cannot run either.
const withImports = '@opentelemetry/otlp-exporter-base';

const project = {
  rootDir: import.meta.dirname,
  testEnvironment: '<rootDir>/test/support/environment.mjs',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '^.+\\.ts$': ['@swc/jest', typescript], '^.+\\.[cm]?js$': ['@swc/jest', javascript] },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esmOnly}|${withImports})[^/]*)`],
  moduleNameMapper: { '^@usher/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
  resolver: '<rootDir>/test/support/jest-resolver.cjs',
  setupFiles: ['reflect-metadata'],
};

const onDatabase = {
  ...project,
  globalSetup: '<rootDir>/test/support/template-database.mjs',
  globalTeardown: '<rootDir>/test/support/drop-template-database.mjs',
};

export default {
  testTimeout: TEST_TIMEOUT,
  maxWorkers: 2,
  projects: [
    { ...project, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts'] },
    { ...onDatabase, displayName: 'e2e', testMatch: ['<rootDir>/test/*.e2e-spec.ts'] },
    // Only in `npm run test:all`.
    { ...onDatabase, displayName: 'long', testMatch: ['<rootDir>/test/*.long-spec.ts'] },
  ],
};
