/** Without a byte order mark. Throws when the bytes are not UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
