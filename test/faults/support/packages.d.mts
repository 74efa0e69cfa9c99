export function postgresql(): string | null;
export function pgbouncer(): string | null;
export function faketime(): string | null;
