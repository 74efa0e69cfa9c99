export { endRun as default } from './run-of-tests.mjs';
