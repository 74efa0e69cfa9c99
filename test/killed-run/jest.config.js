// Of `test/killed-run.long-spec.ts`, in two workers.
import config from '../../jest.config.js';

const e2e = config.projects.find(({ displayName }) => displayName === 'e2e');
const testMatch = ['<rootDir>/test/killed-run/hangs.ts'];

export default {
  ...config,
  projects: ['one', 'another'].map((displayName) => ({ ...e2e, displayName, testMatch })),
};
