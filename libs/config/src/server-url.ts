const PARTS = /^[a-z]+:\/\/([^/?#]*)(.*)$/is;
const ENCODE = 'In the user name and the password write %23 for #, %2F for /, %3F for ?, %25 for % and %40 for @';
const WRONG_PORTS: Record<string, string> = {
  'smtp:465': 'must start with smtps:// for port 465, which is encrypted from the start',
  'smtps:587': 'must start with smtp:// for port 587, which turns to encryption by STARTTLS',
};
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** What is wrong with the address of the database; null when nothing is. Never repeats a part of the value, which has a password. */
export function databaseUrlProblem(value: string): string | null {
  if (!/^postgres(ql)?:\/\//i.test(value)) return 'must start with postgres://';
  // `user@/database?host=/run/postgresql` is a socket's.
  const unreadable = unreadableAs(value.replace(/@\//, '@localhost/'));
  if (unreadable) return unreadable;
  const mode = /[?&]sslmode=([^&]*)/i.exec(value);
  return mode && !SSL_MODES.includes(mode[1]) ? `has an unknown sslmode. Use one of: ${SSL_MODES.join(', ')}` : null;
}

/** What is wrong with the address of the mail server; null when nothing is. Never repeats a part of the value, which has a password. */
export function smtpUrlProblem(value: string): string | null {
  if (!/^smtps?:\/\/./i.test(value)) return 'must start with smtp:// or smtps://';
  const unreadable = unreadableAs(value);
  if (unreadable) return unreadable;
  const { protocol, port, hostname, searchParams } = new URL(value);
  if (!hostname) return 'must name the mail server, as in smtp://user:password@mail.example.com:587';
  return searchParams.has('secure') ? null : (WRONG_PORTS[`${protocol}${port}`] ?? null);
}

function unreadableAs(value: string): string | null {
  if (/\s/.test(value)) return 'has white space in it; write %20 for a space';
  const [, authority, rest] = PARTS.exec(value) ?? [];
  const isCut = /[@#]/.test(rest) || /^[^@]*:\D/.test(authority.replace(/^.*@|\[.*\]/g, ''));
  return isCut || !isDecodable(value) || !URL.canParse(value) ? `cannot be read. ${ENCODE}` : null;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
