import type { Session } from './session.entity.js';

/** A place where you are signed in. */
export class SessionDto {
  /** @format uuid */
  id: string;

  createdAt: Date;

  /** To the minute. */
  lastUsedAt: Date;

  /** The latest end; a session that is not used for long ends earlier. */
  expiresAt: Date;

  /** What the browser or program called itself when it signed in. */
  userAgent: string | null;

  /** Whether this request is made with it. */
  current: boolean;

  static from({ id, createdAt, lastUsedAt, expiresAt, userAgent }: Session, currentId: string): SessionDto {
    return { id, createdAt, lastUsedAt, expiresAt, userAgent, current: id === currentId };
  }
}

export class SessionPageDto {
  data: SessionDto[];

  /** Ask with it as `cursor` for the next page; null on the last. */
  nextCursor: string | null;

  /** Only with `includeTotal=true`. */
  total?: number;
}
