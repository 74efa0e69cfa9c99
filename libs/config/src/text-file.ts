import { decodeUtf8 } from './utf8.js';
/** The text without its byte order mark; null when it is not UTF-8, or has null characters, as UTF-16 does. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = decodeUtf8(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
