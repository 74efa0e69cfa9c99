/** The SQL condition of a session that can be used: not over, and not idle for too long. `sessions` is the table or its alias. */
export const isLive = (sessions: string, idleHours: number): string =>
  `${sessions}.expires_at > now() AND ${sessions}.last_used_at > now() - interval '${idleHours} hours'`;
