import type { DataSource } from 'typeorm';

/** What changes by itself, by reading, or by being refused: whole tables, or columns of any table. */
/** The dispatcher counts mails when they leave. */
const TABLES_THAT_MOVE = ['idempotency_keys', 'throttles', 'sending_counters', 'mailbox_messages', 'migrations'];
const COLUMNS_THAT_MOVE: Record<string, string[]> = {
  sessions: ['last_used_at'],
  api_keys: ['last_used_at'],
  mail_messages: [
    'status',
    'attempts',
    'deferrals',
    'last_attempt_at',
    'next_attempt_at',
    'last_error',
    'sealed_token',
    'held_until',
  ],
};
const ROWS_THAT_STAY: Record<string, string> = {
  audit_events: `action <> 'access.refused'`,
  sessions: 'expires_at > now()',
  password_resets: 'expires_at > now()',
};

/** One hash for every table that there is. */
export type Fingerprint = Record<string, string>;

/** Of all rows of all tables, but for what moves by itself. */
export async function fingerprint(dataSource: DataSource): Promise<Fingerprint> {
  const tables: { name: string }[] = await dataSource.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND NOT table_name = ANY ($1) ORDER BY 1`,
    [TABLES_THAT_MOVE],
  );
  const rows: { name: string; hash: string | null }[] = await dataSource.query(
    tables.map(({ name }) => hashOfTable(name)).join(' UNION ALL '),
  );
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash ?? '']));
}

export const differences = (before: Fingerprint, after: Fingerprint): string[] =>
  Object.keys(after).filter((table) => before[table] !== after[table]);

function hashOfTable(name: string): string {
  const moving = (COLUMNS_THAT_MOVE[name] ?? []).map((column) => `'${column}'`).join(', ');
  return `SELECT '${name}' AS name, md5(string_agg(line, '|' ORDER BY line)) AS hash FROM (
    SELECT (to_jsonb(t) - ARRAY[${moving}]::text[])::text AS line FROM "${name}" t WHERE ${ROWS_THAT_STAY[name] ?? 'true'}
  ) lines`;
}
