// What breaks around Usher: several processes of the build, a PostgreSQL server of their own, one for each worker.
import config from './jest.config.js';

const e2e = config.projects.find(({ displayName }) => displayName === 'e2e');

export default {
  testTimeout: config.testTimeout,
  maxWorkers: 2,
  projects: [
    {
      ...e2e,
      displayName: 'faults',
      globalSetup: '<rootDir>/test/faults/support/set-up.mjs',
      globalTeardown: '<rootDir>/test/faults/support/tear-down.mjs',
      testMatch: ['<rootDir>/test/faults/**/*.fault-spec.ts'],
    },
  ],
};
