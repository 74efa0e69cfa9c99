const NAMED = /^\s*"?([^"<>\r\n]*?)"?\s*<([^<>\s@]+@[^<>\s@]+)>\s*$/;
const BARE = /^\s*([^<>\s@,"]+@[^<>\s@,"]+)\s*$/;

/** Reads `Name <address>` or a bare address; null when it is neither. */
export function addressOf(text: string): { name: string; address: string } | null {
  const named = NAMED.exec(text);
  if (named) return { name: named[1], address: named[2] };
  const bare = BARE.exec(text);
  return bare ? { name: '', address: bare[1] } : null;
}
