/** Nothing that one program reads as a part of the host and another does not. */
const WEB_ADDRESS = /^https?:\/\/[^\s\\]+$/i;
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

/** The http or https address, as browsers read it; null when it is none, or has a user name, a password or a wildcard in it. */
export function webAddress(text: string): URL | null {
  if (!WEB_ADDRESS.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  return HOST.test(url.hostname) && !url.username && !url.password ? url : null;
}

/** The origin as browsers write it: in lower case, without a default port, a path or a slash at its end; null when there is none. */
export const originOf = (text: string): string | null => webAddress(text)?.origin ?? null;
