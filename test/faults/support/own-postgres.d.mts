export class OwnPostgres {
  constructor(folder: string, port: number);
  start(): void;
  /** `fast` ends all sessions, `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate'): void;
}
