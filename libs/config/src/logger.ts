import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'key',
  'link',
  'secret',
];
const CREDENTIAL =
  /\bus[hs]_[A-Za-z0-9_-]{20,}|(?<=[#?&]token=)[A-Za-z0-9_-]+|(?<=\b(?:smtps?|postgres(?:ql)?):\/\/[^:/\s]*:)[^@\s]+(?=@)/g;

/** Tells of every module and route at each start. */
const FRAMEWORK = ['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication'];

/** What every line begins with, such as the request that it was written for. */
type Circumstances = () => Record<string, unknown>;

/** JSON lines, on standard output unless told otherwise; secret fields are redacted by name, credentials and URL passwords by shape. */
export function createLogger(
  level: string,
  circumstances: Circumstances = () => ({}),
  destination: DestinationStream = pino.destination(1),
): Logger {
  const options = {
    level,
    mixin: circumstances,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
    hooks: { streamWrite: (line: string) => line.replace(CREDENTIAL, '[redacted]') },
  };
  return pino(options, destination);
}

/** Nest's own log lines, in the same format. */
export class StructuredLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    const level = FRAMEWORK.includes(context ?? '') ? 'debug' : 'info';
    this.logger[level]({ context }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  error(message: unknown, stackOrContext?: string, context?: string): void {
    const stack = context ? stackOrContext : undefined;
    this.logger.error({ context: context ?? stackOrContext, stack }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}
