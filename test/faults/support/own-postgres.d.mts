export class OwnPostgres {
  constructor(folder: string, port: number);
  readonly port: number;
  readonly data: string;
  start(settings?: Record<string, string>): void;
  /** `fast` ends all sessions, `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate'): void;
  /** A hot standby, not started. */
  standby(port: number): OwnPostgres;
  promote(): void;
  remove(): void;
}
/** Those whom programs run as that refuse to be root. */
export function unprivileged(): { uid?: number; gid?: number };
