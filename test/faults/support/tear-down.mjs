export { endRun as default } from '../../support/run-of-tests.mjs';
