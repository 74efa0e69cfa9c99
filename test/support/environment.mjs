import { setInterval } from 'node:timers';
import { TestEnvironment } from 'jest-environment-node';

// A worker whose Jest was killed ends, and with it the servers that it started.
if (process.connected) setInterval(() => process.connected || process.exit(1), 500).unref();

export default TestEnvironment;
