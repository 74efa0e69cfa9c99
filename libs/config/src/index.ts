export { ConfigModule } from './config.module.js';
export { Configuration } from './configuration.js';
export { weaknessOf } from './guessable-passwords.js';
export { loadConfiguration } from './load-configuration.js';
export { isSameSecret, Secrets } from './secrets.js';
export { createLogger } from './logger.js';
export { StructuredLogger } from './logger.js';
export { isLoopback } from './loopback.js';
export { beginSpan, currentSpan, endSpan, inSpan, startTracing, stopTracing, traceparentOf } from './tracing.js';
